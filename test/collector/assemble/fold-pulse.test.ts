/** How far the clock of a process is off, as its pulses show. */
import { expect, test } from 'vitest'
import { foldPulse } from '../../../collector/assemble/fold-pulse.ts'
import { clockBehindMs, type InstanceFacts } from '../../../collector/run.ts'
import { hours, minutes, seconds } from '../../../contract/units.ts'
import { START } from '../../kit/manual-clock.ts'
import { pulseSignal } from './signals.ts'

const eight = (delay: number) => Array.from({ length: 8 }, () => delay)

// oxfmt-ignore
test.each([
  // pulses                                  each came so long after it was said            behind
  ['the one pulse there is',                 [120],                                         120],
  ['the quickest counts, not the latest',    [900, 40, 700],                                40],
  ['a clock that is ahead',                  [-hours(24) + 80, -hours(24) + 20],            -hours(24) + 20],
  ['what senders held back is delay',        [minutes(10), minutes(9), 30],                 30],
  ['a clock that was set back, soon after',  [...eight(20), ...eight(hours(1)), hours(1)],  hours(1)],
  ['not at its first pulse',                 [...eight(20), hours(1)],                      20],
  ['a clock that was set on, at once',       [...eight(20), -hours(1)],                     -hours(1)],
] as const)('%s', (_, delays, behindMs) => {
  let held: InstanceFacts | null = null
  for (const [index, delay] of delays.entries()) {
    const at = START + seconds(5 * index)
    held = foldPulse(held, pulseSignal({ seq: index + 1, at: at - delay }), at)
  }
  expect(held && clockBehindMs(held)).toBe(behindMs)
})
