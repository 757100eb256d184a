import { seconds, type Instant, type Millis } from '../contract/units.ts'
import type { Gap } from './entry.ts'

/** After a gap in our own hearing nothing falls due before every process had the time for three pulses. */
const GRACE: Millis = seconds(15)
/**
 * And before senders that went on trying had theirs: OpenTelemetry's SDKs give up after ten seconds, so what they held
 * in a shorter gap comes within the grace above; a Collector between waits up to half a minute between two attempts.
 */
const GRACE_LONG: Millis = seconds(60)
const LONG: Millis = seconds(10)

/** Until when nobody is held to a deadline because of this gap. */
export function graceEndOf({ from, lengthMs }: Gap): Instant {
  return from + lengthMs + (lengthMs < LONG ? GRACE : GRACE_LONG)
}
