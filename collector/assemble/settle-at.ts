import type { Instant, Millis } from '../../contract/units.ts'

/** Settling looks at every span of a trace. So few cost less than to remember that they wait. */
const AT_ONCE_MAX = 64
/** Longer traces wait for the end of their slot, whoever sends their spans one by one. */
const SLOT: Millis = 50
/** As many spans as one slot is long: a trace of 4,096 is settled every 400 ms, so that none takes more than its share. */
const SPANS_A_SLOT = 512

/** A step that streams says so a hundred times a second; a person sees no more than four changes in one. */
const PROGRESS_WAITS: Millis = 250

/** A run that is fine, of which nothing came but that an open step goes on: such news can wait until then. */
export function settleProgressAt(now: Instant): Instant {
  return now + PROGRESS_WAITS
}

/**
 * When a trace that was touched is to be settled; null for at once. A grid in the log's time, so that a replay settles
 * at the same moments.
 */
export function settleAt(spans: number, now: Instant): Instant | null {
  if (spans <= AT_ONCE_MAX) return null
  const slot = SLOT * Math.ceil(spans / SPANS_A_SLOT)
  return (Math.floor(now / slot) + 1) * slot
}
