/** The collector's list of runs as last seen, asked for again and again: what everybody else sees on the board. */
import type { Clock } from '../../contract/clock.ts'
import type { RunRow } from '../../contract/runs.ts'
import { FLAGGED_STATUSES } from '../../contract/statuses.ts'
import type { Instant, Millis } from '../../contract/units.ts'
import { listRuns } from './ask-collector.ts'

export interface Board {
  /** The first row that fits, and when it was seen. Null when none did within `limit`. */
  waitFor(fits: (row: RunRow) => boolean, limit: Millis): Promise<{ row: RunRow; seenAt: Instant } | null>
  /** How a run looked when it was first seen flagged; undefined for one that never was. */
  flagOf(runId: string): RunRow | undefined
  /** The first failure to ask, if any. */
  readonly problem: Error | null
  stop(): void
}

const LOOK_EVERY_MS: Millis = 250

export function watchBoard(dashboard: string, clock: Clock): Board {
  const lookers = new Set<(rows: readonly RunRow[]) => void>()
  const flags = new Map<string, RunRow>()
  let problem: Error | null = null
  let isLooking = false
  const timer = clock.every(LOOK_EVERY_MS, () => void look())

  async function look(): Promise<void> {
    // An answer that takes long is waited for: two at a time would not be any newer.
    if (isLooking || lookers.size === 0) return
    isLooking = true
    try {
      const rows = await listRuns(dashboard)
      for (const row of rows) if (FLAGGED_STATUSES.has(row.status) && !flags.has(row.id)) flags.set(row.id, row)
      for (const looker of lookers) looker(rows)
    } catch (error) {
      problem ??= error instanceof Error ? error : new Error(String(error))
    } finally {
      isLooking = false
    }
  }

  return {
    waitFor: (fits, limit) =>
      new Promise((resolve) => {
        const finish = (found: { row: RunRow; seenAt: Instant } | null) => {
          lookers.delete(looker)
          giveUp.cancel()
          resolve(found)
        }
        const looker = (rows: readonly RunRow[]) => {
          const row = rows.find(fits)
          if (row !== undefined) finish({ row, seenAt: clock.now() })
        }
        const giveUp = clock.after(limit, () => finish(null))
        lookers.add(looker)
      }),
    flagOf: (runId) => flags.get(runId),
    get problem() {
      return problem
    },
    stop: () => timer.cancel(),
  }
}
