import { BOARD_WINDOW_MS } from '../contract/live.ts'
import type { RunRow } from '../contract/runs.ts'
import { OPEN_STATUSES } from '../contract/statuses.ts'
import { fromIso, type Instant } from '../contract/units.ts'
import type { JudgedRun } from './run.ts'

/** What the live board begins with: open runs, and those that ended within its window. */
export function* liveRows(runs: Iterable<JudgedRun>, now: Instant): Generator<RunRow> {
  for (const { row } of runs) {
    const isRecent = row.endedAt === null || fromIso(row.endedAt) > now - BOARD_WINDOW_MS
    if (OPEN_STATUSES.has(row.status) || isRecent) yield row
  }
}
