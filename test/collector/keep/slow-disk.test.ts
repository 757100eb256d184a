import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import type { Entry } from '../../../collector/entry.ts'
import { openSegmentLog } from '../../../collector/keep/segment-log.ts'
import { Unavailable } from '../../../collector/unavailable.ts'
import { systemClock } from '../../../contract/clock.ts'
import { seconds } from '../../../contract/units.ts'
import { sleepAwake } from '../../kit/laststep-api.ts'
import { manualClock, START } from '../../kit/manual-clock.ts'
import { mountOwn } from './own-mount.ts'

const quiet = { warn: () => {}, error: () => {} }
const entry = (text: string): Entry => ({
  kind: 'traces',
  encoding: 'protobuf',
  receivedAt: 1,
  body: Buffer.from(text),
})

let dir: string
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'laststep-slow-'))))
afterEach(() => rmSync(dir, { recursive: true, force: true }))

/** Lets promises that are due settle, file operations included. */
const turn = () => sleepAwake(20)

test('a commit that takes longer than 2 s: those behind it are told to come back, the one under way is waited for', async () => {
  const clock = manualClock()
  let disk = Promise.withResolvers<void>()
  // Making the segment may itself be slow: what waits for that is refused with the rest.
  const syncing = Promise.withResolvers<void>()
  const sync = async (): Promise<void> => {
    syncing.resolve()
    await disk.promise
  }
  const log = await openSegmentLog({ dir, clock, log: quiet, sync })

  const underWay = log.append(entry('under way'))
  await syncing.promise
  const behind = log.append(entry('behind')).catch((error: unknown) => error)
  clock.pass(seconds(1.9))
  expect(log.counts.refused).toBe(0)
  expect(log.waitsSince).toBe(START)
  clock.pass(seconds(0.2))
  expect(await behind).toBeInstanceOf(Unavailable)
  await expect(log.append(entry('late'))).rejects.toThrow('longer than 2 s')
  expect(log.counts).toMatchObject({ refused: 2, entries: 0 })

  disk.resolve()
  const place = await underWay
  expect(Buffer.from((await log.readAt(place))?.body ?? []).toString()).toBe('under way')
  disk = Promise.withResolvers()
  disk.resolve()
  await log.append(entry('well again'))
  expect([log.waitsSince, log.failing]).toEqual([null, null])
  await log.close()
})

test('fsync: always waits for the disk before it acknowledges; interval does not, and syncs each second', async () => {
  const clock = manualClock()
  let syncs = 0
  const sync = async (): Promise<void> => void (syncs += 1)
  const always = await openSegmentLog({ dir: join(dir, 'always'), clock, log: quiet, sync })
  await always.append(entry('one'))
  expect(syncs).toBe(1)
  await always.close()

  syncs = 0
  const interval = await openSegmentLog({ dir: join(dir, 'interval'), clock, log: quiet, fsync: 'interval', sync })
  await interval.append(entry('one'))
  await interval.append(entry('two'))
  expect(syncs).toBe(0)
  clock.pass(seconds(1))
  await turn()
  expect(syncs).toBe(1)
  clock.pass(seconds(5))
  await turn()
  // Nothing was written since.
  expect(syncs).toBe(1)
  await interval.close()
  expect(clock.pending).toBe(0)
})

const disk = mountOwn('ext4', 48)
afterAll(() => typeof disk !== 'string' && disk.remove())
if (typeof disk === 'string') console.log(`skipped: a real disk that stands still: ${disk}`)

test.skipIf(typeof disk === 'string')('a real disk that stands still: 503 for those behind, nothing lost', async () => {
  if (typeof disk === 'string') return
  const log = await openSegmentLog({ dir: disk.dir, clock: systemClock, log: quiet, reserveBytes: 0 })
  await log.append(entry('before'))
  disk.freeze()
  let startedAt = 0
  let underWay: Promise<unknown>
  try {
    startedAt = systemClock.now()
    underWay = log.append(entry('under way'))
    // Long enough for its write to have been handed to the kernel; what comes sooner would join it and wait with it.
    await sleepAwake(500)
    await expect(log.append(entry('behind'))).rejects.toBeInstanceOf(Unavailable)
    expect(systemClock.now() - startedAt).toBeLessThan(3_000)
    const refusedAt = systemClock.now()
    await expect(log.append(entry('late'))).rejects.toBeInstanceOf(Unavailable)
    expect(systemClock.now() - refusedAt).toBeLessThan(100)
  } finally {
    disk.thaw()
  }
  await underWay
  await log.append(entry('after'))
  const texts: string[] = []
  for await (const read of log.read(null)) texts.push(Buffer.from(read.entry.body).toString())
  await log.close()
  expect(texts).toEqual(['before', 'under way', 'after'])
})
