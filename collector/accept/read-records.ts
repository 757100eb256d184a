import type { Entry } from '../entry.ts'
import type { FullLog, FullSpan, Records } from '../record.ts'
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
 * @throws MalformedBody when the entry is not what kind and encoding say
 */
export function readRecords(entry: Entry): Records {
  const spans: FullSpan[] = []
  const logs: FullLog[] = []
  const receivedAt = entry.receivedAt
  const sink: RecordSink = {
    span: (span, origin) => spans.push({ receivedAt, ...origin, ...span }),
    log(log, origin) {
      if (isPartial(log)) spans.push(...partialSpans(log, origin, entry))
      else for (const signal of saidBy(log, origin)) logs.push({ receivedAt, ...origin, ...log, signal })
    },
    refuse: () => {},
    cut: () => {},
  }
  if (entry.kind !== 'gap') readAll(entry, entry.kind, sink)
  return { spans, logs }
}

/** A record of several messages stands for each of them; one without a signal for itself. */
function saidBy(log: LogRecord, { source }: Origin): readonly FullLog['signal'][] {
  const signals = signalsOf(log, source).filter((signal) => signal !== null)
  return signals.length > 0 ? signals : [lifecycleOf(log, source)]
}

function readAll(entry: Entry, kind: 'traces' | 'logs', sink: RecordSink): void {
  if (entry.encoding === 'json') {
    readRecordsJson(kind, utf8(entry.body), sink)
    return
  }
  const cursor = new ProtobufCursor(entry.body)
  eachFullRecord(cursor, (origin) => {
    if (kind === 'logs') sink.log(readLogRecord(cursor), origin)
    else {
      const span = readSpanRecord(cursor)
      if (span) sink.span(span, origin)
    }
  })
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
