/**
 * A span that still runs, carried in the body of a log record: Laststep's `laststep.span.*` and, with the same keys,
 * the partial spans of G-Research. The body is a TracesData: OTLP/JSON text, or protobuf in base64.
 */
import { ATTR, RECORD } from '../../contract/attributes.ts'
import { hours, minutes, seconds, type Millis } from '../../contract/units.ts'
import { MalformedBody, ProtobufCursor } from './protobuf-cursor.ts'
import { eachFullRecord, readSpanRecord } from './read-records-protobuf.ts'
import { readRecordsJson } from './read-records-json.ts'
import type { LogRecord, Origin, SpanRecord } from './reading.ts'

export interface PartialSpan {
  readonly span: SpanRecord
  readonly origin: Origin
}

/** No spans when the body cannot be read. */
export function readPartial(log: LogRecord): readonly PartialSpan[] {
  if (typeof log.body !== 'string') return []
  try {
    const isJson = log.attributes[ATTR.partialBodyType] === 'json/v1'
    const spans = isJson ? spansInJson(log.body) : spansInBase64(log.body)
    return spans.map(({ span, origin }) => ({ span: applyRecord(span, log), origin }))
  } catch (error) {
    if (error instanceof MalformedBody) return []
    throw error
  }
}

function spansInJson(body: string): PartialSpan[] {
  const spans: PartialSpan[] = []
  readRecordsJson('traces', body, {
    span: (span, origin) => spans.push({ span, origin }),
    log: () => {},
    refuse: () => {},
    cut: () => {},
  })
  return spans
}

function spansInBase64(body: string): PartialSpan[] {
  const spans: PartialSpan[] = []
  const cursor = new ProtobufCursor(Buffer.from(body, 'base64'))
  eachFullRecord(cursor, (origin) => {
    const span = readSpanRecord(cursor)
    if (span) spans.push({ span, origin })
  })
  return spans
}

/** What the record around the span adds to it: whether it runs, and which of its snapshots this is. */
function applyRecord(span: SpanRecord, log: LogRecord): SpanRecord {
  const seq = log.attributes[ATTR.seq]
  const stopped = log.attributes[ATTR.partialEvent] === 'stop' || log.event === RECORD.spanEnd
  const reason = log.attributes[ATTR.stopReason]
  return {
    ...span,
    // A snapshot is of a running span, whatever end its sender wrote into it.
    endedAt: stopped ? span.endedAt : null,
    // Senders that do not number their snapshots at least date them.
    seq: typeof seq === 'number' ? seq : Math.floor(log.at),
    stopReason: stopped && span.endedAt === null ? stopReason(reason) : null,
    // Laststep's own snapshots come when there is news: its pulses show life.
    repeatedEvery: stopped || isOurSpan(log) ? null : readFrequency(log.attributes[ATTR.partialFrequency]),
  }
}

const OUR_SPAN_EVENTS: ReadonlySet<string> = new Set([RECORD.spanStart, RECORD.spanSnapshot, RECORD.spanEnd])

export function isOurSpan({ event }: LogRecord): boolean {
  return event !== null && OUR_SPAN_EVENTS.has(event)
}

const MS_OF_UNIT: Readonly<Record<string, Millis>> = { ms: 1, s: seconds(1), m: minutes(1), h: hours(1) }

/** A length of time as Go and Java write it: `5000ms`, `5s`, `1m30s`. */
function readFrequency(value: unknown): Millis | null {
  if (typeof value !== 'string' || !/^([\d.]+(ms|s|m|h))+$/.test(value)) return null
  const parts = [...value.matchAll(/([\d.]+)(ms|s|m|h)/g)]
  const ms = parts.reduce((sum, [, count, unit]) => sum + Number(count) * (MS_OF_UNIT[unit ?? ''] ?? NaN), 0)
  return ms > 0 && Number.isFinite(ms) ? ms : null
}

function stopReason(value: unknown): string {
  return typeof value === 'string' && value !== '' ? value : 'stopped without an end time'
}
