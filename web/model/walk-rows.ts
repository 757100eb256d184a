/** Ways through the rows of a waterfall: to the problems, to what stands beside a span, and around all below it. */
import type { SpanId } from '../../contract/ids.ts'
import type { Millis } from '../../contract/units.ts'
import type { TimeWindow } from './layout.ts'
import { barEnd, type Timeline, type TimelineRow } from './timeline.ts'

/** Whoever looks for trouble wants to see this row: it says something, its end is missing, or it never came. */
export function isProblem({ tone, span }: TimelineRow): boolean {
  return tone !== 'plain' || span === null || (span.openState !== null && span.openState !== 'open')
}

/** The rows left after folding and, if asked, after leaving out what is neither a problem nor above one. */
export function visibleRows(timeline: Timeline, folded: ReadonlySet<SpanId>, onlyProblems = false): number[] {
  const { rows } = timeline
  const kept = onlyProblems ? problemsAndAbove(rows) : null
  const visible: number[] = []
  const isHidden: boolean[] = []
  for (const [index, row] of rows.entries()) {
    const parent = rows[row.parent]
    isHidden[index] = parent !== undefined && (isHidden[row.parent] === true || folded.has(parent.id))
    if (!isHidden[index] && kept?.has(index) !== false) visible.push(index)
  }
  return visible
}

/** The problem after this row, and after the last one the first; null when there is none. */
export function nextProblem({ rows }: Timeline, from: SpanId | null): TimelineRow | null {
  const at = rows.findIndex(({ id }) => id === from)
  return rows.find((row, index) => index > at && isProblem(row)) ?? rows.find(isProblem) ?? null
}

/** The span that began before or after this one under the same parent; null at the ends. */
export function siblingOf({ rows }: Timeline, id: SpanId | null, by: 1 | -1): TimelineRow | null {
  const row = rows.find((each) => each.id === id)
  if (row === undefined) return null
  const siblings = rows.filter(({ parent }) => parent === row.parent)
  return siblings[siblings.indexOf(row) + by] ?? null
}

/** Everything above a row, by id: what must be unfolded for it to be seen. */
export function ancestorsOf({ rows }: Timeline, id: SpanId): ReadonlySet<SpanId> {
  const above = new Set<SpanId>()
  let up = rows[rows.find((row) => row.id === id)?.parent ?? -1]
  while (up !== undefined) {
    above.add(up.id)
    up = rows[up.parent]
  }
  return above
}

/** From the span's start to its end, or with all below it to the last end there; null for one that is not known. */
export function extentOf({ rows }: Timeline, id: SpanId | null, now: Millis, withBelow: boolean): TimeWindow | null {
  const first = rows.findIndex((each) => each.id === id)
  const row = rows[first]
  if (row === undefined) return null
  // Rows below a row follow it, deeper.
  const after = rows.findIndex((each, index) => index > first && each.depth <= row.depth)
  const below = withBelow ? rows.slice(first, after === -1 ? undefined : after) : [row]
  return {
    from: Math.min(...below.map(({ start }) => start)),
    to: Math.max(...below.map((each) => barEnd(each, now))),
  }
}

function problemsAndAbove(rows: readonly TimelineRow[]): ReadonlySet<number> {
  const kept = new Set<number>()
  for (const [index, row] of rows.entries())
    if (isProblem(row)) for (let up = index; up >= 0 && !kept.has(up); up = rows[up]?.parent ?? -1) kept.add(up)
  return kept
}
