import type { RunRow } from '../../contract/runs.ts'
import { fromIso, type Millis } from '../../contract/units.ts'
import { quantilesOf } from '../quantiles.ts'

/**
 * What a run says about a release.
 *
 * - `completed` and `broken` are decided; a run that stalled is broken although it may still speak.
 * - `open` will be decided: it runs, or its answer is on its way to the user.
 * - `left-out` says nothing: somebody cancelled it, or it waits for somebody.
 */
export type Standing = 'completed' | 'broken' | 'open' | 'left-out'

export function standingOf({ status, delivery }: Pick<RunRow, 'status' | 'delivery'>): Standing {
  switch (status) {
    case 'completed':
      return delivery.outcome === 'pending' ? 'open' : 'completed'
    case 'undelivered':
      return 'completed'
    case 'failed':
    case 'stalled':
    case 'lost':
      return 'broken'
    case 'running':
    case 'slow':
      return 'open'
    case 'waiting':
    case 'cancelled':
      return 'left-out'
  }
}

/** Delivered as far as anyone can prove; a runtime that tells nothing of its messages proves nothing, nor does a one-way stream. */
export const isDelivered = ({ delivery }: Pick<RunRow, 'delivery'>): boolean => delivery.outcome === 'delivered'

/** Many runs, counted. */
export interface Weight {
  readonly decided: number
  readonly completed: number
  /** Of those completed. */
  readonly delivered: number
  /** Of those completed: nothing says whether their messages arrived. */
  readonly untold: number
  readonly open: number
  readonly leftOut: number
  /** Nothing came of them since Laststep last did not hear. */
  readonly unconfirmed: number
  /** Of those completed, from their start to their end; null for none. */
  readonly p50Ms: Millis | null
  readonly p95Ms: Millis | null
}

export function weighRuns(rows: readonly RunRow[]): Weight {
  const of = (standing: Standing): RunRow[] => rows.filter((row) => standingOf(row) === standing)
  const completed = of('completed')
  const lengths = completed.flatMap(({ startedAt, endedAt }) =>
    endedAt === null ? [] : [fromIso(endedAt) - fromIso(startedAt)],
  )
  const { p50, p95 } = quantilesOf(lengths)
  return {
    decided: completed.length + of('broken').length,
    completed: completed.length,
    delivered: completed.filter(isDelivered).length,
    untold: completed.filter(({ delivery }) => delivery.outcome === 'unknown').length,
    open: of('open').length,
    leftOut: of('left-out').length,
    unconfirmed: rows.filter(({ isUnconfirmed }) => isUnconfirmed).length,
    p50Ms: lengths.length === 0 ? null : p50,
    p95Ms: lengths.length === 0 ? null : p95,
  }
}
