/** A run that waits for a person or for another run, and one that has come back from it. */
import type { Instant } from '../../contract/units.ts'
import { findWait, wentOnAt } from '../open-pairs.ts'
import type { Progression } from '../progression.ts'
import type { RunFacts } from '../run.ts'

/** Since when the whole run waits, by its record or by an approval asked for and not given. */
export function findWaiting(run: RunFacts, progression: Progression): Instant | null {
  if (run.waitingAt !== null) return run.waitingAt
  if (run.deferral !== null && run.spanEndedAt !== null) return run.deferral.at
  return findWait(run, progression)
}

/** When the run last came back from waiting: the patience with the step around it begins anew. */
export function waitedUntil(run: RunFacts, progression: Progression): Instant {
  const moments = [run.resumedAt, run.steps.waiting?.lastEndedAt ?? null, wentOnAt(run, progression)]
  return Math.max(-Infinity, ...moments.filter((at) => at !== null))
}
