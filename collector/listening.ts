/**
 * When we did not hear what we should have: while this process stood still, and while what was sent to us was refused.
 * What came of our runs meanwhile is unknown, so such a gap moves their deadlines.
 */
import { seconds, type Instant, type Millis } from '../contract/units.ts'
import type { Gap } from './entry.ts'

export interface Listening {
  /** To be called at least every second. @returns the gap that ends now, if there was one */
  beat(now: Instant): Gap | null
  /** Somebody was sent away with what he had to say. */
  refused(now: Instant): void
  /** What was sent is taken. @returns the gap that ends now, if there was one */
  accepted(now: Instant): Gap | null
}

/** Five missed beats: the process was stopped, the machine slept, or something held the main thread. */
const PAUSE_MIN: Millis = seconds(5)
/** Senders come back after two seconds at most, and nothing is lost by that. */
const REFUSAL_MIN: Millis = seconds(2)
/** Nobody comes back any more. */
const REFUSAL_OVER: Millis = seconds(30)

export function openListening(startedAt: Instant): Listening {
  let beatAt = startedAt
  let refusing: { readonly from: Instant; latest: Instant } | null = null

  const endRefusing = (until: Instant): Gap | null => {
    if (refusing === null) return null
    const { from } = refusing
    refusing = null
    return until - from < REFUSAL_MIN ? null : { from, lengthMs: until - from, reason: 'refused' }
  }

  return {
    beat(now) {
      const lengthMs = now - beatAt
      const from = beatAt
      beatAt = now
      if (lengthMs >= PAUSE_MIN) return { from, lengthMs, reason: 'paused' }
      if (refusing !== null && now - refusing.latest >= REFUSAL_OVER) return endRefusing(refusing.latest)
      return null
    },
    refused(now) {
      refusing ??= { from: now, latest: now }
      refusing.latest = now
    },
    accepted: endRefusing,
  }
}
