import type { Phase } from '../contract/phases.ts'
import type { RunRow } from '../contract/runs.ts'
import type { Status } from '../contract/statuses.ts'
import type { Instant } from '../contract/units.ts'
import { isOwnRun } from './test-run.ts'

/** A run of which no more is known than where it is, as after a restart. */
type Quiet = { readonly status: Status; readonly phase: Phase | null }

/** At the start, once the log has been read: which runs are open, for those who count them. */
export function countOpen<Run extends { readonly row: RunRow }>(
  census: Iterable<Run | Quiet>,
  verdicts: { knew(status: Status): void },
  board: {
    noteQuiet(phase: Phase | null): void
    note(change: { readonly run: Run; readonly before: null; readonly finishedSteps: [] }, now: Instant): void
  },
  now: Instant,
): void {
  for (const counted of census) {
    const isQuiet = !('row' in counted)
    if (!isQuiet && isOwnRun(counted.row)) continue
    verdicts.knew(isQuiet ? counted.status : counted.row.status)
    if (isQuiet) board.noteQuiet(counted.phase)
    else board.note({ run: counted, before: null, finishedSteps: [] }, now)
  }
}
