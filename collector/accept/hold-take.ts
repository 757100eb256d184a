import { sleep, type Clock } from '../../contract/clock.ts'
import { seconds, type Millis } from '../../contract/units.ts'
import { Unavailable } from '../unavailable.ts'
import type { Take } from './take-request.ts'

/** Well inside the 10 s after which exporters give an export up by themselves. */
export const HOLD_MAX: Millis = seconds(3)
const PAUSE: Millis = 250

/**
 * Wait a passing fault out on the sender's behalf: JavaScript's gRPC exporter never sends anything a second time.
 * @param isOver true when nobody waits for the answer any more
 */
export function holdTake(take: Take, clock: Clock, isOver: () => boolean): Take {
  return async (accepted) => {
    const until = clock.now() + HOLD_MAX
    for (;;) {
      try {
        return await take(accepted)
      } catch (error) {
        if (!(error instanceof Unavailable) || isOver() || clock.now() + PAUSE > until) throw error
        await sleep(clock, PAUSE)
      }
    }
  }
}
