import type { Instant, Millis } from '../../contract/units.ts'
import { graceEndOf } from '../grace.ts'
import type { Gap } from '../entry.ts'

/**
 * The moment `allowedMs` of listening have passed since `from`. Time in which we were deaf does not count, and nothing
 * that began before the grace after a gap has ended falls due before it has: what was held back comes in any order.
 * @param gaps in order of time.
 */
export function findDeadline(from: Instant, allowedMs: Millis, gaps: readonly Gap[]): Instant {
  let listenedUntil = from + allowedMs
  let grantedUntil = -Infinity
  for (const gap of gaps) {
    const end = gap.from + gap.lengthMs
    const graceEnd = graceEndOf(gap)
    if (graceEnd <= from || gap.from >= Math.max(listenedUntil, grantedUntil)) continue
    if (gap.from < listenedUntil) listenedUntil += Math.max(0, end - Math.max(gap.from, from))
    grantedUntil = Math.max(grantedUntil, graceEnd)
  }
  // Taken apart, so that whoever is heard of later is never due sooner: a look once planned is never too late.
  return Math.max(listenedUntil, grantedUntil)
}
