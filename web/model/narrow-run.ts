import type { SpanId } from '../../contract/ids.ts'
import type { RunDetail, SpanView } from '../../contract/runs.ts'

/**
 * A sub-agent's part of a run, as a run of its own: its span and all below it, and what was sent from there.
 * @returns null when the run has no such sub-agent
 */
export function narrowRun(run: RunDetail, agent: SpanId): RunDetail | null {
  const root = run.subAgents.find(({ spanId }) => spanId === agent)
  if (root === undefined) return null
  const children = Map.groupBy(run.spans, (span) => span.parentSpanId)
  const inside = new Set<SpanId>([agent])
  // The set grows while it is walked; who is in it twice is in it once.
  for (const id of inside) for (const { spanId } of children.get(id) ?? []) inside.add(spanId)
  const isInside = ({ spanId }: { readonly spanId: SpanId | null }) => spanId !== null && inside.has(spanId)
  const spans: readonly SpanView[] = run.spans.filter(isInside)
  const { startedAt, endedAt } = root
  return {
    ...run,
    startedAt,
    endedAt,
    spans,
    spansTotal: spans.length,
    deliveries: run.deliveries.filter(isInside),
    gaps: run.gaps.filter(({ from, to }) => startedAt < to && (endedAt === null || from < endedAt)),
  }
}
