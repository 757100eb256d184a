/** Our readers against protobufjs, field by field: on generated requests, scrambled ones, and the specification's examples. */
import { readFileSync } from 'node:fs'
import * as fc from '../../kit/properties.ts'
import { describe, expect, test } from 'vitest'
import { readEntry } from '../../../collector/accept/read-entry.ts'
import { readRecords } from '../../../collector/accept/read-records.ts'
import { signalsFromSpan } from '../../../collector/accept/signal-from-span.ts'
import type { Entry } from '../../../collector/entry.ts'
import { forProtobuf, logsRequest, tracesRequest, type Json } from './arbitrary-otlp.ts'
import { expectLogs, expectSpans } from './expect-records.ts'
import { mulberry32 } from './fuzz-otlp.ts'
import { encode, typeOf } from './oracle.ts'
import { scramble } from './scramble.ts'

const entry = (kind: 'traces' | 'logs', body: Uint8Array, encoding: Entry['encoding'] = 'protobuf'): Entry => ({
  kind,
  encoding,
  receivedAt: 5,
  body,
})
const spansIn = (of: Entry) =>
  readRecords(of).spans.map(
    ({ receivedAt: _at, seq: _seq, stopReason: _reason, repeatedEvery: _every, ...span }) => span,
  )
const logsIn = (of: Entry) => readRecords(of).logs.map(({ receivedAt: _at, signal: _signal, ...log }) => log)
/** Logs of ours carry spans and signals: they are the business of `signals-from-log.test.ts`. */
const plainLogs = logsRequest.filter((request) => !JSON.stringify(request).includes('partial.event'))

describe('generated requests are read as protobufjs reads them', () => {
  test('spans', () => {
    fc.assert(
      fc.property(tracesRequest, (request) => {
        const body = encode('TracesRequest', forProtobuf(request) as object)
        expect(spansIn(entry('traces', body))).toEqual(expectSpans(body))
      }),
      { numRuns: 500 },
    )
  })

  test('logs', () => {
    fc.assert(
      fc.property(plainLogs, (request) => {
        const body = encode('LogsRequest', forProtobuf(request) as object)
        expect(logsIn(entry('logs', body))).toEqual(expectLogs(body))
      }),
      { numRuns: 500 },
    )
  })

  test('spans, with fields in any order and unknown fields and groups between them, hot and in full', () => {
    fc.assert(
      fc.property(tracesRequest, fc.integer(), (request, seed) => {
        const plain = encode('TracesRequest', forProtobuf(request) as object)
        const body = scramble(typeOf('TracesRequest'), plain, mulberry32(seed))
        expect(spansIn(entry('traces', body))).toEqual(expectSpans(plain))
        expect(expectSpans(body)).toEqual(expectSpans(plain))
        const hot = readRecords(entry('traces', plain)).spans.flatMap((span) => signalsFromSpan(span, span))
        expect(readEntry(entry('traces', body)).signals).toEqual(hot)
      }),
      { numRuns: 300 },
    )
  })

  test('logs, scrambled', () => {
    fc.assert(
      fc.property(plainLogs, fc.integer(), (request, seed) => {
        const plain = encode('LogsRequest', forProtobuf(request) as object)
        const body = scramble(typeOf('LogsRequest'), plain, mulberry32(seed))
        expect(logsIn(entry('logs', body))).toEqual(expectLogs(plain))
        expect(readEntry(entry('logs', body))).toEqual(readEntry(entry('logs', plain)))
      }),
      { numRuns: 300 },
    )
  })
})

describe('the examples of opentelemetry-proto', () => {
  const example = (name: string): string => readFileSync(new URL(`./examples/${name}.json`, import.meta.url), 'utf8')
  const TRACE = '5b8efff798038103d269b633813fc60c'
  const source = {
    service: 'shop',
    version: null,
    environment: null,
    instance: null,
    workingDirectory: null,
    contract: null,
  }

  test('trace.json', () => {
    const spans = spansIn(entry('traces', Buffer.from(example('trace')), 'json'))
    expect(spans).toEqual([
      {
        source,
        resource: { 'service.name': 'shop' },
        scope: { name: 'shop.orders', version: '1.0.0' },
        traceId: TRACE,
        spanId: 'eee19b7ec3c1b174',
        parentSpanId: 'eee19b7ec3c1b173',
        name: 'a span of a server',
        kind: 'server',
        startedAt: 1_544_712_660_000,
        endedAt: 1_544_712_661_000,
        status: 'unset',
        statusMessage: null,
        attributes: { 'span.attribute': 'of the span' },
        events: [],
        links: [],
      },
    ])
    expect(spansIn(entry('traces', encoded('TracesRequest', example('trace'))))).toEqual(spans)
  })

  test('logs.json', () => {
    const logs = logsIn(entry('logs', Buffer.from(example('logs')), 'json'))
    expect(logs).toEqual([
      {
        source,
        resource: { 'service.name': 'shop' },
        scope: { name: 'shop.orders', version: '1.0.0' },
        at: 1_544_712_660_300,
        severityNumber: 10,
        severity: 'Information',
        event: null,
        body: 'an example of a log record',
        traceId: TRACE,
        spanId: 'eee19b7ec3c1b174',
        attributes: {
          text: 'some text',
          boolean: true,
          integer: 10,
          double: 637.704,
          array: ['many', 'values'],
          map: { 'a.key': 'a value' },
        },
      },
    ])
    expect(logsIn(entry('logs', encoded('LogsRequest', example('logs'))))).toEqual(logs)
  })

  test('events.json', () => {
    const logs = logsIn(entry('logs', Buffer.from(example('events')), 'json'))
    expect(logs).toMatchObject([
      {
        at: 1_544_712_660_300,
        severity: 'INFO',
        event: 'browser.page_view',
        body: { type: 0, url: 'https://shop.example/page', title: 'a page' },
        traceId: null,
        attributes: { 'event.attribute': 'of the event' },
      },
    ])
    expect(logsIn(entry('logs', encoded('LogsRequest', example('events'))))).toEqual(logs)
  })

  function encoded(name: 'TracesRequest' | 'LogsRequest', json: string): Buffer {
    return encode(name, forProtobuf(JSON.parse(json) as Json) as object)
  }
})
