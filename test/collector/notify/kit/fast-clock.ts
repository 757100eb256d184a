import { systemClock, type Clock } from '../../../../contract/clock.ts'

/** A clock that runs `times` as fast as the wall's, for retries that take hours against a receiver that is real. */
export function fastClock(times: number): Clock {
  const start = systemClock.now()
  return {
    now: () => start + (systemClock.now() - start) * times,
    after: (delay, call) => systemClock.after(delay / times, call),
    every: (period, call) => systemClock.every(period / times, call),
  }
}
