import { expect, test } from 'vitest'
import { NO_BEAT_YET, nextBeat } from '../../sdk/pulse-beat.ts'

const quiet = { seq: 3, beatAt: 10_000, lookedAt: 11_900, blocked: false }
const blocked = { ...quiet, blocked: true }

// oxfmt-ignore
test.each([
  // sentence                                             state         last turn  now     beat   blocked for
  ['the first look beats',                                NO_BEAT_YET,  11_950,    12_000, true,       0],
  ['nothing happens between two beats',                   quiet,        11_950,    12_000, false,      0],
  ['the interval passes',                                 { ...quiet, lookedAt: 14_900 }, 14_950, 15_000, true, 0],
  ['a loop that is a little late is not blocked',         quiet,        11_600,    12_000, false,      0],
  ['a loop that is later is said to be, at the next beat', quiet,       11_400,    12_000, false,    600],
  ['a loop that stops turning is told at once',           quiet,        10_900,    12_000, true,   1_100],
  ['a loop that stays blocked waits for the interval',    blocked,      10_900,    12_000, false,  1_100],
  ['a loop that turns again is told at once',             blocked,      11_950,    12_000, true,       0],
  ['a look that is late itself accuses nobody',           { ...quiet, lookedAt: 11_000 }, 10_500, 12_000, false, 0],
] as const)('%s', (_, state, lastTurn, now, beat, blockedMs) => {
  const next = nextBeat(state, lastTurn, 5_000, now)
  expect(next).toMatchObject({ beat, blockedMs })
  expect(next.state).toMatchObject({ seq: beat ? state.seq + 1 : state.seq, lookedAt: now })
})
