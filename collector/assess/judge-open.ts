import type { Verdict } from '../../contract/runs.ts'
import type { Cause } from '../../contract/statuses.ts'
import { toIso, type Instant } from '../../contract/units.ts'
import type { Progression } from '../progression.ts'
import type { Circumstances } from '../judgement.ts'
import type { Expectation } from './expectation.ts'
import { expectProcess, isBlocked } from './expect-process.ts'
import { expectProgress } from './expect-progress.ts'
import { findDeadline } from './find-deadline.ts'
import { evidence } from './write-evidence.ts'

export interface OpenJudgement {
  readonly verdict: Omit<Verdict, 'confidence' | 'otherwise' | 'unconfirmed' | 'explainedBy'>
  /** The deadline passed; null when the run is not flagged. */
  readonly flaggedAt: Instant | null
  readonly lookAgainAt: Instant | null
}

/**
 * The verdict on a run that has not ended: of all that is expected of it, what is overdue.
 *
 * The deadline that passed first dates the stall and names its cause: later ones are its consequences. Only the death
 * of the process overrules it, since that is what the run will not come back from.
 */
export function judgeOpen(circumstances: Circumstances, progression: Progression, now: Instant): OpenJudgement {
  const progress = expectProgress(circumstances, progression)
  const expectations = [...progress, ...expectProcess(circumstances, progression)]
  const overrun = findDeadline(circumstances.run.firstHeardAt, progression.budgets.runOverrunningMs, circumstances.gaps)
  const lookAgainAt = nextMoment(expectations, overrun, circumstances.beatLookAt, now)
  const late = expectations.filter(({ dueAt }) => dueAt !== null && dueAt <= now)
  const lost = late.filter(({ status }) => status === 'lost')
  const overdue = first(lost.length > 0 ? lost : late, ({ dueAt }) => dueAt ?? Infinity)
  if (overdue !== null) return { ...flag(blameBlock(overdue, circumstances, progression)), lookAgainAt }
  const shownAlways = progress.filter(({ isBackground }) => !isBackground)
  const next = first(shownAlways, ({ dueAt }) => dueAt ?? Infinity)
  const suspect = first(
    expectations.filter(({ suspectAt }) => suspectAt !== null && suspectAt <= now),
    ({ suspectAt }) => suspectAt ?? Infinity,
  )
  const shown = suspect ?? next
  const verdict = shown === null ? running(now) : describe(shown, suspect !== null, now)
  if (verdict.status !== 'running' || overrun > now) return { verdict, flaggedAt: null, lookAgainAt }
  const limit = { ms: progression.budgets.runOverrunningMs, from: 'contract › run.overrunning', learned: null }
  const lines = [evidence.overrunning(circumstances.run, limit), ...verdict.evidence]
  const slow = { ...verdict, status: 'slow', since: toIso(overrun), limit, evidence: lines } as const
  return { verdict: slow, flaggedAt: null, lookAgainAt }
}

/** Silences that a main thread which does not turn explains: it neither hears nor says anything. */
const BLOCK_EXPLAINS: ReadonlySet<Cause> = new Set([
  'never-started',
  'model-silent',
  'tool-silent',
  'between-steps',
  'terminal-skipped',
  'unknown',
])

/** A block that was there when the deadline passed is what kept it; the step's own deadline dates it all the same. */
function blameBlock(overdue: Expectation, { run, instance }: Circumstances, progression: Progression): Expectation {
  const since = instance?.loopBlockedSince ?? null
  if (instance === null || since === null || since > (overdue.dueAt ?? 0)) return overdue
  if (!BLOCK_EXPLAINS.has(overdue.cause) || !isBlocked(instance, run, progression)) return overdue
  const lines = () => [evidence.blocked(instance, since), ...overdue.evidence()]
  return { ...overdue, cause: 'loop-blocked', evidence: lines }
}

function flag(overdue: Expectation): Pick<OpenJudgement, 'verdict' | 'flaggedAt'> {
  const { status, step, cause, limit, dueAt } = overdue
  const since = toIso(dueAt ?? 0)
  return {
    verdict: { status, step, cause, since, deadline: since, limit, evidence: overdue.evidence(), lateByMs: null },
    flaggedAt: dueAt,
  }
}

/** Not overdue: where the run is and what it owes next. Slow runs say which cause is suspected. */
function describe(shown: Expectation, isSuspect: boolean, now: Instant): OpenJudgement['verdict'] {
  const { step, dueAt, suspectAt, limit, isWaiting } = shown
  const since = toIso(isSuspect && suspectAt !== null ? suspectAt : now)
  return {
    status: isSuspect ? 'slow' : isWaiting ? 'waiting' : 'running',
    step,
    cause: isSuspect ? shown.cause : null,
    since,
    deadline: dueAt === null ? null : toIso(dueAt),
    limit,
    evidence: shown.evidence(),
    lateByMs: null,
  }
}

function running(now: Instant): OpenJudgement['verdict'] {
  const since = toIso(now)
  return {
    status: 'running',
    step: null,
    cause: null,
    since,
    deadline: null,
    limit: null,
    evidence: [],
    lateByMs: null,
  }
}

function first<Item>(items: readonly Item[], moment: (item: Item) => number): Item | null {
  return items.reduce<Item | null>((best, item) => (best === null || moment(item) < moment(best) ? item : best), null)
}

/**
 * The next moment at which something falls due, becomes suspect or overruns.
 * @param beatLookAt no look of its own is needed for a pulse: until then each one moves its deadline on
 */
function nextMoment(
  expectations: readonly Expectation[],
  overrun: Instant,
  beatLookAt: Instant | null,
  now: Instant,
): Instant | null {
  let next = overrun > now ? overrun : Infinity
  for (const { suspectAt, dueAt, isOfBeat } of expectations) {
    if (isOfBeat && beatLookAt !== null && now < beatLookAt) continue
    if (suspectAt !== null && suspectAt > now && suspectAt < next) next = suspectAt
    if (dueAt !== null && dueAt > now && dueAt < next) next = dueAt
  }
  return next === Infinity ? null : next
}
