import * as fc from '../../kit/properties.ts'
import { describe, expect, test } from 'vitest'
import { readEntry } from '../../../collector/accept/read-entry.ts'
import { readRecords } from '../../../collector/accept/read-records.ts'
import { signalsFromSpan } from '../../../collector/accept/signal-from-span.ts'
import type { Entry } from '../../../collector/entry.ts'
import { nanosToInstant } from '../../../contract/units.ts'
import { forProtobuf, logsRequest, tracesRequest, type Json } from './arbitrary-otlp.ts'
import { encode } from './oracle.ts'

const traces = (body: Buffer, encoding: Entry['encoding']): Entry => ({ kind: 'traces', encoding, receivedAt: 5, body })
const logs = (body: Buffer, encoding: Entry['encoding']): Entry => ({ kind: 'logs', encoding, receivedAt: 5, body })
const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))

describe('whatever is sent', () => {
  test('the two encodings of the same spans say the same, in full', () => {
    fc.assert(
      fc.property(tracesRequest, (request) => {
        const protobuf = encode('TracesRequest', forProtobuf(request) as object)
        expect(readRecords(traces(protobuf, 'protobuf'))).toEqual(readRecords(traces(json(request), 'json')))
      }),
      { numRuns: 500 },
    )
  })

  test('the hot reader says what the full reader says', () => {
    fc.assert(
      fc.property(tracesRequest, (request) => {
        const protobuf = traces(encode('TracesRequest', forProtobuf(request) as object), 'protobuf')
        const expected = readRecords(protobuf).spans.flatMap((span) => signalsFromSpan(span, span))
        expect(readEntry(protobuf).signals).toEqual(expected)
        expect(readEntry(traces(json(request), 'json')).signals).toEqual(expected)
      }),
      { numRuns: 1_000 },
    )
  })

  test('logs say the same in both encodings, hot and in full', () => {
    fc.assert(
      fc.property(logsRequest, (request) => {
        const protobuf = logs(encode('LogsRequest', forProtobuf(request) as object), 'protobuf')
        expect(readRecords(protobuf)).toEqual(readRecords(logs(json(request), 'json')))
        expect(readEntry(protobuf)).toEqual(readEntry(logs(json(request), 'json')))
      }),
      { numRuns: 500 },
    )
  })

  test('every span that was written is read, with its own ids, name and times', () => {
    fc.assert(
      fc.property(tracesRequest, (request) => {
        const written = (request['resourceSpans'] as Json[])
          .flatMap((resource) => resource['scopeSpans'] as Json[])
          .flatMap((scope) => scope['spans'] as Json[])
        const read = readRecords(traces(encode('TracesRequest', forProtobuf(request) as object), 'protobuf')).spans
        expect(read.map(({ traceId, spanId, name, startedAt }) => ({ traceId, spanId, name, startedAt }))).toEqual(
          written.map((span) => ({
            traceId: span['traceId'],
            spanId: span['spanId'],
            name: span['name'] ?? '',
            startedAt: nanosToInstant(BigInt((span['startTimeUnixNano'] as string | undefined) ?? '0')),
          })),
        )
      }),
      { numRuns: 300 },
    )
  })
})
