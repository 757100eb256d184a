/** One trace: its spans, merged, and the runs found among them. Several runs may share a trace, and one may lack any span. */
import type { SpanId, TraceId } from '../../contract/ids.ts'
import type { Instant, Millis } from '../../contract/units.ts'
import type { OpenSpan } from '../run.ts'
import type { ExceptionFacts, Known, Source, SpanStatus } from '../signal.ts'
import type { Lineage } from './find-homes.ts'
import type { Role } from './recognise/recognise.ts'

export interface TraceSpan extends OpenSpan {
  readonly source: Source
  role: Role
  /** Its end says nothing of how it went. */
  endsWellAnyhow: boolean
  /** It ended because somebody has to decide first. */
  defers: boolean
  /** Who ended it in place of its work, as its attributes say. */
  endWrittenBy: string | null
  /** A node whose children are tool calls, although these may not say so while they are open. */
  holdsTools: boolean
  /** Null for the many spans that name nobody. */
  named: Named | null
  /** When its final record arrived; null while open. */
  endedAt: Instant | null
  /** Sender's clock. */
  finishedAt: Instant | null
  status: SpanStatus
  statusMessage: string | null
  exception: ExceptionFacts | null
  /** `error.type`, for a failure without an exception. */
  errorType: string | null
  /** What its partial records said, to unite the next one with; null once it has ended. */
  draft: Draft | null
  /** Something a person would see came since its trace was settled. */
  isNews: boolean
  /** Only while its trace's homes are being found. */
  lineage: Lineage | null
  /** The longest time, by our clock, between one sign of progress and the next, while it was open. */
  quietMs: Millis
  /** Its silence began anew: what is known of such steps is to be looked up. */
  asksLearned: boolean
  /** Its time was taken in, or passed over: it counts no second time. */
  isCounted: boolean
  /** The run stood flagged at it. */
  wasFlagged: boolean
}

/** Whom a span names. */
export interface Named {
  readonly runId: string | null
  /** An id of one agent's work: the run's when the agent is its outermost. */
  readonly callId: string | null
  readonly agent: string | null
  readonly userId: string | null
  readonly conversationId: string | null
  readonly sessionId: string | null
}

/** `ranks`: the seq of the record that gave each known attribute, the parent, the exception, the stop, the repetition. */
export interface Draft {
  known: Known
  readonly ranks: { [key: string]: number }
}

/**
 * Where a span belongs: the run it names, the outermost run-role span above it, or, while neither is known, the
 * trace's strays.
 */
export type HomeKey = `id:${string}` | `span:${SpanId}` | 'strays'

export interface Trace {
  readonly traceId: TraceId
  heardAt: Instant
  readonly spans: Map<SpanId, TraceSpan>
  /** How many ended spans were let go to make room. */
  letGo: number
  /** The run each home became, by home key. A run keeps the first id it was shown under. */
  readonly runs: Map<HomeKey, string>
  /** Run ids that messages and run records named for this trace. */
  named: string[]
  /** Spans that emitted a message of a run: a name for the run above them. */
  hints: Map<SpanId, string>
  /** A run of it has left the book: records of that run may still come. */
  hasDeparted: boolean
  /** Spans came, moved or were named since its homes were found. */
  isMoved: boolean
  /** What the batch at hand has for it: an open span that goes on, or more than that. */
  touched: 'news' | 'progress' | null
  /** When what came is to be settled; null when it is. */
  settleAt: Instant | null
  /** The latest snapshot that needs no more of it (`snapshot-writer.ts`). */
  writtenIn: number
}

/** Most traces have none: this one stands for all of these, and stays empty. */
const NO_HINTS = new Map<SpanId, string>()

export function openTrace(traceId: TraceId, now: Instant, hasDeparted: boolean, writtenIn = 0): Trace {
  return {
    traceId,
    writtenIn,
    heardAt: now,
    spans: new Map(),
    letGo: 0,
    runs: new Map(),
    named: [],
    hints: NO_HINTS,
    hasDeparted,
    isMoved: false,
    touched: null,
    settleAt: null,
  }
}

/** Note that `runId` lives in this trace. @returns true when that is news. */
export function nameRun(trace: Trace, runId: string, spanId: SpanId | null): boolean {
  const isNamed = trace.named.includes(runId)
  const isHinted = spanId === null || trace.hints.has(spanId)
  if (isNamed && isHinted) return false
  if (!isNamed) trace.named.push(runId)
  if (!isHinted && trace.hints === NO_HINTS) trace.hints = new Map()
  if (!isHinted) trace.hints.set(spanId, runId)
  trace.isMoved = true
  return true
}

/** A run names a handful of spans; a trace kept open for days must not grow without end. */
export const SPANS_MAX = 4_096
