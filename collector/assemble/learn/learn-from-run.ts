import type { Verdict } from '../../../contract/runs.ts'
import { STANDING_STATUSES } from '../../../contract/statuses.ts'
import type { Instant, Millis } from '../../../contract/units.ts'
import { hasWaited } from '../../open-pairs.ts'
import type { Progression } from '../../progression.ts'
import type { Gap } from '../../entry.ts'
import type { BookRun, BookState, Judged } from '../book-state.ts'
import type { TraceSpan } from '../trace.ts'

/** To be told each time a run has been judged. @param before what it was judged to be until then */
export function learnFromRun(
  state: BookState,
  run: BookRun,
  before: Judged | null,
  progression: Progression,
  now: Instant,
): void {
  const verdict = run.judged?.verdict ?? null
  noteFlag(state, run, before, now)
  if (verdict?.status === 'completed' || verdict?.status === 'undelivered') takeTimes(state, run, progression, now)
}

/** While a run stands flagged at a step, nothing is learned of that step. */
function noteFlag(state: BookState, run: BookRun, before: Judged | null, now: Instant): void {
  const wasAt = flaggedStep(before?.verdict ?? null)
  const isAt = flaggedStep(run.judged?.verdict ?? null)
  if (wasAt === isAt) return
  const was = wasAt === null ? undefined : spanOf(run, wasAt)
  if (was?.wasFlagged) state.lessons.thaw(subjectOf(was, before?.row.agent ?? null))
  const is = isAt === null ? undefined : spanOf(run, isAt)
  if (is === undefined) return
  is.wasFlagged = true
  state.lessons.freeze(subjectOf(is, run.judged?.row.agent ?? null), now)
}

/** Of a run that completed: all its steps when it was never flagged, else those it was flagged at. */
function takeTimes(state: BookState, run: BookRun, progression: Progression, now: Instant): void {
  const { facts, homes } = run
  if (hasPaused(run, progression)) return
  for (const { members } of homes)
    for (const span of members) {
      if (span.isCounted || span.phase === null || span.endedAt === null) continue
      span.isCounted = true
      const ms = silenceOf(span, state.gaps)
      if (ms === null) continue
      if (facts.flaggedAt === null) state.lessons.take(subjectOf(span, facts.agent), ms, now)
      else if (span.wasFlagged) state.lessons.takeLate(subjectOf(span, facts.agent), ms, now)
    }
}

/** A person's time is not the step's. */
function hasPaused({ facts }: BookRun, progression: Progression): boolean {
  const { waitingAt, resumedAt, steps, deferral } = facts
  const isTold = waitingAt !== null || resumedAt !== null || steps.waiting !== undefined || deferral !== null
  return isTold || hasWaited(facts, progression)
}

/**
 * The longest silence within a step, which is what its limit is held against: by our clock where it was seen open, with
 * all delays of the way. A step that came only once it had ended took as long as its sender says, and may have been
 * silent all the while. Null for one that says nothing of how long such steps take.
 */
function silenceOf(span: TraceSpan, gaps: readonly Gap[]): Millis | null {
  const { role, openedAt, endedAt, startedAt, finishedAt, status, exception, waiting, endWrittenBy } = span
  if (role !== 'step' || endedAt === null || finishedAt === null) return null
  if (status === 'error' || exception !== null || waiting || endWrittenBy !== null) return null
  if (openedAt === endedAt) return Math.max(0, finishedAt - startedAt)
  const isHeardThroughout = gaps.every(({ from, lengthMs }) => from + lengthMs <= openedAt || from >= endedAt)
  return isHeardThroughout ? Math.max(span.quietMs, endedAt - span.progressAt) : null
}

function flaggedStep(verdict: Verdict | null): string | null {
  return verdict !== null && STANDING_STATUSES.has(verdict.status) ? (verdict.step?.spanId ?? null) : null
}

function spanOf({ homes }: BookRun, spanId: string): TraceSpan | undefined {
  for (const { members } of homes) for (const span of members) if (span.spanId === spanId) return span
  return undefined
}

const subjectOf = ({ phase, stepName }: TraceSpan, agent: string | null) => ({ agent, phase, name: stepName })
