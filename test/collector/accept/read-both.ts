/** One request in both encodings, through the collector's own reader: what it says must not depend on the encoding. */
import { expect } from 'vitest'
import { readEntry } from '../../../collector/accept/read-entry.ts'
import type { Signal } from '../../../collector/signal.ts'
import type { AttributeValue } from '../../../contract/runs.ts'
import { forProtobuf, type Json } from './arbitrary-otlp.ts'
import { encode } from './oracle.ts'

export type Fields = Readonly<Record<string, string | number | boolean | readonly string[]>>

export function readSpans(spans: readonly object[]): readonly Signal[] {
  return readBoth('traces', { resourceSpans: [{ scopeSpans: [{ spans }] }] } as unknown as Json)
}

export function readLogs(logRecords: readonly object[]): readonly Signal[] {
  return readBoth('logs', { resourceLogs: [{ scopeLogs: [{ logRecords }] }] } as unknown as Json)
}

function readBoth(kind: 'traces' | 'logs', request: Json): readonly Signal[] {
  const message = kind === 'traces' ? 'TracesRequest' : 'LogsRequest'
  const protobuf = encode(message, forProtobuf(request) as object)
  const { signals } = readEntry({ kind, encoding: 'protobuf', body: protobuf })
  expect(readEntry({ kind, encoding: 'json', body: Buffer.from(JSON.stringify(request)) }).signals).toEqual(signals)
  return signals
}

export function attributesOf(fields: Fields): object[] {
  return Object.entries(fields).map(([key, value]) => ({ key, value: valueOf(value) }))
}

function valueOf(value: AttributeValue | readonly string[]): object {
  if (Array.isArray(value)) return { arrayValue: { values: value.map(valueOf) } }
  if (typeof value === 'number') return { intValue: String(value) }
  return typeof value === 'boolean' ? { boolValue: value } : { stringValue: String(value) }
}
