import type { PastStall, Verdict } from '../../contract/runs.ts'
import { STANDING_STATUSES, type Status } from '../../contract/statuses.ts'
import { toIso, type Instant } from '../../contract/units.ts'
import type { RunFacts } from '../run.ts'

/**
 * What a run is judged for: something was heard of it, a moment has come, or what we go by has changed, such as a
 * deadline that a gap in our own hearing has moved.
 */
export type Occasion = 'news' | 'time' | 'revision'

interface Judged {
  readonly facts: Pick<RunFacts, 'pastStalls'>
  readonly judged: { readonly verdict: Verdict } | null
}

/** A run that stalls and recovers for hours would fill the page with it. */
const PAST_STALLS_MAX = 10

/**
 * What a run's stalls come to with a new verdict on it: one that is over is kept, as it was when last told of.
 *
 * ```
 * running ── stalled ── lost ── running        one stall, lost when it was over
 * stalled ── completed ── undelivered ── completed        two: its work stood still, then its answer did
 * ```
 * @param run as it was before that verdict
 */
export function pastStallsAfter(
  { facts: { pastStalls: past }, judged }: Judged,
  { status, lateByMs }: Verdict,
  now: Instant,
  why: Occasion,
): readonly PastStall[] {
  const stalled = judged === null ? null : stallOf(judged.verdict.status)
  if (judged === null || stalled === null || kindOf(status) === kindOf(stalled)) return past
  const { step, cause, since, deadline } = judged.verdict
  const ending = why === 'revision' ? 'withdrawn' : endingOf(status)
  const stall: PastStall = { status: stalled, step, cause, since, deadline, endedAt: toIso(now), ending, lateByMs }
  return [...past, stall].slice(-PAST_STALLS_MAX)
}

function stallOf(status: Status): PastStall['status'] | null {
  return status === 'stalled' || status === 'lost' || status === 'undelivered' ? status : null
}

/** Whether the work stands still, or the answer; null when neither does. */
function kindOf(status: Status): 'work' | 'answer' | null {
  if (status === 'undelivered') return 'answer'
  return STANDING_STATUSES.has(status) ? 'work' : null
}

function endingOf(status: Status): PastStall['ending'] {
  switch (status) {
    case 'completed':
    case 'undelivered':
      return 'completed'
    case 'failed':
    case 'cancelled':
      return status
    case 'running':
    case 'slow':
    case 'waiting':
    case 'stalled':
    case 'lost':
      return 'recovered'
  }
}
