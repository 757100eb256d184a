import type { Clock } from '../contract/clock.ts'
import type { Instant, Millis } from '../contract/units.ts'

export interface LogClock extends Clock {
  /**
   * Never say less than the log does. A machine whose clock was set back by an hour would else stand still in the log's
   * time for that hour, and no deadline would pass.
   * @returns by how much this clock is ahead of the one below from now on
   */
  goOnFrom(latest: Instant): Millis
}

/** The clock that receive times come from: it runs as the one below, from no earlier than where the log ends. */
export function openLogClock(clock: Clock): LogClock {
  let ahead: Millis = 0
  return {
    ...clock,
    now: () => clock.now() + ahead,
    goOnFrom(latest) {
      ahead = Math.max(ahead, latest - clock.now())
      return ahead
    },
  }
}
