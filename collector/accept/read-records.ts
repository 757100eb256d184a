import type { Entry } from '../entry.ts'
import type { FullLog, FullSpan, Records } from '../record.ts'
import { LOG, SPAN } from './otlp-tags.ts'
import { ProtobufCursor } from './protobuf-cursor.ts'
import { utf8 } from './read-entry.ts'
import { lifecycleOf } from './lifecycle-logs.ts'
import { readPartial } from './read-partial.ts'
import { readRecordsJson } from './read-records-json.ts'
import { eachFullRecord, readLogRecord, readSpanRecord } from './read-records-protobuf.ts'
import type { LogRecord, Origin, RecordSink } from './reading.ts'
import { isPartial, knownSource, signalsOf } from './signals-from-log.ts'

/**
 * Every record of one log entry, in full, for the run page. Snapshots that travel in log records are spans here.
 * @param isWanted leaves out the records of other traces, unread where the encoding allows it; those of no trace stay
 * @throws MalformedBody when the entry is not what kind and encoding say
 */
export function readRecords(entry: Entry, isWanted: (traceId: string) => boolean = () => true): Records {
  const spans: FullSpan[] = []
  const logs: FullLog[] = []
  const receivedAt = entry.receivedAt
  const sink: RecordSink = {
    span(span, origin) {
      if (isWanted(span.traceId)) spans.push({ receivedAt, ...origin, ...span })
    },
    log(log, origin) {
      if (log.traceId !== null && !isWanted(log.traceId)) return
      if (isPartial(log)) spans.push(...partialSpans(log, origin, entry))
      else for (const signal of saidBy(log, origin)) logs.push({ receivedAt, ...origin, ...log, signal })
    },
    refuse: () => {},
    cut: () => {},
  }
  if (entry.kind !== 'gap') readAll(entry, entry.kind, sink, isWanted)
  return { spans, logs }
}

/** A record of several messages stands for each of them; one without a signal for itself. */
function saidBy(log: LogRecord, { source }: Origin): readonly FullLog['signal'][] {
  const signals = signalsOf(log, source).filter((signal) => signal !== null)
  return signals.length > 0 ? signals : [lifecycleOf(log, source)]
}

function readAll(
  entry: Entry,
  kind: 'traces' | 'logs',
  sink: RecordSink,
  isWanted: (traceId: string) => boolean,
): void {
  if (entry.encoding === 'json') {
    readRecordsJson(kind, utf8(entry.body), sink)
    return
  }
  const cursor = new ProtobufCursor(entry.body)
  const tag = kind === 'logs' ? LOG.traceId : SPAN.traceId
  eachFullRecord(cursor, (origin) => {
    const traceId = peekId(cursor, tag)
    if (traceId !== '' && !isWanted(traceId)) return
    if (kind === 'logs') sink.log(readLogRecord(cursor), origin)
    else {
      const span = readSpanRecord(cursor)
      if (span) sink.span(span, origin)
    }
  })
}

/** The trace id of the record the cursor is in; empty when it has none. Passing over its other fields costs little. */
function peekId(cursor: ProtobufCursor, tag: number): string {
  const start = cursor.at
  let id = ''
  while (id === '' && cursor.hasMore()) {
    if (cursor.tag() === tag) id = cursor.id(16)
    else cursor.skip()
  }
  cursor.backTo(start)
  return id
}

function partialSpans(log: LogRecord, around: Origin, { receivedAt }: Entry): FullSpan[] {
  const spans: FullSpan[] = []
  for (const { span, origin } of readPartial(log)) {
    const source = knownSource(origin.source, around.source)
    // Who sends a span may stand in it, or around it.
    const resource = { ...around.resource, ...origin.resource }
    spans.push({ receivedAt, ...origin, source, resource, ...span })
  }
  return spans
}
