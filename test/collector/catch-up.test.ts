/** What a start makes of the time in which nobody listened. */
import { expect, test } from 'vitest'
import { catchUp } from '../../collector/catch-up.ts'
import type { Gap } from '../../collector/entry.ts'
import { START } from '../kit/manual-clock.ts'

async function start(aliveAt: number | null, startedAt: number, readingMs = 0) {
  let now = startedAt
  const gaps: Gap[] = []
  const { gapMs, at } = await catchUp({
    checkpoint: aliveAt === null ? null : { place: null, at: aliveAt },
    aliveAt,
    now: () => now,
    entries: async function* () {
      now += readingMs
      yield* []
    },
    read: () => ({ signals: [] }),
    fold: async () => {},
    noteGap: async (gap) => void gaps.push(gap),
  })
  return { gaps, gapMs, at }
}

// oxfmt-ignore
test.each([
  // what happened                             alive until   now            the gap's length   the log ends at
  ['the first start: nobody was to listen',    null,         0,             null,              0],
  ['back within a second',                     0,            900,           null,              900],
  ['down for ten minutes',                     0,            600_000,       600_000,           600_000],
  ['the clock was set back by an hour',        3_600_000,    0,             1_000,             3_601_000],
])('%s', async (_what, aliveAt, now, lengthMs, end) => {
  const until = aliveAt === null ? null : START + aliveAt
  const { gaps, at } = await start(until, START + now)
  expect(gaps).toEqual(lengthMs === null ? [] : [{ from: until, lengthMs, reason: 'down' }])
  expect(at).toBe(aliveAt === null ? 0 : START + end)
})

test('the time it takes to read the log is time in which nobody listens', async () => {
  const { gaps, at } = await start(START, START + 5_000, 40_000)
  expect(gaps).toEqual([{ from: START, lengthMs: 45_000, reason: 'down' }])
  expect(at).toBe(START + 45_000)
})
