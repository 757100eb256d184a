import type { SpanId } from '../../contract/ids.ts'
import type { SpanView, SubAgent } from '../../contract/runs.ts'
import { compareStarts } from './compare-starts.ts'

/** @param agents the agents inside the run, by the span of each */
export function listSubAgents(views: readonly SpanView[], agents: ReadonlyMap<SpanId, string>): SubAgent[] {
  if (agents.size === 0) return []
  const byId = new Map(views.map((view) => [view.spanId, view]))
  const steps = new Map<SpanId, number>()
  for (const view of views) {
    if (view.phase !== 'reasoning' && view.phase !== 'tool') continue
    // Ends where a chain of parents bites its own tail.
    const passed = new Set<SpanView>()
    for (let up = byId.get(view.parentSpanId ?? ''); up !== undefined && !passed.has(up);) {
      passed.add(up)
      if (agents.has(up.spanId)) steps.set(up.spanId, (steps.get(up.spanId) ?? 0) + 1)
      up = byId.get(up.parentSpanId ?? '')
    }
  }
  return views
    .filter((view) => agents.has(view.spanId))
    .toSorted(compareStarts)
    .map(({ spanId, openState, status, startedAt, endedAt }) => ({
      spanId,
      agent: agents.get(spanId) ?? '',
      status: openState !== null ? 'open' : status === 'error' ? 'failed' : 'ended',
      startedAt,
      endedAt,
      steps: steps.get(spanId) ?? 0,
    }))
}
