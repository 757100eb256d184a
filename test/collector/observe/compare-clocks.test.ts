import { expect, test } from 'vitest'
import { compareClocks } from '../../../collector/observe/compare-clocks.ts'
import { hours, seconds } from '../../../contract/units.ts'
import { START } from '../../kit/manual-clock.ts'
import { instance } from '../assess/facts.ts'

const process = (name: string, behindMs: number, own = {}) =>
  instance({ instance: name, clock: { pulses: 1, behindMs, behindMsBefore: null }, ...own })

test('the furthest of those that are off, among the processes that speak', () => {
  const all = [
    process('right', 40),
    process('nearly', seconds(5) - 1),
    process('behind', seconds(5)),
    process('ahead', -hours(3)),
    process('gone', -hours(9), { stopped: true }),
    process('silent', -hours(9), { pulseAt: START - seconds(20) }),
  ]
  expect(compareClocks(all, START)).toEqual({
    processes: 4,
    off: 2,
    worst: { instance: 'ahead', behindMs: -hours(3) },
  })
})

test('nobody pulses', () => {
  expect(compareClocks([], START)).toEqual({ processes: 0, off: 0, worst: null })
})
