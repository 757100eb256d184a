import { seconds, type Instant, type Millis } from '../../contract/units.ts'
import type { Deafness } from '../run.ts'

/** After a gap in our own hearing nothing falls due before every process had the time for three pulses. */
const GRACE: Millis = seconds(15)
/**
 * And before senders that went on trying had theirs: OpenTelemetry's SDKs give up after ten seconds, so what they held
 * in a shorter gap comes within the grace above; a Collector between waits up to half a minute between two attempts.
 */
const GRACE_LONG: Millis = seconds(60)
const LONG: Millis = seconds(10)

/**
 * The moment `allowedMs` of listening have passed since `from`. Time in which we were deaf does not count, and nothing
 * that began before the grace after a gap has ended falls due before it has: what was held back comes in any order.
 * @param deafness in order of time.
 */
export function findDeadline(from: Instant, allowedMs: Millis, deafness: readonly Deafness[]): Instant {
  let listenedUntil = from + allowedMs
  let grantedUntil = -Infinity
  for (const gap of deafness) {
    const end = gap.from + gap.lengthMs
    const graceEnd = end + (gap.lengthMs < LONG ? GRACE : GRACE_LONG)
    if (graceEnd <= from || gap.from >= Math.max(listenedUntil, grantedUntil)) continue
    if (gap.from < listenedUntil) listenedUntil += Math.max(0, end - Math.max(gap.from, from))
    grantedUntil = Math.max(grantedUntil, graceEnd)
  }
  // Taken apart, so that whoever is heard of later is never due sooner: a look once planned is never too late.
  return Math.max(listenedUntil, grantedUntil)
}
