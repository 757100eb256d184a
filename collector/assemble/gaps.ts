import type { Instant, Millis } from '../../contract/units.ts'
import type { Gap } from '../entry.ts'

/** A gap older than the longest budget moves no deadline any more. */
const KEPT: Millis = 24 * 3_600_000

/** The gaps that may still move a deadline, in order of time. */
export function noteGap(known: readonly Gap[], gap: Gap): readonly Gap[] {
  const kept = known.filter(({ from, lengthMs }) => from + lengthMs + KEPT > gap.from)
  return [...kept, gap].sort((a, b) => a.from - b.from)
}

/** Nothing is judged as of a moment at which we did not hear, but as of the end of that gap. */
export function listeningAt(gaps: readonly Gap[], at: Instant): Instant {
  const gap = gaps.find(({ from, lengthMs }) => from < at && at < from + lengthMs)
  return gap === undefined ? at : gap.from + gap.lengthMs
}
