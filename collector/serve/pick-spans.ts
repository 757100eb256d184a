import type { SpanId } from '../../contract/ids.ts'
import type { SpanView } from '../../contract/runs.ts'
import { compareStarts } from './compare-starts.ts'

/** More than anyone reads, and what the waterfall was measured with. */
export const SPANS_MAX = 5_000

/**
 * The spans by their start. When not all fit: those the verdict quotes, open ones, errors and steps before plumbing, each
 * with the spans above it, so that none hangs in the air.
 */
export function pickSpans(views: readonly SpanView[], most: number, quoted: ReadonlySet<SpanId>): SpanView[] {
  const byStart = views.toSorted(compareStarts)
  if (byStart.length <= most) return byStart
  const byId = new Map(byStart.map((view) => [view.spanId, view]))
  const kept = new Set<SpanView>()
  for (const view of byStart.toSorted((a, b) => weightOf(b, quoted) - weightOf(a, quoted))) {
    const missing = new Set<SpanView>()
    let up: SpanView | undefined = view
    // Also ends where a chain of parents bites its own tail.
    while (up !== undefined && !kept.has(up) && !missing.has(up)) {
      missing.add(up)
      up = byId.get(up.parentSpanId ?? '')
    }
    if (kept.size + missing.size <= most) for (const span of missing) kept.add(span)
    if (kept.size === most) break
  }
  return byStart.filter((view) => kept.has(view))
}

function weightOf(view: SpanView, quoted: ReadonlySet<SpanId>): number {
  if (quoted.has(view.spanId)) return 4
  if (view.openState !== null) return 3
  if (view.status === 'error') return 2
  return view.phase === null ? 0 : 1
}
