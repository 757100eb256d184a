/**
 * Random telemetry for property tests, in one neutral form (OTLP/JSON, which is plain data) with the functions that
 * turn it into each encoding and into what the readers should say.
 */
import * as fc from 'fast-check'
import { KNOWN_KEYS } from '../../../collector/signal.ts'

/** OTLP/JSON as plain data. */
export type Json = Record<string, unknown>

const hex = (bytes: number): fc.Arbitrary<string> =>
  fc
    .uint8Array({ minLength: bytes, maxLength: bytes })
    .filter((id) => id.some((byte) => byte !== 0))
    .map((id) => Buffer.from(id).toString('hex'))

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String)
const nanos = fc
  .oneof(
    fc.bigInt({ min: 1_600_000_000_000_000_000n, max: 1_900_000_000_000_000_000n }),
    fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  )
  .map(String)
/** Lone surrogates are no text in either encoding. */
const text = fc.string({ unit: 'binary', maxLength: 40 })

const { anyValue } = fc.letrec<{ anyValue: Json; keyValue: Json }>((tie) => ({
  anyValue: fc.oneof(
    { depthSize: 'small' },
    fc.record({ stringValue: text }),
    fc.record({ boolValue: fc.boolean() }),
    fc.record({ intValue: int64 }),
    // JSON has no negative zero.
    fc.record({ doubleValue: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0) }),
    fc.constantFrom({ doubleValue: 'NaN' }, { doubleValue: 'Infinity' }, { doubleValue: '-Infinity' }, {}),
    fc.record({ bytesValue: fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString('base64')) }),
    fc.array(tie('anyValue'), { maxLength: 3 }).map((values) => ({ arrayValue: { values } })),
    fc.array(tie('keyValue'), { maxLength: 3 }).map((values) => ({ kvlistValue: { values } })),
  ) as fc.Arbitrary<Json>,
  keyValue: fc.record({ key: text, value: tie('anyValue') }),
}))

const key = fc.oneof(text, fc.constantFrom(...KNOWN_KEYS))
const attributes = fc.uniqueArray(fc.record({ key, value: anyValue }), { selector: (pair) => pair.key, maxLength: 8 })

const event = fc.record({
  timeUnixNano: nanos,
  name: fc.oneof(fc.constant('exception'), text),
  attributes: fc.uniqueArray(
    fc.record({
      key: fc.oneof(text, fc.constantFrom('exception.type', 'exception.message', 'exception.stacktrace')),
      value: anyValue,
    }),
    { selector: (pair) => pair.key, maxLength: 4 },
  ),
})

export const span: fc.Arbitrary<Json> = fc.record(
  {
    traceId: hex(16),
    spanId: hex(8),
    parentSpanId: fc.oneof(hex(8), fc.constant('')),
    name: text,
    kind: fc.integer({ min: 0, max: 5 }),
    startTimeUnixNano: nanos,
    endTimeUnixNano: fc.oneof(nanos, fc.constant('0')),
    attributes,
    droppedAttributesCount: fc.nat(),
    events: fc.array(event, { maxLength: 3 }),
    links: fc.array(fc.record({ traceId: hex(16), spanId: hex(8), attributes }), { maxLength: 2 }),
    status: fc.record({ message: text, code: fc.integer({ min: 0, max: 2 }) }),
    flags: fc.nat(),
  },
  { requiredKeys: ['traceId', 'spanId'] },
)

export const logRecord: fc.Arbitrary<Json> = fc.record(
  {
    timeUnixNano: nanos,
    observedTimeUnixNano: nanos,
    severityNumber: fc.integer({ min: 0, max: 24 }),
    severityText: text,
    body: anyValue,
    attributes,
    traceId: hex(16),
    spanId: hex(8),
    eventName: text,
  },
  { requiredKeys: [] },
)

const resource = fc.record({
  attributes: fc.uniqueArray(
    fc.record({ key: fc.oneof(text, fc.constantFrom('service.name', 'service.instance.id')), value: anyValue }),
    { selector: (pair) => pair.key, maxLength: 4 },
  ),
})
const scope = fc.record({ name: text, version: text })

export const tracesRequest: fc.Arbitrary<Json> = fc.record({
  resourceSpans: fc.array(
    fc.record({
      resource,
      scopeSpans: fc.array(fc.record({ scope, spans: fc.array(span, { maxLength: 4 }) }), { maxLength: 2 }),
    }),
    { maxLength: 2 },
  ),
})

export const logsRequest: fc.Arbitrary<Json> = fc.record({
  resourceLogs: fc.array(
    fc.record({
      resource,
      scopeLogs: fc.array(fc.record({ scope, logRecords: fc.array(logRecord, { maxLength: 4 }) }), { maxLength: 2 }),
    }),
    { maxLength: 2 },
  ),
})

const ID_KEYS = new Set(['traceId', 'spanId', 'parentSpanId'])

/** OTLP/JSON to what protobufjs encodes: ids are bytes there, and numbers spelled out are numbers. */
export function forProtobuf(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => forProtobuf(item))
  if (typeof value === 'string') {
    if (ID_KEYS.has(key)) return Buffer.from(value, 'hex')
    if (key === 'bytesValue') return Buffer.from(value, 'base64')
    return key === 'doubleValue' ? Number(value) : value
  }
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, forProtobuf(item, key)]))
}
