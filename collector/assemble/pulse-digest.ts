/**
 * The open spans of quiet runs as one number, so that a pulse that lists them all, and no others, need not bring them
 * back: of a million runs it says every few seconds that nothing happened.
 */
import type { SpanId, TraceId } from '../../contract/ids.ts'
import { hashOf } from './shelf/key-index.ts'
import type { Trace } from './trace.ts'

/** @returns 0 when a pulse cannot be compared: nothing is open, or more is expected of it than to be listed */
export function digestOf(traces: readonly Trace[], instance: string | null): number {
  let digest = 0
  for (const { traceId, spans } of traces)
    for (const span of spans.values()) {
      if (span.endedAt !== null) continue
      if (span.repeatedEvery !== null || span.unreported || span.source.instance !== instance) return 0
      digest = addToDigest(digest, traceId, span.spanId)
    }
  return digest
}

/** A sum, so that the order does not matter. */
export function addToDigest(digest: number, traceId: TraceId, spanId: SpanId): number {
  return (digest + hashOf(traceId + spanId).low) >>> 0
}
