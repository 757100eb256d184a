import type { Entry } from '../entry.ts'
import { KNOWN_KEYS } from '../signal.ts'
import { PATH_KEYS } from '../vendor-attributes.ts'
import { readLogsProtobuf, readTracesProtobuf } from './read-otlp-protobuf.ts'
import { readRecordsJson, type Wanted } from './read-records-json.ts'
import { newReading, noteExcess, refuse, type Reading, type RecordSink } from './reading.ts'
import { signalsFromSpan } from './signal-from-span.ts'
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

/** What `signalsFromSpan` looks at; the rest of a span is most of it, and stays in the log for the run page. */
const WANTED: Wanted = { attributes: new Set<string>([...KNOWN_KEYS, ...PATH_KEYS]), events: new Set(['exception']) }

function readJson(kind: 'traces' | 'logs', body: Uint8Array): Reading {
  const reading = newReading()
  const sink: RecordSink = {
    span(span, origin) {
      reading.records += 1
      reading.signals.push(...signalsFromSpan(span, origin))
    },
    log(log, origin) {
      reading.records += 1
      signalsFromLog(log, origin.source, reading)
    },
    refuse(why) {
      reading.records += 1
      refuse(reading, why)
    },
    cut: (excess) => noteExcess(reading, excess),
  }
  readRecordsJson(kind, utf8(body), sink, WANTED)
  return reading
}

export function utf8(body: Uint8Array): string {
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8')
}
