/** When the feed counts as live, and when to try again. */
import { minutes, seconds, type Instant, type Millis } from '../../contract/units.ts'

/** The server beats every 5 s; two missed beats and we no longer claim to be live. */
export const SILENCE_MAX: Millis = seconds(10)
/** A socket this silent is closed by us: it is half-open. */
export const HALF_OPEN: Millis = seconds(15)
/** On a wall nobody looks at a pill. */
export const WALL_SILENCE: Millis = seconds(15)
/** After this the page says it across its whole width. */
export const OFFLINE: Millis = minutes(1)

export type Liveness =
  | { readonly state: 'connecting' }
  | { readonly state: 'live' }
  | { readonly state: 'reconnecting'; readonly asOf: Instant; readonly silentMs: Millis }

/**
 * @param heardAt when anything last arrived, by our clock; null before the first frame.
 * @param asOf the server's time of that frame.
 */
export function judgeLiveness(heardAt: Instant | null, asOf: Instant | null, now: Instant): Liveness {
  if (heardAt === null || asOf === null) return { state: 'connecting' }
  const silentMs = now - heardAt
  return silentMs > SILENCE_MAX ? { state: 'reconnecting', asOf, silentMs } : { state: 'live' }
}

/** 0.5 s · 2ⁿ with full jitter in its upper half, 30 s at most, for ever. `random` is in [0, 1). */
export function retryDelay(attempt: number, random: number): Millis {
  const ceiling = Math.min(seconds(30), 500 * 2 ** Math.min(attempt, 10))
  return ceiling / 2 + (ceiling / 2) * random
}

/**
 * The server's clock minus ours, from the samples of recent frames. A frame is late by its travel and never early, so
 * the largest sample is the truest; old ones are forgotten because clocks drift and laptops sleep.
 */
export function serverOffset(samples: readonly Millis[]): Millis {
  return samples.length === 0 ? 0 : Math.max(...samples)
}
