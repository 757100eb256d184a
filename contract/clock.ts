import type { Instant, Millis } from './units.ts'

/** A timer that can be called off. Calling it off twice is harmless. */
export interface Timer {
  cancel(): void
}

/**
 * The only reader of time in Laststep. Everything else takes `now` as an argument or a `Clock` in its settings,
 * so a test can play five minutes in a millisecond.
 */
export interface Clock {
  /** Wall time. */
  now(): Instant
  /** Call once, `delay` from now. Does not keep the process alive by itself. */
  after(delay: Millis, call: () => void): Timer
  /** Call every `period` until cancelled. Does not keep the process alive by itself. */
  every(period: Millis, call: () => void): Timer
}

/** Node's timers count in a signed 32-bit number of milliseconds; a longer delay would fire at once. */
const DELAY_MAX: Millis = 2 ** 31 - 1

export const systemClock: Clock = {
  // timeOrigin + now() has microseconds; Date.now() alone would give short spans no length.
  now: () => performance.timeOrigin + performance.now(),
  after(delay, call) {
    const handle = setTimeout(call, Math.min(Math.max(0, delay), DELAY_MAX))
    release(handle)
    return { cancel: () => clearTimeout(handle) }
  },
  every(period, call) {
    const handle = setInterval(call, period)
    release(handle)
    return { cancel: () => clearInterval(handle) }
  },
}

/** Resolve after `delay`; the wait keeps no process alive. */
export function sleep(clock: Clock, delay: Millis): Promise<void> {
  return new Promise((resolve) => clock.after(delay, resolve))
}

/** In Node a timer holds the process open unless released; in a browser it is a plain number. */
function release(handle: unknown): void {
  if (typeof handle === 'object' && handle !== null && 'unref' in handle) (handle as { unref(): void }).unref()
}
