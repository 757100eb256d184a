import { ATTR } from '../../contract/attributes.ts'
import type { Instant } from '../../contract/units.ts'
import {
  HEARSAY,
  REPEATS_MISSED,
  type ExceptionFacts,
  type Known,
  type KnownKey,
  type OpenSpanRef,
  type Source,
  type SpanSignal,
} from '../signal.ts'
import { describeSpan } from './describe-span.ts'
import { SPANS_MAX, type Draft, type Trace, type TraceSpan } from './trace.ts'

/**
 * What a span record told us: nothing new, a sign of life only, more content and nothing else, or anything else that a
 * person would see.
 */
export type SpanNews = 'nothing' | 'alive' | 'progress' | 'news'

/**
 * Add a span to its trace, by the first record that came of it.
 * @param source the signal's, as the book holds it
 */
export function addSpan(trace: Trace, signal: SpanSignal, source: Source, receivedAt: Instant): SpanNews {
  makeRoom(trace)
  trace.spans.set(signal.spanId, newSpan(signal, source, receivedAt))
  trace.isMoved = true
  return 'news'
}

/**
 * Fold one more record of a span.
 *
 * A final record absorbs: it replaces what partial records said, and what they say later is ignored. Among partial
 * records attributes unite and for each the highest seq wins. So order, lateness and doubling change nothing.
 */
export function foldSpan(trace: Trace, span: TraceSpan, signal: SpanSignal, receivedAt: Instant): SpanNews {
  if (span.endedAt !== null) return 'nothing'
  const { role, parentSpanId, startedAt, named, stepName } = span
  const news = signal.endedAt === null ? uniteInto(span, signal, receivedAt) : finish(span, signal, receivedAt)
  trace.isMoved ||=
    span.role !== role ||
    span.parentSpanId !== parentSpanId ||
    span.named?.runId !== named?.runId ||
    (role === 'run' && span.startedAt !== startedAt)
  span.asksLearned ||= span.stepName !== stepName
  if (news === 'news' || news === 'progress') span.isNews = true
  return news
}

/** An open span shows that it goes on: its silence begins anew. */
export function noteProgress(span: TraceSpan, receivedAt: Instant): void {
  span.quietMs = Math.max(span.quietMs, receivedAt - span.progressAt)
  span.progressAt = receivedAt
  span.asksLearned = true
}

/** A span known from its process's pulse only: everything a partial record of its own says is newer. */
export function signalFromPulse(ref: OpenSpanRef, source: Source): SpanSignal {
  return {
    kind: 'span',
    source,
    ...ref,
    endedAt: null,
    seq: HEARSAY.ofPulse,
    stopReason: null,
    status: 'unset',
    statusMessage: null,
    repeatedEvery: null,
    known: {},
    exception: null,
  }
}

function newSpan(signal: SpanSignal, source: Source, receivedAt: Instant): TraceSpan {
  const { known, endedAt } = signal
  const { role, phase, stepName, waiting, endsWellAnyhow, defers, endWrittenBy, holdsTools, ...said } = describeSpan(
    signal.name,
    known,
  )
  const { code, named, errorType, progress } = said
  const isOpen = endedAt === null
  return {
    spanId: signal.spanId,
    parentSpanId: signal.parentSpanId,
    source,
    name: signal.name,
    role,
    phase,
    stepName,
    code,
    named,
    seq: signal.seq,
    openedAt: receivedAt,
    startedAt: signal.startedAt,
    progressAt: receivedAt,
    progress,
    waiting,
    thoughtAt: null,
    endsWellAnyhow,
    defers,
    endWrittenBy,
    holdsTools,
    unreported: false,
    stopReason: isOpen ? signal.stopReason : null,
    repeatedEvery: isOpen ? signal.repeatedEvery : null,
    heardAt: receivedAt,
    isAgent: false,
    endedAt: isOpen ? null : receivedAt,
    finishedAt: endedAt,
    status: signal.status,
    statusMessage: signal.statusMessage,
    exception: signal.exception,
    errorType,
    draft: isOpen ? { known, ranks: rankAll(signal) } : null,
    isNews: true,
    lineage: null,
    learned: null,
    quietMs: 0,
    asksLearned: isOpen,
    isCounted: false,
    wasFlagged: false,
  }
}

function finish(span: TraceSpan, signal: SpanSignal, receivedAt: Instant): SpanNews {
  span.name = signal.name
  span.parentSpanId = signal.parentSpanId
  span.startedAt = signal.startedAt
  span.draft = null
  span.endedAt = receivedAt
  span.finishedAt = signal.endedAt
  span.status = signal.status
  span.statusMessage = signal.statusMessage
  span.exception = signal.exception
  span.unreported = false
  span.stopReason = null
  span.repeatedEvery = null
  span.heardAt = receivedAt
  readKnown(span, signal.known)
  return 'news'
}

/** A record sent again as a sign of life says nothing that was not known. One that is here twice is not even that. */
function uniteInto(span: TraceSpan, signal: SpanSignal, receivedAt: Instant): SpanNews {
  const draft = (span.draft ??= { known: {}, ranks: {} })
  const {
    name,
    parentSpanId,
    startedAt,
    status,
    statusMessage,
    exception,
    stopReason,
    repeatedEvery,
    unreported,
    seq,
  } = span
  const isAlive = signal.seq > seq || signal.seq === HEARSAY.ofPulse
  const wasThoughtGone = isAlive && receivedAt - span.heardAt >= (repeatedEvery ?? Infinity) * REPEATS_MISSED
  const known = uniteKnown(draft, signal)
  if (isAlive) span.heardAt = receivedAt
  span.startedAt = Math.min(startedAt, signal.startedAt)
  if (isNewer(signal, span)) {
    span.seq = signal.seq
    span.name = signal.name
    span.status = signal.status
    span.statusMessage = signal.statusMessage
  }
  span.parentSpanId = outranking(draft, 'parent', signal.seq, signal.parentSpanId, parentSpanId)
  span.exception = outranking(draft, 'exception', signal.seq, signal.exception, exception)
  span.stopReason = outranking(draft, 'stop', signal.seq, signal.stopReason, stopReason)
  span.repeatedEvery = outranking(draft, 'repeats', signal.seq, signal.repeatedEvery, repeatedEvery)
  // A record of its own may have been underway for long.
  if (signal.seq === HEARSAY.ofPulse) span.unreported = false
  const isNameNews = span.name !== name
  const wasProgress = span.progress
  if (known === 'news' || isNameNews) readKnown(span, draft.known)
  else if (known === 'progress') span.progress = progressOf(draft.known)
  if (span.progress > wasProgress) noteProgress(span, receivedAt)
  const isNews =
    known === 'news' ||
    isNameNews ||
    span.unreported !== unreported ||
    wasThoughtGone ||
    // Somebody saw it run, of whom only a span inside it told before.
    (seq === HEARSAY.ofDescendant && span.seq !== seq) ||
    span.parentSpanId !== parentSpanId ||
    span.startedAt !== startedAt ||
    span.status !== status ||
    span.statusMessage !== statusMessage ||
    span.stopReason !== stopReason ||
    span.repeatedEvery !== repeatedEvery ||
    !isSameException(span.exception, exception)
  if (isNews) return 'news'
  return known ?? (isAlive ? 'alive' : 'nothing')
}

function isSameException(a: ExceptionFacts | null, b: ExceptionFacts | null): boolean {
  return a?.type === b?.type && a?.message === b?.message && a?.stacktrace === b?.stacktrace
}

/** Two records of one seq differ only when a sender breaks the rule; the text order then decides, whoever came first. */
function isNewer(signal: SpanSignal, span: TraceSpan): boolean {
  if (signal.seq !== span.seq) return signal.seq > span.seq
  const said = ({ name, status, statusMessage }: typeof signal | typeof span) => `${name}\n${status}\n${statusMessage}`
  return said(signal) > said(span)
}

/** What a record does not say leaves standing what another said, whichever came first. */
function outranking<Value>({ ranks }: Draft, field: string, seq: number, said: Value | null, held: Value | null) {
  const rank = ranks[field] ?? -Infinity
  if (said === null || seq < rank || (seq === rank && JSON.stringify(held) >= JSON.stringify(said))) return held
  ranks[field] = seq
  return said
}

/** @returns what attributes are new or have another value: only the count of content, or others; null for none */
function uniteKnown(draft: Draft, signal: SpanSignal): 'progress' | 'news' | null {
  let united: { [key in KnownKey]?: string | number | boolean } | null = null
  let isProgress = true
  for (const key of Object.keys(signal.known) as KnownKey[]) {
    const value = signal.known[key]
    if (value === undefined) continue
    const rank = draft.ranks[key] ?? -Infinity
    const held = draft.known[key]
    if (signal.seq < rank || (signal.seq === rank && String(held) >= String(value))) continue
    draft.ranks[key] = signal.seq
    if (held === value) continue
    // What is held may be the signal it came with, which is not ours to change.
    united ??= { ...draft.known }
    united[key] = value
    isProgress &&= key === ATTR.progress
  }
  if (united === null) return null
  draft.known = united
  return isProgress ? 'progress' : 'news'
}

function rankAll({ known, seq, parentSpanId, exception, stopReason, repeatedEvery }: SpanSignal): Draft['ranks'] {
  const ranks: Draft['ranks'] = {}
  for (const key in known) ranks[key] = seq
  if (parentSpanId !== null) ranks['parent'] = seq
  if (exception !== null) ranks['exception'] = seq
  if (stopReason !== null) ranks['stop'] = seq
  if (repeatedEvery !== null) ranks['repeats'] = seq
  return ranks
}

function progressOf(known: Known): number {
  const said = known[ATTR.progress]
  return typeof said === 'number' ? said : 0
}

/** What the known attributes make of the span. */
function readKnown(span: TraceSpan, known: Known): void {
  Object.assign(span, describeSpan(span.name, known))
}

/** Who leaves a full trace, first things first. */
const EXPENDABLE: readonly ((span: TraceSpan) => boolean)[] = [
  (span) => span.endedAt !== null && span.role === 'plumbing',
  (span) => span.endedAt !== null && span.role !== 'run',
  (span) => span.role !== 'run',
  () => true,
]

/** A full trace lets go of up to a quarter, the oldest first; of open spans only when there is nothing else. */
function makeRoom(trace: Trace): void {
  if (trace.spans.size < SPANS_MAX) return
  let excess = SPANS_MAX / 4
  for (const [index, isExpendable] of EXPENDABLE.entries()) {
    if (index > 1 && trace.spans.size < SPANS_MAX) break
    for (const span of trace.spans.values()) {
      if (excess === 0) break
      if (!isExpendable(span)) continue
      trace.spans.delete(span.spanId)
      trace.letGo++
      excess--
    }
  }
}
