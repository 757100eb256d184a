import { describe, expect, test } from 'vitest'
import { MalformedBody } from '../../../collector/accept/protobuf-cursor.ts'
import { readEntry } from '../../../collector/accept/read-entry.ts'
import { readRecords } from '../../../collector/accept/read-records.ts'
import type { Entry } from '../../../collector/entry.ts'
import type { SpanSignal } from '../../../collector/signal.ts'
import { fuzz } from './fuzz-otlp.ts'
import { encode } from './oracle.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const SPAN = 'b7ad6b7169203331'
const NANOS = '1544712660000250001'

const entry = (kind: 'traces' | 'logs', body: Buffer, encoding: Entry['encoding']): Entry => ({
  kind,
  encoding,
  receivedAt: 1,
  body,
})
const jsonTraces = (spans: string): Entry =>
  entry('traces', Buffer.from(`{"resourceSpans":[{"scopeSpans":[{"spans":[${spans}]}]}]}`), 'json')
const protobufTraces = (span: Buffer): Entry => entry('traces', wrap(wrap(wrap(span, 2), 2), 1), 'protobuf')
const firstSpan = (of: Entry): SpanSignal => readEntry(of).signals[0] as SpanSignal

/** A message as field `field` of another. */
function wrap(message: Buffer, field: number): Buffer {
  const length = [message.length & 0x7f]
  for (let rest = message.length >> 7; rest > 0; rest >>= 7) {
    length[length.length - 1] = (length.at(-1) ?? 0) | 0x80
    length.push(rest & 0x7f)
  }
  return Buffer.concat([Buffer.from([(field << 3) | 2, ...length]), message])
}

const ids = Buffer.concat([wrap(Buffer.from(TRACE, 'hex'), 1), wrap(Buffer.from(SPAN, 'hex'), 2)])
const keyValue = (key: string, value: string): Buffer[] => [
  wrap(Buffer.from(key), 1),
  wrap(wrap(Buffer.from(value), 1), 2),
]

describe('protobuf', () => {
  test('an old group and an unknown field are passed over', () => {
    const group = Buffer.from([((20 << 3) & 0x7f) | 0x80 | 3, 1, 0x08, 0x05, ((20 << 3) & 0x7f) | 0x80 | 4, 1])
    const unknown = Buffer.from([0xb8, 0x7d, 0x01])
    expect(firstSpan(protobufTraces(Buffer.concat([group, unknown, ids])))).toMatchObject({
      traceId: TRACE,
      spanId: SPAN,
    })
  })

  test('fields may come in any order: the value before its key, the span before its resource', () => {
    const [key, value] = keyValue('laststep.phase', 'tool') as [Buffer, Buffer]
    const span = wrap(wrap(Buffer.concat([wrap(Buffer.concat([value, key]), 9), ids]), 2), 2)
    const resource = wrap(wrap(Buffer.concat(keyValue('service.name', 'shop')), 1), 1)
    const signal = firstSpan(entry('traces', wrap(Buffer.concat([span, resource]), 1), 'protobuf'))
    expect(signal).toMatchObject({ known: { 'laststep.phase': 'tool' }, source: { service: 'shop' } })
  })

  test('a field of a known number and another wire type is an unknown field', () => {
    const name = Buffer.from([(5 << 3) | 0, 7])
    expect(firstSpan(protobufTraces(Buffer.concat([name, ids])))).toMatchObject({ name: '' })
  })

  test.each([
    ['ends inside a tag', [0x8a]],
    ['ends inside a length', [0x0a, 0x80]],
    ['is longer than it says', [0x0a, 0x05, 0x00]],
    ['has field number 0', [0x00, 0x00]],
    ['has a number of 11 bytes', [0x08, ...Array.from({ length: 10 }, () => 0xff), 0x01]],
    ['closes a group it never opened', [0x0c]],
    ['never closes a group', [0x0b, 0x08, 0x01]],
    ['has wire type 7', [0x0f]],
    ['nests groups for ever', Array.from({ length: 5_000 }, () => 0x0b)],
  ])('a body that %s is refused', (_why, bytes) => {
    expect(() => readEntry(entry('traces', Buffer.from(bytes), 'protobuf'))).toThrow(MalformedBody)
    expect(() => readRecords(entry('traces', Buffer.from(bytes), 'protobuf'))).toThrow(MalformedBody)
  })

  test('a value nested a thousand deep is cut, and the span is kept', () => {
    let value: Buffer = wrap(Buffer.from('core'), 1)
    for (let depth = 0; depth < 1_000; depth++) value = wrap(wrap(value, 1), 5)
    const attribute = Buffer.concat([wrap(Buffer.from('deep'), 1), wrap(value, 2)])
    const deep = protobufTraces(Buffer.concat([wrap(attribute, 9), ids]))
    expect(firstSpan(deep).spanId).toBe(SPAN)
    expect(JSON.stringify(readRecords(deep).spans[0]?.attributes['deep'])).toBe(
      `${'['.repeat(32)}null${']'.repeat(32)}`,
    )
  })
})

describe('JSON', () => {
  // oxfmt-ignore
  test.each([
    ['upper-case ids',             `"traceId":"${TRACE.toUpperCase()}","spanId":"${SPAN.toUpperCase()}"`, { traceId: TRACE, spanId: SPAN }],
    ['base64 ids',                 `"traceId":"${base64(TRACE)}","spanId":"${base64(SPAN)}"`,             { traceId: TRACE, spanId: SPAN }],
    ['times as text',              `${idsJson()},"startTimeUnixNano":"${NANOS}"`,                         { startedAt: 1_544_712_660_000.25 }    ],
    ['times as bare numbers',      `${idsJson()},"startTimeUnixNano":${NANOS}`,                           { startedAt: 1_544_712_660_000.25 }    ],
    ['small integers as numbers',  `${idsJson()},${known('code.line.number', '{"intValue":42}')}`,        { known: { 'code.line.number': 42 } }],
    ['large integers, exactly',    `${idsJson()},${known('laststep.progress', `{"intValue":${NANOS}}`)}`, { known: { 'laststep.progress': NANOS } }],
    ['negative integers as text',  `${idsJson()},${known('laststep.progress', '{"intValue":"-7"}')}`,     { known: { 'laststep.progress': -7 } }],
    ['NaN by its name',            `${idsJson()},${known('laststep.progress', '{"doubleValue":"NaN"}')}`, { known: { 'laststep.progress': 'NaN' } }],
    ['unknown keys',               `${idsJson()},"somethingNew":{"a":[1]}`,                               { traceId: TRACE }],
    ['snake_case keys, not seen',  `${idsJson()},"parent_span_id":"${SPAN}"`,                             { parentSpanId: null }],
    ['no end: still open',         `${idsJson()},"startTimeUnixNano":"5"`,                                { endedAt: null }],
    ['end zero: still open',       `${idsJson()},"startTimeUnixNano":"5","endTimeUnixNano":"0"`,          { endedAt: null }],
    ['end before start: open',     `${idsJson()},"startTimeUnixNano":"5","endTimeUnixNano":"4"`,          { endedAt: null }],
    ['end at start: ended',        `${idsJson()},"startTimeUnixNano":"5","endTimeUnixNano":"5"`,          { endedAt: 0.000005 }],
    ['an enum by its name, unset', `${idsJson()},"status":{"code":"STATUS_CODE_ERROR"}`,                  { status: 'unset' }],
  ])('%s', (_what, span, expected) => {
    expect(firstSpan(jsonTraces(`{${span}}`))).toMatchObject(expected)
  })

  test.each([
    ['no JSON', '{"resourceSpans":'],
    ['an array', '[]'],
    ['null', 'null'],
    ['a number', '7'],
  ])('a body that is %s is refused', (_what, body) => {
    expect(() => readEntry(entry('traces', Buffer.from(body), 'json'))).toThrow(MalformedBody)
  })

  test.each(['{}', '{"resourceSpans":[]}', '{"resourceSpans":[null,7,{"scopeSpans":"x"}]}'])(
    '%s says nothing',
    (body) => {
      expect(readEntry(entry('traces', Buffer.from(body), 'json'))).toMatchObject({
        signals: [],
        refused: 0,
        refusal: null,
        cut: 0,
      })
    },
  )
})

describe('in either encoding', () => {
  test.each([
    ['zeros', '0'.repeat(32), SPAN],
    ['short', TRACE.slice(2), SPAN],
    ['no span id', TRACE, ''],
  ])('a span with %s for ids is refused by itself', (_what, traceId, spanId) => {
    const spans = [
      { traceId, spanId },
      { traceId: TRACE, spanId: SPAN },
    ]
    const asBytes = spans.map((ids) => ({
      traceId: Buffer.from(ids.traceId, 'hex'),
      spanId: Buffer.from(ids.spanId, 'hex'),
    }))
    const protobuf = encode('TracesRequest', { resourceSpans: [{ scopeSpans: [{ spans: asBytes }] }] })
    for (const reading of [
      readEntry(jsonTraces(spans.map((ids) => JSON.stringify(ids)).join())),
      readEntry(entry('traces', protobuf, 'protobuf')),
    ]) {
      expect(reading).toMatchObject({ refused: 1, refusal: expect.stringContaining('trace id') })
      expect(reading.signals).toHaveLength(1)
    }
  })

  const log = { timeUnixNano: NANOS, severityNumber: 9, body: { stringValue: 'hello' } }
  const logs = encode('LogsRequest', { resourceLogs: [{ scopeLogs: [{ logRecords: [log] }] }] })
  const spans = protobufTraces(ids).body
  test.each([
    ['logs as traces, protobuf', entry('traces', logs, 'protobuf'), '/v1/logs'],
    ['logs as traces, JSON', entry('traces', Buffer.from('{"resourceLogs":[]}'), 'json'), '/v1/logs'],
    ['traces as logs, protobuf', entry('logs', Buffer.from(spans), 'protobuf'), '/v1/traces'],
    ['traces as logs, JSON', entry('logs', Buffer.from('{"resourceSpans":[]}'), 'json'), '/v1/traces'],
  ])('%s: the answer says where they belong', (_what, misdirected, path) => {
    expect(() => readEntry(misdirected)).toThrow(path)
  })

  test('50,000 broken bodies are each read or refused, none of them slowly', () => {
    const result = fuzz(20_261_122, 50_000)
    expect(result.failures).toEqual([])
    expect(result.read).toBeGreaterThan(1_000)
    expect(result.refused).toBeGreaterThan(1_000)
  })
})

function idsJson(): string {
  return `"traceId":"${TRACE}","spanId":"${SPAN}"`
}

function known(key: string, value: string): string {
  return `"attributes":[{"key":"${key}","value":${value}}]`
}

function base64(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64')
}
