/** Requests for the benchmarks: agent runs that have ended, new ids in every request, 1.45 KB a span in protobuf. */

export type LoadEncoding = 'protobuf' | 'json'

export interface Load {
  /** An `ExportTraceServiceRequest`; the same bytes every time, renewed in place. */
  readonly body: Buffer
  readonly contentType: string
  readonly spans: number
  /** Makes it another request, about other runs. */
  renew(number: number): void
  /** The number that a request with this body was given. */
  numberOf(body: Uint8Array): number
  /** Trace ids of its runs, as hex. */
  traceIds(number: number): readonly string[]
}

interface MadeSpan {
  readonly traceId: Buffer
  readonly spanId: Buffer
  readonly parentSpanId: Buffer | null
  readonly name: string
  readonly startNanos: bigint
  readonly attributes: readonly (readonly [string, string])[]
}

/** A run of five model calls and four tools, with the HTTP and database calls below them. */
const SPANS_A_RUN = 50
/** Stands where a request's number goes, in every id: fresh runs each time, without encoding anything again. */
const MARK = Buffer.from('a7c3e95b', 'hex')
const DURATION_NANOS = 900_000n

/** @param seed of the connection: two loads with different seeds never speak of the same run */
export function makeLoad(
  seed: number,
  encoding: LoadEncoding = 'protobuf',
  spans = 100,
  spansARun = SPANS_A_RUN,
): Load {
  const made = Array.from({ length: spans }, (_, index) => makeSpan(seed, index, spansARun))
  const body = encoding === 'protobuf' ? writeProtobuf(made) : Buffer.from(JSON.stringify(writeJson(made)))
  const mark = encoding === 'protobuf' ? MARK : Buffer.from(MARK.toString('hex'))
  const marks: number[] = []
  for (let at = body.indexOf(mark); at !== -1; at = body.indexOf(mark, at + mark.length)) marks.push(at)
  const first = marks[0] ?? 0
  const runs = Math.ceil(spans / spansARun)
  return {
    body,
    contentType: encoding === 'protobuf' ? 'application/x-protobuf' : 'application/json',
    spans,
    renew(number) {
      const written = encoding === 'protobuf' ? markOf(number) : Buffer.from(markOf(number).toString('hex'))
      for (const at of marks) written.copy(body, at)
    },
    numberOf: (other) => {
      const found = Buffer.from(other.buffer, other.byteOffset + first, mark.length)
      return (encoding === 'protobuf' ? found : Buffer.from(found.toString(), 'hex')).readUInt32LE(0)
    },
    traceIds: (number) =>
      Array.from({ length: runs }, (_, run) => traceIdOf(seed, markOf(number), run).toString('hex')),
  }
}

function markOf(number: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(number, 0)
  return bytes
}

function traceIdOf(seed: number, mark: Buffer, run: number): Buffer {
  const head = Buffer.alloc(4)
  head.writeUInt32BE(seed + 1, 0)
  return Buffer.concat([head, mark, Buffer.alloc(8, run + 1)])
}

/** Span `index` of the request: the first of each run is its run span, the others its steps, all of them ended. */
function makeSpan(seed: number, index: number, spansARun: number): MadeSpan {
  const run = Math.floor(index / spansARun)
  const isRun = index % spansARun === 0
  const isTool = index % 3 === 0
  return {
    traceId: traceIdOf(seed, MARK, run),
    spanId: Buffer.concat([MARK, Buffer.alloc(4, index + 1)]),
    parentSpanId: isRun ? null : Buffer.concat([MARK, Buffer.alloc(4, run * spansARun + 1)]),
    name: isRun ? 'invoke_agent support' : isTool ? `execute_tool tool_${index}` : 'chat gpt-5',
    startNanos: 1_795_000_000_000_000_000n + BigInt(index) * 1_000_000n,
    attributes: [
      ['gen_ai.operation.name', isRun ? 'invoke_agent' : isTool ? 'execute_tool' : 'chat'],
      isRun
        ? ['gen_ai.agent.name', 'support']
        : isTool
          ? ['gen_ai.tool.name', `tool_${index}`]
          : ['gen_ai.request.model', 'gpt-5'],
      ...FILLERS,
    ],
  }
}

/** Twelve attributes nobody reads on the hot path: what real spans are full of. */
const FILLERS: readonly (readonly [string, string])[] = Array.from({ length: 12 }, (_, index) => [
  `app.request.attribute_${index}`,
  `value ${index} ${'abcdefgh '.repeat(7)}`,
])

const RESOURCE = [
  ['service.name', 'checkout'],
  ['service.version', '4.2.0'],
] as const

// JSON.

function writeJson(spans: readonly MadeSpan[]): object {
  const attribute = ([key, value]: readonly [string, string]) => ({ key, value: { stringValue: value } })
  const written = spans.map((span) => ({
    traceId: span.traceId.toString('hex'),
    spanId: span.spanId.toString('hex'),
    ...(span.parentSpanId && { parentSpanId: span.parentSpanId.toString('hex') }),
    name: span.name,
    kind: 1,
    startTimeUnixNano: String(span.startNanos),
    endTimeUnixNano: String(span.startNanos + DURATION_NANOS),
    attributes: span.attributes.map(attribute),
  }))
  const resource = { attributes: RESOURCE.map(attribute) }
  return { resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'ai' }, spans: written }] }] }
}

// Protobuf; numbers are those of opentelemetry-proto.

function writeProtobuf(spans: readonly MadeSpan[]): Buffer {
  const resource = field(1, Buffer.concat(RESOURCE.map(([key, value]) => field(1, keyValue(key, value)))))
  const scope = field(1, field(1, Buffer.from('ai')))
  const written = spans.map((span) => field(2, spanBytes(span)))
  return field(1, Buffer.concat([resource, field(2, Buffer.concat([scope, ...written]))]))
}

function spanBytes(span: MadeSpan): Buffer {
  return Buffer.concat([
    field(1, span.traceId),
    field(2, span.spanId),
    ...(span.parentSpanId ? [field(4, span.parentSpanId)] : []),
    field(5, Buffer.from(span.name)),
    Buffer.from([(6 << 3) | 0, 1]),
    fixed64(7, span.startNanos),
    fixed64(8, span.startNanos + DURATION_NANOS),
    ...span.attributes.map(([key, value]) => field(9, keyValue(key, value))),
  ])
}

function keyValue(key: string, value: string): Buffer {
  return Buffer.concat([field(1, Buffer.from(key)), field(2, field(1, Buffer.from(value)))])
}

function fixed64(number: number, value: bigint): Buffer {
  const bytes = Buffer.alloc(9)
  bytes.writeUInt8((number << 3) | 1, 0)
  bytes.writeBigUInt64LE(value, 1)
  return bytes
}

function field(number: number, value: Buffer): Buffer {
  const head = [(number << 3) | 2]
  let rest = value.length
  for (; rest >= 0x80; rest >>>= 7) head.push((rest & 0x7f) | 0x80)
  return Buffer.concat([Buffer.from([...head, rest]), value])
}
