import { expect, test } from 'vitest'
import { seconds } from '../../contract/units.ts'
import { judgeLiveness, retryDelay, serverOffset } from '../../web/model/connection.ts'

// oxfmt-ignore
test.each([
  // silent for     state
  [seconds(0),      'live'],
  [seconds(10),     'live'],
  [seconds(10.001), 'reconnecting'],
])('after %d ms of silence the page is %s', (silence, state) => {
  expect(judgeLiveness(1_000, 5_000, 1_000 + silence).state).toBe(state)
})

test('silence is dated by the last word heard, in the server’s time', () => {
  expect(judgeLiveness(1_000, 5_000, 61_000)).toEqual({ state: 'reconnecting', asOf: 5_000, silentMs: 60_000 })
  expect(judgeLiveness(null, null, 61_000)).toEqual({ state: 'connecting' })
})

test('retries double up to 30 s, never stop and are never all at once', () => {
  expect([0, 1, 2, 5, 6, 500].map((attempt) => retryDelay(attempt, 0.999_999)).map(Math.round)).toEqual([
    500, 1_000, 2_000, 16_000, 30_000, 30_000,
  ])
  expect(retryDelay(3, 0)).toBe(2_000)
})

test('the truest sample of the server’s clock is the one that travelled least', () => {
  expect(serverOffset([-40, -12, -300])).toBe(-12)
  expect(serverOffset([])).toBe(0)
})
