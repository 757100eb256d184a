import { expect, test } from 'vitest'
import { findDeadline } from '../../../collector/assess/find-deadline.ts'

// Seconds; the deadline of 60 s allowed since 100.
// oxfmt-ignore
test.each([
  // what happened                                     gaps (from, length)         deadline
  ['we always listened',                               [],                         160],
  ['a gap before it began does not count',             [[50, 40]],                 160],
  ['a short gap inside moves it by its length',        [[120, 9]],                 169],
  ['a long one leaves senders a minute to come back',  [[120, 30]],                210],
  ['a gap begun before counts from the beginning on',  [[80, 40]],                 180],
  ['a gap after the deadline comes too late',          [[160, 500]],               160],
  ['a gap that the first one makes inside counts too', [[140, 9], [165, 5]],       185],
  ['a short gap just before it leaves a grace',        [[159, 9]],                 183],
  ['a long gap just before it leaves a minute',        [[159, 600]],               819],
])('%s', (_what, gaps, expected) => {
  const known = gaps.map(([from = 0, length = 0]) => ({ from: from * 1_000, lengthMs: length * 1_000, reason: 'down' as const }))
  expect(findDeadline(100_000, 60_000, known)).toBe(expected * 1_000)
})
