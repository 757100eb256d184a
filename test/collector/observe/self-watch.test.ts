import { expect, test } from 'vitest'
import type { Gap } from '../../../collector/entry.ts'
import { startSelfWatch } from '../../../collector/observe/self-watch.ts'
import { watchVerdicts } from '../../../collector/observe/watch-verdicts.ts'
import { hours, seconds, toIso } from '../../../contract/units.ts'
import { sleepAwake } from '../../kit/laststep-api.ts'
import { manualClock, START } from '../../kit/manual-clock.ts'

/** A collector whose parts say what they are told to. */
function stage() {
  const manual = manualClock()
  let blockedMs = 0
  const clock = { ...manual, now: () => manual.now() + blockedMs }
  const log = {
    failing: null as { since: number; says: string } | null,
    waitsSince: null,
    lacks: null as string | null,
    async checkRoom() {
      if (log.lacks !== null) throw new Error(log.lacks)
    },
  }
  const gaps: Gap[] = []
  const self = startSelfWatch({
    clock,
    verdicts: watchVerdicts(async () => {}, clock.now),
    log,
    history: { endedAt: null, waitsSince: null },
    watermark: clock.now,
    book: { nextLookAt: () => null, gaps: () => gaps, instances: () => [] },
    operators: { warn: () => {} },
  })
  const pass = async (length: number) => {
    manual.pass(length)
    await sleepAwake(0)
  }
  /** The main thread does nothing for so long: its timers fire late. */
  const block = (ms: number) => void (blockedMs += ms)
  return { clock, log, gaps, self, pass, block, logCheck: () => self.readiness().checks[0] }
}

test('a disk without room is noticed within five seconds though nobody sends, and dated by when it was', async () => {
  const { log, pass, logCheck, self } = stage()
  log.lacks = '5 MiB are left'
  await pass(seconds(4))
  expect(self.readiness().ready).toBe(true)
  await pass(seconds(1))
  const since = toIso(START + seconds(5))
  expect(logCheck()).toEqual({ name: 'log', ok: false, since, says: '5 MiB are left' })
  log.lacks = '4 MiB are left'
  await pass(seconds(30))
  expect(logCheck()).toMatchObject({ since, says: '4 MiB are left' })
  log.lacks = null
  await pass(seconds(5))
  expect(self.readiness().ready).toBe(true)
})

test('a commit that failed for want of room is forgiven with the room, any other only by a commit', async () => {
  const { clock, log, pass, logCheck } = stage()
  await pass(seconds(1))
  log.failing = { since: clock.now(), says: 'the log cannot be written' }
  expect(logCheck()).toMatchObject({ ok: false, since: toIso(START + seconds(1)) })
  log.lacks = '5 MiB are left'
  await pass(seconds(5))
  log.lacks = null
  await pass(seconds(5))
  expect(logCheck()?.ok).toBe(true)
  log.failing = { since: clock.now(), says: 'the log cannot be written' }
  await pass(seconds(60))
  expect(logCheck()).toMatchObject({ ok: false, says: 'the log cannot be written' })
})

test('gaps of the last day are blind time', async () => {
  const { clock, gaps, self, pass } = stage()
  await pass(hours(30))
  const reason = 'paused'
  gaps.push({ from: START, lengthMs: seconds(500), reason })
  gaps.push({ from: clock.now() - seconds(60), lengthMs: seconds(40), reason })
  expect(self.health().blind).toEqual({ gaps: 1, ms: 40_000 })
})

test('a main thread that did not turn shows in how late its timers fire', async () => {
  const { self, pass, block } = stage()
  await pass(seconds(20))
  expect(self.health().loopDelayP99Ms).toBe(1)
  block(seconds(3))
  await pass(seconds(20))
  expect(self.health().loopDelayP99Ms).toBeGreaterThan(2_700)
  expect(self.health().loopDelayP99Ms).toBeLessThan(3_300)
})
