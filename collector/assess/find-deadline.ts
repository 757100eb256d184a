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
 * The moment `allowedMs` of listening have passed since `from`. Time in which we were deaf does not count, and a
 * deadline that a gap has moved lies at least a grace behind it.
 * @param deafness in order of time.
 */
export function findDeadline(from: Instant, allowedMs: Millis, deafness: readonly Deafness[]): Instant {
  let deadline = from + allowedMs
  for (const gap of deafness) {
    const end = gap.from + gap.lengthMs
    if (end <= from || gap.from >= deadline) continue
    deadline = Math.max(deadline + end - Math.max(gap.from, from), end + (gap.lengthMs < LONG ? GRACE : GRACE_LONG))
  }
  return deadline
}
