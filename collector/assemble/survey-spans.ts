import type { TraceId } from '../../contract/ids.ts'
import type { Instant } from '../../contract/units.ts'
import type { RunFacts } from '../run.ts'
import type { Source } from '../signal.ts'
import type { Home } from './find-homes.ts'
import { END_WRITTEN_BY_MESSAGE, INTERRUPT } from './recognise/kinds.ts'
import type { Named, TraceSpan } from './trace.ts'

/** What all spans of a run amount to, whatever the order in which they came. */
export interface Survey {
  count: number
  /** By the sender's clock. */
  first: TraceSpan | null
  /** Where the first is. */
  traceId: TraceId | null
  /** Of the run-role spans of its homes the first. */
  root: TraceSpan | null
  firstHeardAt: Instant
  /** Sender's clock. */
  startedAt: Instant
  progressAt: Instant
  acceptedAt: Instant
  /** Sender's clock; when the latest model or tool step began. */
  workBegunAt: Instant
  /** Sender's clock; when a tool last ended without an error. */
  toolWentWellAt: Instant
  readonly open: TraceSpan[]
  /** Steps and the run span, with an exception or an error. */
  readonly failed: TraceSpan[]
  lastEnded: TraceSpan | null
  /** Ended because somebody has to decide first; the latest to end. */
  deferred: TraceSpan | null
  /** Of the spans that somebody else ended in place of their work the latest to end. */
  writtenEnd: TraceSpan | null
  /** The run-role spans inside the run. */
  readonly inner: TraceSpan[]
  readonly steps: RunFacts['steps']
  /** The first span to name each. */
  readonly names: { -readonly [key in keyof Named]: TraceSpan | null }
  /** The first span of each source. */
  readonly sources: Map<Source, TraceSpan>
}

/** One pass over all spans: it is made for every run that changes, of any size. */
export function surveySpans(homes: readonly Home[]): Survey {
  const survey = newSurvey()
  for (const { root } of homes) if (root !== null && isFirst(root, survey.root)) survey.root = root
  for (const { traceId, members, root } of homes) {
    for (const span of members) {
      if (span.role === 'run' && span !== root) survey.inner.push(span)
      if (isFirst(span, survey.first)) {
        survey.first = span
        survey.traceId = traceId
      }
      lookAt(survey, span)
    }
  }
  // The run span is where the run is.
  for (const { root, traceId } of homes) if (root !== null && root === survey.root) survey.traceId = traceId
  survey.open.sort(byStart)
  return survey
}

function newSurvey(): Survey {
  return {
    count: 0,
    first: null,
    traceId: null,
    root: null,
    firstHeardAt: Infinity,
    startedAt: Infinity,
    progressAt: -Infinity,
    acceptedAt: Infinity,
    workBegunAt: -Infinity,
    toolWentWellAt: -Infinity,
    open: [],
    failed: [],
    lastEnded: null,
    deferred: null,
    writtenEnd: null,
    inner: [],
    steps: {},
    names: { runId: null, callId: null, agent: null, userId: null, conversationId: null, sessionId: null },
    sources: new Map(),
  }
}

function lookAt(survey: Survey, span: TraceSpan): void {
  const { phase, openedAt, startedAt, endedAt } = span
  survey.count++
  if (openedAt < survey.firstHeardAt) survey.firstHeardAt = openedAt
  if (startedAt < survey.startedAt) survey.startedAt = startedAt
  // Steps and runs are progress when they begin and when they end; plumbing is not, unless it says that it goes on.
  const isPart = phase !== null || span.role === 'run'
  if ((isPart || span.progress > 0) && span.progressAt > survey.progressAt) survey.progressAt = span.progressAt
  if (isPart && (endedAt ?? openedAt) > survey.progressAt) survey.progressAt = endedAt ?? openedAt
  if (endedAt === null) survey.open.push(span)
  if (span.named !== null) noteNames(survey, span, span.named)
  const speaker = survey.sources.get(span.source)
  if (speaker === undefined || isFirst(span, speaker)) survey.sources.set(span.source, span)
  const isDeferred = endedAt !== null && defers(span)
  if (isDeferred && (survey.deferred === null || compareEnds(span, survey.deferred) > 0)) survey.deferred = span
  if (
    endedAt !== null &&
    endWriter(span) !== null &&
    (survey.writtenEnd === null || compareEnds(span, survey.writtenEnd) > 0)
  )
    survey.writtenEnd = span
  if (!isDeferred && (span.status === 'error' || span.exception !== null) && (phase !== null || span === survey.root))
    survey.failed.push(span)
  if (phase === null) return
  if (phase === 'tool' && span.status !== 'error' && (span.finishedAt ?? -Infinity) > survey.toolWentWellAt)
    survey.toolWentWellAt = span.finishedAt ?? -Infinity
  if (phase === 'accepted' && openedAt < survey.acceptedAt) survey.acceptedAt = openedAt
  // A model or tool step begun after a failure shows that the run went on.
  if ((phase === 'reasoning' || phase === 'tool') && startedAt > survey.workBegunAt) survey.workBegunAt = startedAt
  if (endedAt !== null && (survey.lastEnded === null || compareEnds(span, survey.lastEnded) > 0))
    survey.lastEnded = span
  const begunAt = Math.floor(startedAt)
  const counts = (survey.steps[phase] ??= { begun: 0, ended: 0, firstAt: openedAt, begunAt, lastEndedAt: null })
  counts.begun++
  if (openedAt < counts.firstAt) counts.firstAt = openedAt
  if (begunAt < counts.begunAt) counts.begunAt = begunAt
  if (endedAt === null) return
  counts.ended++
  if (counts.lastEndedAt === null || endedAt > counts.lastEndedAt) counts.lastEndedAt = endedAt
}

/** Instrumentations that keep the type of an exception to themselves still write its text. */
function defers({ defers: saysSo, exception, status, statusMessage }: TraceSpan): boolean {
  return (
    saysSo ||
    (exception !== null && INTERRUPT.test(exception.type)) ||
    (status === 'error' && statusMessage !== null && INTERRUPT.test(statusMessage))
  )
}

/** Who ended a span in place of its work, by its attributes or by what it was ended with. */
export function endWriter({ endWrittenBy, exception }: TraceSpan): string | null {
  if (endWrittenBy !== null || exception === null) return endWrittenBy
  return END_WRITTEN_BY_MESSAGE.find(([pattern]) => pattern.test(exception.message))?.[1] ?? null
}

function noteNames({ names }: Survey, span: TraceSpan, named: Named): void {
  if (named.agent !== null && isFirst(span, names.agent)) names.agent = span
  if (named.userId !== null && isFirst(span, names.userId)) names.userId = span
  if (named.conversationId !== null && isFirst(span, names.conversationId)) names.conversationId = span
  if (named.sessionId !== null && isFirst(span, names.sessionId)) names.sessionId = span
}

function isFirst(span: TraceSpan, held: TraceSpan | null): boolean {
  return held === null || byStart(span, held) < 0
}

/** Which of two ended later. By our clock, since a reordered export must not turn the run back; by the sender's within one moment. */
export function compareEnds(a: TraceSpan, b: TraceSpan): number {
  return (a.endedAt ?? 0) - (b.endedAt ?? 0) || (a.finishedAt ?? 0) - (b.finishedAt ?? 0) || byStart(a, b)
}

export function byStart(a: TraceSpan, b: TraceSpan): number {
  return a.startedAt - b.startedAt || (a.spanId < b.spanId ? -1 : a.spanId > b.spanId ? 1 : 0)
}
