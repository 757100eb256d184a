/**
 * What one run adds to the trends. It is kept as a text beside the run, so that it can be taken back when the run changes;
 * a run whose text is the same has changed nothing in them.
 */
import { OPEN_STATUSES, STANDING_STATUSES } from '../../contract/statuses.ts'
import { TREND_COUNTS, TREND_PHASES, type TrendCount } from '../../contract/trends.ts'
import { fromIso, type Instant } from '../../contract/units.ts'
import { binOf, BINS } from '../duration-histogram.ts'
import type { StoredRun } from '../stored-run.ts'

export interface RunShare {
  /** Agent, version and environment. */
  readonly group: readonly (string | null)[]
  readonly startedAt: Instant
  readonly endedAt: Instant | null
  /** By how much it raises each of `TREND_COUNTS`. */
  readonly counts: readonly number[]
  /** The bins its times fall into: those of all phases, one after the other. */
  readonly bins: readonly number[]
}

export function shareOf({ row, reached }: StoredRun): RunShare {
  const { required, confirmed, outcome } = row.delivery
  // Until the deliveries of a run are settled, what is missing is not lost.
  const isSettled = !OPEN_STATUSES.has(row.status) && outcome !== 'unknown' && outcome !== 'pending'
  const raises: Readonly<Record<TrendCount, number>> = {
    started: 1,
    completed: Number(row.status === 'completed'),
    undelivered: Number(row.status === 'undelivered'),
    failed: Number(row.status === 'failed'),
    cancelled: Number(row.status === 'cancelled'),
    standing: Number(STANDING_STATUSES.has(row.status)),
    due: isSettled ? required : 0,
    confirmed: isSettled ? confirmed : 0,
  }
  return {
    group: [row.agent, row.version, row.environment],
    startedAt: fromIso(row.startedAt),
    endedAt: row.endedAt === null ? null : fromIso(row.endedAt),
    counts: TREND_COUNTS.map((count) => raises[count]),
    bins: TREND_PHASES.flatMap((phase, index) => {
      const ms = reached[phase]
      return ms === undefined ? [] : [index * BINS + binOf(ms)]
    }),
  }
}

export function writeShare({ group, startedAt, endedAt, counts, bins }: RunShare): string {
  return JSON.stringify([group, startedAt, endedAt, counts, bins])
}

export function readShare(text: string): RunShare {
  type Written = [RunShare['group'], RunShare['startedAt'], RunShare['endedAt'], RunShare['counts'], RunShare['bins']]
  const [group, startedAt, endedAt, counts, bins] = JSON.parse(text) as Written
  return { group, startedAt, endedAt, counts, bins }
}
