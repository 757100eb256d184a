/**
 * One span out of the records that tell of it: its snapshots while it was open and, once, its end.
 *
 * A final record absorbs; among snapshots the highest seq wins; attributes unite and newer ones win. The result does
 * not depend on the order in which the records arrived, nor on how often.
 */
import type { SpanId } from '../../contract/ids.ts'
import type { AttributeValue, Attributes } from '../../contract/runs.ts'
import type { Instant } from '../../contract/units.ts'
import type { FullSpan } from '../record.ts'

export interface MergedSpan {
  /** The record that has the last word. */
  readonly last: FullSpan
  readonly parentSpanId: SpanId | null
  readonly attributes: Attributes
  readonly stopReason: string | null
  /** The last moment its own records speak of, by the sender's clock. */
  readonly heardAt: Instant
}

/** One per trace and span id, in the order of first appearance. */
export function mergeSpans(records: readonly FullSpan[]): MergedSpan[] {
  const bySpan = Map.groupBy(records, (record) => `${record.traceId}:${record.spanId}`)
  return [...bySpan.values()].map(merge)
}

function merge(records: FullSpan[]): MergedSpan {
  const ordered = records.toSorted(byWord)
  const last = ordered.at(-1)
  if (last === undefined) throw new Error('expected a record to merge')
  const attributes: Record<string, AttributeValue> = {}
  for (const record of ordered) Object.assign(attributes, record.attributes)
  return {
    last,
    parentSpanId: ordered.findLast((record) => record.parentSpanId !== null)?.parentSpanId ?? null,
    attributes,
    stopReason: last.endedAt === null ? (ordered.findLast((record) => record.stopReason)?.stopReason ?? null) : null,
    heardAt: last.endedAt ?? lastWordOf(last, records),
  }
}

/**
 * When an open span last spoke, by its sender's clock. A snapshot carries no time of its own; how much later than the
 * first one it came is ours to measure, and being a difference it holds on any clock, however wrong.
 */
function lastWordOf(last: FullSpan, records: readonly FullSpan[]): Instant {
  const firstAt = records.reduce((earliest, { receivedAt }) => Math.min(earliest, receivedAt), last.receivedAt)
  return last.events.reduce((latest, { at }) => Math.max(latest, at), last.startedAt + (last.receivedAt - firstAt))
}

/** From the least to the last word. Two finals of one span differ only by mistake; the later end is kept. */
function byWord(a: FullSpan, b: FullSpan): number {
  return (
    Number(a.endedAt !== null) - Number(b.endedAt !== null) ||
    (a.endedAt ?? 0) - (b.endedAt ?? 0) ||
    a.seq - b.seq ||
    a.receivedAt - b.receivedAt
  )
}
