/** A real OTLP/HTTP receiver that remembers: JSON, plain or gzip, on a port of its own. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import type { DeliveryNews } from '../../contract/deliveries.ts'

export interface ReceivedRequest {
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** As sent, compressed or not. */
  readonly wireBytes: number
  readonly body: string
}

/**
 * A log record with its OTLP wrapping taken off: integers as numbers, nanoseconds as text. A record of several messages
 * is one of each, with what its row says as attributes.
 */
export interface ReceivedRecord {
  readonly event: string
  readonly traceId: string | undefined
  readonly spanId: string | undefined
  readonly timeUnixNano: string
  readonly attributes: Readonly<Record<string, unknown>>
  readonly resource: Readonly<Record<string, unknown>>
  readonly body: string | undefined
  /** Of the record alone, as JSON. */
  readonly bytes: number
}

export interface ReceivedSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | undefined
  readonly name: string
  readonly startTimeUnixNano: string
  /** Undefined while open. */
  readonly endTimeUnixNano: string | undefined
  readonly attributes: Readonly<Record<string, unknown>>
  readonly events: readonly { readonly name: string; readonly attributes: Readonly<Record<string, unknown>> }[]
  readonly status: { readonly code?: number; readonly message?: string }
  readonly resource: Readonly<Record<string, unknown>>
}

export interface OtlpReceiver {
  readonly url: string
  readonly requests: readonly ReceivedRequest[]
  /** Requests answered otherwise than by 200. */
  readonly refused: number
  /** Answer this instead of 200 from now on; `null` never answers. */
  answer(status: number | null, headers?: Readonly<Record<string, string>>): void
  records(event?: string): ReceivedRecord[]
  /** Finished spans sent to `/v1/traces` as JSON. */
  spans(): ReceivedSpan[]
  stop(): Promise<void>
}

export async function startOtlpReceiver(port = 0): Promise<OtlpReceiver> {
  const requests: ReceivedRequest[] = []
  let status: number | null = 200
  let refused = 0
  let answerHeaders: Readonly<Record<string, string>> = {}

  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const bytes = Buffer.concat(chunks)
      if (status === null) return
      if (status !== 200) refused++
      else {
        const body = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString()
        requests.push({ path: request.url ?? '', headers: request.headers, wireBytes: bytes.length, body })
      }
      response.writeHead(status, { 'content-type': 'application/json', ...answerHeaders }).end('{}')
    })
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const address = server.address() as AddressInfo

  const bodies = (path: string) =>
    requests
      .filter((request) => request.path === path && request.headers['content-type'] === 'application/json')
      .map((request) => JSON.parse(request.body) as OtlpBody)

  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    get refused() {
      return refused
    },
    answer(nextStatus, headers = {}) {
      status = nextStatus
      answerHeaders = headers
    },
    records: (event) =>
      bodies('/v1/logs')
        .flatMap(readLogs)
        .filter((record) => event === undefined || record.event === event),
    spans: () => bodies('/v1/traces').flatMap(readTraces),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** The spans in an OTLP/JSON `TracesData`, as the body of an open-span record holds it. */
export function readTracesData(text: string): ReceivedSpan[] {
  return readTraces(JSON.parse(text) as OtlpBody)
}

interface OtlpValue {
  readonly stringValue?: string
  readonly boolValue?: boolean
  readonly intValue?: string
  readonly doubleValue?: number
  readonly arrayValue?: { readonly values: readonly OtlpValue[] }
}

type OtlpAttributes = readonly { readonly key: string; readonly value: OtlpValue }[]

interface OtlpLogRecord {
  readonly eventName: string
  readonly timeUnixNano: string
  readonly traceId?: string
  readonly spanId?: string
  readonly attributes: OtlpAttributes
  readonly body?: OtlpValue
}

interface OtlpSpan extends Pick<ReceivedSpan, 'traceId' | 'spanId' | 'name' | 'startTimeUnixNano' | 'status'> {
  readonly parentSpanId?: string
  readonly endTimeUnixNano?: string
  readonly attributes: OtlpAttributes
  readonly events: readonly { readonly name: string; readonly attributes: OtlpAttributes }[]
}

interface OtlpBody {
  readonly resourceLogs?: readonly {
    readonly resource: { readonly attributes: OtlpAttributes }
    readonly scopeLogs: readonly { readonly logRecords: readonly OtlpLogRecord[] }[]
  }[]
  readonly resourceSpans?: readonly {
    readonly resource: { readonly attributes: OtlpAttributes }
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[]
  }[]
}

function readLogs({ resourceLogs = [] }: OtlpBody): ReceivedRecord[] {
  const records = resourceLogs.flatMap(({ resource, scopeLogs }) =>
    scopeLogs.flatMap(({ logRecords }) =>
      logRecords.map((record): ReceivedRecord => ({
        event: record.eventName,
        traceId: record.traceId,
        spanId: record.spanId,
        timeUnixNano: record.timeUnixNano,
        attributes: readAttributes(record.attributes),
        resource: readAttributes(resource.attributes),
        body: record.body?.stringValue,
        bytes: Buffer.byteLength(JSON.stringify(record)),
      })),
    ),
  )
  // One by one they have no body.
  const areMany = ({ event, body }: ReceivedRecord) => event === 'laststep.delivery' && body !== undefined
  return records.flatMap((record) => (areMany(record) ? readMessages(record) : record))
}

function readMessages(record: ReceivedRecord): ReceivedRecord[] {
  const rows = JSON.parse(record.body ?? '[]') as DeliveryNews[]
  return rows.map(([seq, event, reached, more = {}]) => {
    const at = Object.values(reached).map((micros) => String(BigInt(record.timeUnixNano) + BigInt(micros) * 1_000n))
    const said = {
      seq,
      event,
      attempt: 1,
      states: Object.keys(reached),
      at,
      ...more,
    }
    const named = Object.entries(said).map(([key, value]) => [`laststep.delivery.${key}`, value])
    return { ...record, attributes: { ...record.attributes, ...Object.fromEntries(named) } }
  })
}

function readTraces({ resourceSpans = [] }: OtlpBody): ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => ({
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentSpanId,
        name: span.name,
        startTimeUnixNano: span.startTimeUnixNano,
        endTimeUnixNano: span.endTimeUnixNano,
        attributes: readAttributes(span.attributes),
        events: span.events.map(({ name, attributes }) => ({ name, attributes: readAttributes(attributes) })),
        status: span.status,
        resource: readAttributes(resource.attributes),
      })),
    ),
  )
}

function readAttributes(attributes: OtlpAttributes): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, readValue(value)]))
}

function readValue(value: OtlpValue): unknown {
  if (value.arrayValue !== undefined) return value.arrayValue.values.map(readValue)
  if (value.intValue !== undefined) {
    const number = Number(value.intValue)
    return Number.isSafeInteger(number) ? number : value.intValue
  }
  return value.stringValue ?? value.boolValue ?? value.doubleValue ?? null
}
