import type { RunRow } from '../../contract/runs.ts'
import { TROUBLED_STATUSES } from '../../contract/statuses.ts'

/**
 * The rows most worth showing when not all fit: troubled ones first, then the newest.
 *
 * @param rows of the run book, which lists the oldest first. Looked at from the newest end, nearly every row beyond the
 *   first `most` is passed over at a glance, so a picture of 200,000 runs costs milliseconds; any other order is right too.
 */
export function pickRows(rows: Iterable<RunRow>, most: number): RunRow[] {
  let picked: RunRow[] = []
  /** The least of a full hand. */
  let least: RunRow | undefined
  for (const row of [...rows].toReversed()) {
    if (least !== undefined && byNeed(row, least) >= 0) continue
    picked.push(row)
    if (picked.length < most * 2) continue
    picked = picked.sort(byNeed).slice(0, most)
    least = picked.at(-1)
  }
  return picked.sort(byNeed).slice(0, most)
}

/** One finding stands for the runs it explains: they must not crowd out the others. */
function isTroubled({ status, explainedBy }: RunRow): boolean {
  return TROUBLED_STATUSES.has(status) && explainedBy === null
}

function byNeed(a: RunRow, b: RunRow): number {
  const trouble = Number(isTroubled(b)) - Number(isTroubled(a))
  if (trouble !== 0) return trouble
  // ISO times in UTC sort as text.
  return a.startedAt < b.startedAt ? 1 : a.startedAt > b.startedAt ? -1 : 0
}
