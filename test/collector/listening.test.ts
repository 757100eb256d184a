/** When we did not hear what we should have, and what becomes of it on its way into the log. */
import { describe, expect, test } from 'vitest'
import { openLogClock } from '../../collector/log-clock.ts'
import { openIntake } from '../../collector/intake.ts'
import { openListening } from '../../collector/listening.ts'
import type { Entry, Place } from '../../collector/entry.ts'
import { Unavailable } from '../../collector/unavailable.ts'
import { manualClock, START } from '../kit/manual-clock.ts'
import { waitUntil } from '../kit/wait-until.ts'

// Seconds from the start: b beats, r refuses, a accepts.
// oxfmt-ignore
test.each([
  // what happened                                       moments                                   gaps (from, length, reason)
  ['beats every second',                                 'b1 b2 b3 b4',                            []],
  ['a beat comes late',                                  'b1 b5 b6',                               []],
  ['beats stay away for five seconds',                   'b1 b6 b7',                               ['1 5 paused']],
  ['stopped for ten minutes',                            'b1 b601 b602',                           ['1 600 paused']],
  ['one request is refused and comes back',              'b1 r1 a2 b2',                            []],
  ['refused until there is room again',                  'b1 r1 b2 r3 b4 b5 r6 b6 a7',             ['1 6 refused']],
  ['refused, and nobody comes back',                     'b1 r1 b5 r5 b9 b13 b17 b21 b25 b29 b33 b35 b39', ['1 4 refused']],
  ['refused again later is another gap',                 'b1 r1 b4 a4 b5 r6 b8 a9',                ['1 3 refused', '6 3 refused']],
])('%s', (_what, moments, gaps) => {
  const listening = openListening(0)
  const found = moments.split(' ').flatMap((moment) => {
    const now = Number(moment.slice(1)) * 1_000
    if (moment.startsWith('r')) return (listening.refused(now), [])
    const gap = moment.startsWith('b') ? listening.beat(now) : listening.accepted(now)
    return gap === null ? [] : [`${gap.from / 1_000} ${gap.lengthMs / 1_000} ${gap.reason}`]
  })
  expect(found).toEqual(gaps)
})

describe('the way in', () => {
  /** A log that keeps what it is given, in order, or refuses. */
  function open() {
    const clock = manualClock()
    const folded: Entry[] = []
    const disk = { isFull: false, isSlow: false, waiting: [] as (() => void)[] }
    const intake = openIntake({
      clock,
      startAt: START,
      append: async () => {
        if (disk.isFull) throw new Unavailable('the disk is full')
        if (disk.isSlow) await new Promise<void>((resolve) => disk.waiting.push(resolve))
        return { segment: 0, offset: 0, length: 0 } satisfies Place
      },
      advance: () => true,
      fold: async ({ entry }) => void folded.push(entry),
    })
    const take = () => intake.take({ kind: 'traces', encoding: 'protobuf', body: Buffer.alloc(1), signals: [] })
    const kinds = () =>
      folded.map(({ kind, body }) => (kind === 'gap' ? (JSON.parse(Buffer.from(body).toString()) as unknown) : kind))
    return { clock, intake, take, kinds, disk }
  }

  test('a pause stands in the log before what comes after it, and no verdict falls until it does', async () => {
    const { clock, intake, take, kinds } = open()
    await take()
    clock.pass(60_000)
    expect(intake.watermark()).toBe(START)
    await take()
    await waitUntil(() =>
      expect(kinds()).toEqual(['traces', { from: START, lengthMs: 60_000, reason: 'paused' }, 'traces']),
    )
    expect(intake.watermark()).toBe(START + 60_000)
  })

  test('while senders are refused verdicts go on; what was refused is a gap once the disk takes it', async () => {
    const { clock, intake, take, kinds, disk } = open()
    disk.isFull = true
    await expect(take()).rejects.toThrow('the disk is full')
    for (let second = 0; second < 20; second++) {
      clock.pass(1_000)
      intake.beat()
      await expect(take()).rejects.toThrow('the disk is full')
    }
    expect(intake.watermark()).toBe(START + 20_000)
    disk.isFull = false
    await take()
    await waitUntil(() => expect(kinds()).toEqual(['traces', { from: START, lengthMs: 20_000, reason: 'refused' }]))
    expect(intake.watermark()).toBe(START + 20_000)
  })

  test('a pause that the disk does not take is written when it does', async () => {
    const { clock, intake, kinds, disk } = open()
    disk.isFull = true
    clock.pass(30_000)
    intake.beat()
    await Promise.resolve()
    clock.pass(1_000)
    expect(intake.watermark()).toBe(START)
    disk.isFull = false
    intake.beat()
    await waitUntil(() => expect(kinds()).toEqual([{ from: START, lengthMs: 30_000, reason: 'paused' }]))
    expect(intake.watermark()).toBe(START + 31_000)
  })
})

test('a clock set back goes on from where the log ended, and no faster', () => {
  const below = manualClock(START)
  const clock = openLogClock(below)
  expect(clock.now()).toBe(START)
  expect(clock.goOnFrom(START - 5)).toBe(0)
  expect(clock.goOnFrom(START + 3_600_000)).toBe(3_600_000)
  below.pass(1_000)
  expect(clock.now()).toBe(START + 3_601_000)
})
