/** What one run adds to the trends, told from its row alone, so that it can be taken back when the run changes. */
import type { Phase } from '../../contract/phases.ts'
import { OPEN_STATUSES, type Status } from '../../contract/statuses.ts'
import { TREND_COUNTS, TREND_PHASES, type TrendCount } from '../../contract/trends.ts'
import { fromIso, type Instant } from '../../contract/units.ts'
import { binOf, BINS } from '../duration-histogram.ts'
import { isStandingStill } from '../stall.ts'
import type { PhaseTimes, StoredRun } from '../stored-run.ts'

/** The columns it is told from; `reached` is a JSON text. */
export interface SharedColumns {
  readonly agent: string | null
  readonly version: string | null
  readonly environment: string | null
  readonly status: string
  readonly started_at: Instant
  readonly ended_at: Instant | null
  readonly due: number
  readonly confirmed: number
  readonly reached: string
}

export const SHARED_COLUMNS = [
  'agent',
  'version',
  'environment',
  'status',
  'started_at',
  'ended_at',
  'due',
  'confirmed',
  'reached',
] as const satisfies readonly (keyof SharedColumns)[]

export function sharedColumns({ row, reached }: StoredRun): SharedColumns {
  const { required, confirmed, outcome } = row.delivery
  // Until the deliveries of a run are settled, what is missing is not lost.
  const isSettled = !OPEN_STATUSES.has(row.status) && outcome !== 'unknown' && outcome !== 'pending'
  return {
    agent: row.agent,
    version: row.version,
    environment: row.environment,
    status: row.status,
    started_at: fromIso(row.startedAt),
    ended_at: row.endedAt === null ? null : fromIso(row.endedAt),
    due: isSettled ? required : 0,
    confirmed: isSettled ? confirmed : 0,
    reached: JSON.stringify(reached),
  }
}

/** By how much a run raises each of `TREND_COUNTS`. */
export function countsOf({ status, due, confirmed }: SharedColumns): number[] {
  const of = (count: TrendCount): number => {
    switch (count) {
      case 'started':
        return 1
      case 'standing':
        return Number(isStandingStill(status as Status))
      case 'due':
        return due
      case 'confirmed':
        return confirmed
      default:
        return Number(status === count)
    }
  }
  return TREND_COUNTS.map(of)
}

/** The bins its times fall into: those of all phases, one after the other. */
export function binsOf({ reached }: SharedColumns): number[] {
  const times = JSON.parse(reached) as PhaseTimes
  return TREND_PHASES.flatMap((phase: Phase, index) => {
    const ms = times[phase]
    return ms === undefined ? [] : [index * BINS + binOf(ms)]
  })
}
