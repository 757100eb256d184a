import type { SpanId } from '../../contract/ids.ts'
import type { LeftOut, SpanView } from '../../contract/runs.ts'
import { fromIso, type Millis } from '../../contract/units.ts'
import { compareStarts } from './compare-starts.ts'

/** More than anyone reads, and what the waterfall was measured with. */
export const SPANS_MAX = 5_000
/** Groups of what was left out; beyond these there is nothing to say that anyone would read. */
const LEFT_OUT_MAX = 100

/** What one looks for among too many spans. */
export interface SpanWish {
  /** This one, whatever it is. */
  readonly span: SpanId | null
  /** Those around this moment, in ms from the first. Null: around `span`. */
  readonly around: Millis | null
}

export const NO_WISH: SpanWish = { span: null, around: null }

/**
 * The spans by their start. When not all fit: the one that is asked for and those the verdict quotes; then, for half of the
 * room, what is nearest to the moment asked for; then open ones, errors and steps before plumbing. Each comes with the spans
 * above it, so that none hangs in the air.
 */
export function pickSpans(
  views: readonly SpanView[],
  most: number,
  quoted: ReadonlySet<SpanId>,
  { span, around }: SpanWish = NO_WISH,
): SpanView[] {
  const byStart = views.toSorted(compareStarts)
  if (byStart.length <= most) return byStart
  const byId = new Map(byStart.map((view) => [view.spanId, view]))
  const kept = new Set<SpanView>()
  const keep = (some: Iterable<SpanView>, room: number): void => {
    for (const view of some) {
      const missing = new Set<SpanView>()
      let up: SpanView | undefined = view
      // Also ends where a chain of parents bites its own tail.
      while (up !== undefined && !kept.has(up) && !missing.has(up)) {
        missing.add(up)
        up = byId.get(up.parentSpanId ?? '')
      }
      if (kept.size + missing.size <= room) for (const each of missing) kept.add(each)
      if (kept.size === room) return
    }
  }
  const asked = byId.get(span ?? '')
  keep([...(asked ? [asked] : []), ...byStart.filter(({ spanId }) => quoted.has(spanId))], most)
  const moment = around === null ? asked?.startedAt : startAfter(byStart, around)
  if (moment !== undefined) keep(nearest(byStart, moment), Math.floor(most / 2))
  const byWeight = byStart.toSorted((a, b) => weightOf(b) - weightOf(a))
  keep(byWeight, most)
  return byStart.filter((view) => kept.has(view))
}

/** What is not among the picked ones, the same thing under the same parent together; the most first. */
export function groupLeftOut(views: readonly SpanView[], picked: readonly SpanView[]): LeftOut[] {
  if (views.length === picked.length) return []
  const kept = new Set(picked)
  const groups = Map.groupBy(
    views.filter((view) => !kept.has(view)),
    ({ parentSpanId, name }) => `${parentSpanId} ${name}`,
  )
  return [...groups.values()]
    .map(describe)
    .sort((a, b) => b.count - a.count)
    .slice(0, LEFT_OUT_MAX)
}

function describe(group: readonly SpanView[]): LeftOut {
  const lengths = group.flatMap(({ startedAt, endedAt }) =>
    endedAt === null ? [] : [fromIso(endedAt) - fromIso(startedAt)],
  )
  lengths.sort((a, b) => a - b)
  return {
    parentSpanId: group[0]?.parentSpanId ?? null,
    name: group[0]?.name ?? '',
    count: group.length,
    p95Ms: lengths[Math.ceil(lengths.length * 0.95) - 1] ?? null,
  }
}

/** The start of the first span from a moment on, or of the last one. */
function startAfter(byStart: readonly SpanView[], around: Millis): string | undefined {
  const [first] = byStart
  if (first === undefined) return undefined
  const from = fromIso(first.startedAt) + around
  return (byStart.find(({ startedAt }) => fromIso(startedAt) >= from) ?? byStart.at(-1))?.startedAt
}

/** Outwards from a moment, to both sides in turn. */
function* nearest(byStart: readonly SpanView[], moment: string): Generator<SpanView> {
  const middle = byStart.findIndex(({ startedAt }) => startedAt >= moment)
  for (let step = 0; step < byStart.length; step++)
    for (const view of [byStart[middle + step], byStart[middle - 1 - step]]) if (view !== undefined) yield view
}

function weightOf(view: SpanView): number {
  if (view.openState !== null) return 3
  if (view.status === 'error') return 2
  return view.phase === null ? 0 : 1
}
