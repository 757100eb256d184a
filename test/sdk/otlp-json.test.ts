import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer'
import { context, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { expect, test } from 'vitest'
import { encodeLogRecord, encodeResource, encodeScopeSpans, encodeTime } from '../../sdk/otlp-json.ts'

const exporter = new InMemorySpanExporter()
const tracer = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }).getTracer(
  'test',
  '1.2.3',
)

test('a finished span is encoded as OpenTelemetry itself encodes it', () => {
  const parent = trace.setSpan(ROOT_CONTEXT, tracer.startSpan('parent'))
  const span = tracer.startSpan(
    'everything',
    {
      kind: SpanKind.CLIENT,
      attributes: { text: 'ü "quoted"', whole: 42, negative: -7, fraction: 0.5, yes: true, list: ['a', 'b'] },
      links: [
        {
          context: { traceId: '5b8efff798038103d269b633813fc60c', spanId: 'eee19b7ec3c1b174', traceFlags: 1 },
          attributes: { why: 'resumed' },
        },
      ],
    },
    parent,
  )
  span.recordException(new TypeError('no'))
  span.setStatus({ code: SpanStatusCode.ERROR, message: 'no' })
  span.end()
  const finished = exporter.getFinishedSpans()
  const oracle = JSON.parse(Buffer.from(JsonTraceSerializer.serializeRequest(finished) ?? []).toString()) as {
    resourceSpans: { scopeSpans: object[] }[]
  }
  const [only] = finished
  expect(only && normalise(JSON.parse(encodeScopeSpans(only)))).toEqual(
    normalise(oracle.resourceSpans[0]?.scopeSpans[0]),
  )
  expect(context.active()).toBe(ROOT_CONTEXT)
})

/** The protocol allows both: 64-bit integers as text or number, and empty fields left out. */
function normalise(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(normalise)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, part]) => !(key.startsWith('dropped') && part === 0))
      .map(([key, part]) => [key, key === 'intValue' ? Number(part) : normalise(part)]),
  )
}

// oxfmt-ignore
test.each([
  ['a text',               'x',                      { stringValue: 'x' }],
  ['a whole number',       12,                       { intValue: '12' }],
  ['a fraction',           1.5,                      { doubleValue: 1.5 }],
  ['a number too big',     2 ** 60,                  { doubleValue: 2 ** 60 }],
  ['not a number',         Number.NaN,               { doubleValue: 'NaN' }],
  ['a 64-bit integer',     2n ** 62n,                { intValue: '4611686018427387904' }],
  ['bytes',                new Uint8Array([1, 2]),   { bytesValue: 'AQI=' }],
  ['a list with a hole',   ['a', null],              { arrayValue: { values: [{ stringValue: 'a' }, {}] } }],
  ['a map',                { a: { b: true } },       { kvlistValue: { values: [{ key: 'a', value: { kvlistValue: { values: [{ key: 'b', value: { boolValue: true } }] } } }] } }],
] as const)('values: %s', (_, value, encoded) => {
  expect(JSON.parse(encodeResource({ key: value }))).toEqual({ attributes: [{ key: 'key', value: encoded }] })
})

test('what is not there is left out', () => {
  expect(JSON.parse(encodeResource({ a: undefined, b: null }))).toEqual({ attributes: [] })
  expect(JSON.parse(encodeLogRecord({ event: 'e', at: 1.5, attributes: {} }))).toEqual({
    timeUnixNano: '1500000',
    observedTimeUnixNano: '1500000',
    severityNumber: 9,
    eventName: 'e',
    attributes: [],
  })
})

test('times keep their nanoseconds', () => {
  expect(encodeTime([1_795_378_838, 5])).toBe('1795378838000000005')
})
