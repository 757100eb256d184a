import type { Entry } from '../entry.ts'
import { readLogsProtobuf, readTracesProtobuf } from './read-otlp-protobuf.ts'
import { readRecordsJson } from './read-records-json.ts'
import { newReading, noteExcess, refuse, type Reading } from './reading.ts'
import { signalFromSpan } from './signal-from-span.ts'
import { signalsFromLog } from './signals-from-log.ts'

/**
 * Read an OTLP request into Signals: when it arrives, and again from the log after a restart.
 * @throws MalformedBody when the body is not what kind and encoding say
 */
export function readEntry({ kind, encoding, body }: Pick<Entry, 'kind' | 'encoding' | 'body'>): Reading {
  if (kind === 'gap') return newReading()
  if (encoding === 'json') return readJson(kind, body)
  return kind === 'traces' ? readTracesProtobuf(body) : readLogsProtobuf(body)
}

function readJson(kind: 'traces' | 'logs', body: Uint8Array): Reading {
  const reading = newReading()
  readRecordsJson(kind, utf8(body), {
    span: (span, origin) => reading.signals.push(signalFromSpan(span, origin.source)),
    log: (log, origin) => signalsFromLog(log, origin.source, reading),
    refuse: (why) => refuse(reading, why),
    cut: (excess) => noteExcess(reading, excess),
  })
  return reading
}

export function utf8(body: Uint8Array): string {
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8')
}
