/** Which runs stand in which list of the board, and in what order. No order depends on a ticking age. */
import { BOARD_WINDOW_MS } from '../../contract/live.ts'
import type { Phase } from '../../contract/phases.ts'
import type { RunRow } from '../../contract/runs.ts'
import { TEST_RUN_SERVICE } from '../../contract/setup.ts'
import { OPEN_STATUSES, STATUSES, TROUBLED_STATUSES } from '../../contract/statuses.ts'
import { fromIso, seconds, type Instant } from '../../contract/units.ts'

/** A run that ends keeps its place this long, so that one sees how it ended. */
const FAREWELL_MS = seconds(10)

/** Troubled runs, worst status first, then the trouble that began first. */
export function attentionRows(rows: Iterable<RunRow>, phase: Phase | null, now: Instant): RunRow[] {
  return [...rows]
    .filter((row) => TROUBLED_STATUSES.has(row.status) && isRecent(row, now) && isIn(row, phase))
    .sort(
      (a, b) =>
        STATUSES.indexOf(a.status) - STATUSES.indexOf(b.status) ||
        compareText(troubleStart(a), troubleStart(b)) ||
        compareText(a.id, b.id),
    )
}

/** Runs that may still speak and those that just ended, newest first. */
export function inFlightRows(rows: Iterable<RunRow>, phase: Phase | null, now: Instant): RunRow[] {
  return [...rows]
    .filter((row) => (OPEN_STATUSES.has(row.status) || isJustEnded(row, now)) && isIn(row, phase))
    .sort((a, b) => compareText(b.startedAt, a.startedAt) || compareText(a.id, b.id))
}

/** How many of these may still speak: the ones that just ended are shown, not counted. */
export function countOpen(rows: readonly RunRow[]): number {
  return rows.filter((row) => OPEN_STATUSES.has(row.status)).length
}

/** The last run that ended, for the sentence of an empty board. */
export function lastEnded(rows: Iterable<RunRow>): RunRow | null {
  let last: RunRow | null = null
  for (const row of rows) if (row.endedAt !== null && (last?.endedAt ?? '') < row.endedAt) last = row
  return last
}

/** Settled long enough ago that its row may fade while it waits to leave. */
export function isFaded(row: RunRow, now: Instant): boolean {
  return row.endedAt !== null && !isJustEnded(row, now)
}

/** ISO text sorts like time. A stalled run's last progress does not move; an ended run's end does not either. */
function troubleStart(row: RunRow): string {
  return row.endedAt ?? row.lastProgressAt
}

function isJustEnded(row: RunRow, now: Instant): boolean {
  return row.endedAt !== null && now - fromIso(row.endedAt) < FAREWELL_MS
}

function isRecent(row: RunRow, now: Instant): boolean {
  return OPEN_STATUSES.has(row.status) || row.endedAt === null || now - fromIso(row.endedAt) < BOARD_WINDOW_MS
}

/** Sent from the page to see what a stall looks like: in no count, and nobody's work. */
export function isTestRun({ service }: Pick<RunRow, 'service'>): boolean {
  return service === TEST_RUN_SERVICE
}

function isIn(row: RunRow, phase: Phase | null): boolean {
  return phase === null || row.step?.phase === phase
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
