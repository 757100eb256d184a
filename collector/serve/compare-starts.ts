import type { SpanView } from '../../contract/runs.ts'

/** ISO times of one form are in order when their texts are. */
export function compareStarts(a: SpanView, b: SpanView): number {
  return a.startedAt < b.startedAt ? -1 : a.startedAt > b.startedAt ? 1 : 0
}
