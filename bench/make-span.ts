import type { SpanSignal } from '../collector/signal.ts'

/** What differs between the spans of a benchmark. */
export type Made = Pick<
  SpanSignal,
  'source' | 'traceId' | 'spanId' | 'parentSpanId' | 'name' | 'startedAt' | 'endedAt' | 'seq' | 'known'
>

/** Written out like a reader's: an object put together by spreading is slower to read. */
export function makeSpan(made: Made): SpanSignal {
  return {
    kind: 'span',
    source: made.source,
    traceId: made.traceId,
    spanId: made.spanId,
    parentSpanId: made.parentSpanId,
    name: made.name,
    startedAt: made.startedAt,
    endedAt: made.endedAt,
    seq: made.seq,
    stopReason: null,
    repeatedEvery: null,
    status: made.endedAt === null ? 'unset' : 'ok',
    statusMessage: null,
    known: made.known,
    exception: null,
  }
}
