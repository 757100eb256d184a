/**
 * The thread that reads the log for those who search it, on time that nobody else wants: one segment for one question
 * at a time. It has a main of its own, which wires what it needs.
 */
import { workerData } from 'node:worker_threads'
import { ATTR } from '../contract/attributes.ts'
import { toIso } from '../contract/units.ts'
import { readRecords } from './accept/read-records.ts'
import { undisguised } from './accept/undo-disguise.ts'
import { createSegmentReader } from './keep/segment-reader.ts'
import { matchSpan, openSieve } from './match-span.ts'
import type { SpanSighting, StretchAnswer, StretchQuestion } from './log-search.ts'
import { answerInThread } from './reading-thread.ts'

/** Of a stretch that is full of them the newest are told first; whoever wants more asks again. */
const TRACES_MAX = 500

// Damage is reported by those who own the log.
const reader = createSegmentReader(workerData as string, async () => {})

answerInThread(search)

async function search(
  { segment, end, before, conditions }: StretchQuestion,
  isStopped: () => boolean,
): Promise<StretchAnswer> {
  const mayFit = openSieve(conditions)
  /** By trace: where it was seen last. In the order of the log. */
  const seen = new Map<string, SpanSighting>()
  let [firstAt, lastAt]: [number | null, number | null] = [null, null]
  let isCut = false
  for await (const { entry, place } of reader.read(segment, 0, end)) {
    if (isStopped() || (before !== null && place.offset >= before)) break
    firstAt ??= entry.receivedAt
    lastAt = entry.receivedAt
    if (!mayFit(entry)) continue
    for (const span of undisguised(readRecords(entry)).spans) {
      const matched = matchSpan(span, conditions)
      if (matched === null) continue
      const runId = span.attributes[ATTR.runId]
      const { traceId, spanId, name } = span
      seen.delete(traceId)
      seen.set(traceId, {
        traceId,
        runId: typeof runId === 'string' ? runId : null,
        offset: place.offset,
        span: { spanId, name, startedAt: toIso(span.startedAt) },
        matched,
      })
      if (seen.size <= TRACES_MAX) continue
      for (const [oldest] of seen) {
        seen.delete(oldest)
        break
      }
      isCut = true
    }
  }
  return { sightings: [...seen.values()].toReversed(), isCut, firstAt, lastAt }
}
