/**
 * A thousand worlds in which everything goes wrong that may: what the collector says of each run, at each moment, must
 * be what a slow and separate judge says, and must fit what really happened. `npm run simulate` plays more of them.
 */
import { describe, expect, test } from 'vitest'
import { judgeRun } from '../../collector/assess/judge-run.ts'
import { seconds, toIso } from '../../contract/units.ts'
import type { Judge } from './machine.ts'
import { contract, playSeed } from './play-seed.ts'
import { REGRESSIONS } from './regressions.ts'
import { tellPlay } from './tell-play.ts'

const AT_ONCE = 100
const counts = { runs: 0, flags: 0, restarts: 0, wentWell: 0, stoodStill: 0, diedWithProcess: 0 }

async function play(seed: number | string): Promise<void> {
  const played = await playSeed(seed)
  if (played.difference !== null) throw new Error(tellPlay(played, seed))
  const { truth } = played
  counts.runs += played.world.runs.length
  counts.flags += played.flags
  counts.restarts += played.lived.restarts
  counts.wentWell += truth.wentWell
  counts.stoodStill += truth.stoodStill
  counts.diedWithProcess += truth.diedWithProcess
}

describe('every verdict is right', () => {
  test.each(Array.from({ length: 10 }, (_, index) => 1 + index * AT_ONCE))('seeds from %i', async (from) => {
    for (let seed = from; seed < from + AT_ONCE; seed++) await play(seed)
  })

  test('and there was something to be right about', () => {
    expect(counts.runs).toBeGreaterThan(5_000)
    expect(counts.flags).toBeGreaterThan(2_500)
    expect(counts.restarts).toBeGreaterThan(500)
    expect(counts.wentWell).toBeGreaterThan(2_000)
    expect(counts.stoodStill).toBeGreaterThan(500)
    expect(counts.diedWithProcess).toBeGreaterThan(100)
  })
})

describe('what once went wrong', () => {
  test.each(REGRESSIONS)('seed %s: %s', play)
})

const judgedBy =
  (change: (circumstances: Parameters<Judge>[0]) => Parameters<Judge>[0]): Judge =>
  (circumstances, now) =>
    judgeRun(change(circumstances), contract, now)

/** Its clock is behind, and it comes to look as much later. */
const judgedLate: Judge = (circumstances, now) => {
  const judgement = judgeRun(circumstances, contract, now - seconds(1))
  const { lookAgainAt } = judgement
  return { ...judgement, lookAgainAt: lookAgainAt === null ? null : lookAgainAt + seconds(1) }
}

const judgedWhenLooking: Judge = (circumstances, now) => {
  const judgement = judgeRun(circumstances, contract, now)
  const isFlag = judgement.flaggedAt !== null && circumstances.before?.status !== judgement.verdict.status
  return isFlag ? { ...judgement, verdict: { ...judgement.verdict, since: toIso(now + 1) } } : judgement
}

/** Judges that are wrong in one way each. */
const WRONG: readonly (readonly [string, Judge])[] = [
  ['says everything a second late', judgedLate],
  ['knows of no gap', judgedBy((each) => ({ ...each, gaps: [] }))],
  ['hears no pulse', judgedBy((each) => ({ ...each, instance: null }))],
  [
    'takes any progress for its own',
    judgedBy((each) => ({ ...each, run: { ...each.run, progressAt: each.run.heardAt } })),
  ],
  ['forgets what was thrown', judgedBy((each) => ({ ...each, run: { ...each.run, exception: null } }))],
  ['dates a flag by when it looks', judgedWhenLooking],
  ['believes every client', judgedBy((each) => ({ ...each, connection: () => null }))],
  [
    'is told of a run by the clock of its sender',
    judgedBy((each) => ({
      ...each,
      run: { ...each.run, firstHeardAt: each.run.startedAt, acceptedAt: each.run.startedAt },
    })),
  ],
]

describe('a judge that is wrong is found out', () => {
  test.each(WRONG)('one that %s', async (_how, judge) => {
    let seed = 1
    while (seed <= 40 && (await playSeed(seed, judge)).difference === null) seed++
    expect(seed).toBeLessThanOrEqual(40)
  })
})
