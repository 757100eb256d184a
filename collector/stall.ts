/** A run's episode of standing still, as the history is told of it. */
import type { Ingredients, Fingerprint } from '../contract/stalls.ts'
import { fromIso, type Instant } from '../contract/units.ts'
import { OPEN_STATUSES, STANDING_STATUSES } from '../contract/statuses.ts'
import { fingerprintOfRun } from './fingerprint.ts'
import type { RunChange } from './judgement.ts'

/**
 * `stands`: the run stands still since then, with what is known of it now. It may be said again, with more known or
 * after a restart. `over`: it moved on or ended. `late`: a run that had stood still completed after all.
 */
export type StallWord =
  | { readonly kind: 'stands'; readonly runId: string; readonly since: Instant; readonly stall: StallFacts }
  | { readonly kind: 'over'; readonly runId: string; readonly at: Instant; readonly hasMovedOn: boolean }
  | { readonly kind: 'late'; readonly runId: string }

export interface StallFacts {
  readonly fingerprint: Fingerprint
  readonly ingredients: Ingredients
  readonly version: string | null
  readonly userId: string | null
  readonly sessionId: string | null
}

/** None when the change is not about standing still. */
export function stallWords({ run, from, to, at }: Pick<RunChange, 'run' | 'from' | 'to' | 'at'>): StallWord[] {
  const { row, verdict } = run
  if (STANDING_STATUSES.has(to)) {
    const { agent, environment, step, cause, version, userId, sessionId } = row
    const code = step?.code ?? null
    const ingredients = { environment, agent, phase: step?.phase ?? null, step: step?.name ?? null, cause, code }
    const stall = { fingerprint: fingerprintOfRun(row), ingredients, version, userId, sessionId }
    return [{ kind: 'stands', runId: row.id, since: fromIso(verdict.since), stall }]
  }
  const over: StallWord[] =
    from !== null && STANDING_STATUSES.has(from)
      ? [{ kind: 'over', runId: row.id, at, hasMovedOn: OPEN_STATUSES.has(to) }]
      : []
  return verdict.lateByMs === null ? over : [...over, { kind: 'late', runId: row.id }]
}
