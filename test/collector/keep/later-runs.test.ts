/** Runs that only went on, in the real history: written seldom, read fresh. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openHistory, type History } from '../../../collector/keep/history.ts'
import type { StoredRun } from '../../../collector/stored-run.ts'
import { seconds } from '../../../contract/units.ts'
import { manualClock, type ManualClock } from '../../kit/manual-clock.ts'
import { makeRow, makeStored } from '../serve/kit/made-runs.ts'

let dir: string
let history: History
let clock: ManualClock
/** Revisions that were made rows. */
let made: number[]

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'laststep-later-'))
  clock = manualClock()
  made = []
  history = await openHistory({ dir, clock, log: { error: () => {} } })
})
afterEach(async () => {
  await history.close()
  rmSync(dir, { recursive: true, force: true })
})

const stored = (rev: number): StoredRun => makeStored(makeRow({ id: 'run_1', rev }))
const note = (rev: number) =>
  history.noteRun('run_1', () => {
    made.push(rev)
    return stored(rev)
  })
const revRead = async () => (await history.findRun('run_1'))?.row.rev

test('a run that goes on ten times in a second is made a row once, as it is then', async () => {
  for (let rev = 1; rev <= 10; rev++) {
    note(rev)
    clock.pass(90)
  }
  expect(made).toEqual([])
  clock.pass(200)
  expect(made).toEqual([10])
  expect(await revRead()).toBe(10)
})

test('whoever reads sees it', async () => {
  note(1)
  expect(await revRead()).toBe(1)
  note(2)
  expect((await history.listRuns({ limit: 10 })).runs.map(({ rev }) => rev)).toEqual([2])
})

test('a verdict that comes after it is not overwritten by it', async () => {
  note(1)
  void history.saveRuns([stored(2)])
  clock.pass(seconds(5))
  expect(made).toEqual([])
  expect(await revRead()).toBe(2)
})

test('a checkpoint has it, or the next start would not know of it: the log before a checkpoint is not read', async () => {
  note(1)
  await history.saveCheckpoint({ place: null, at: 1 })
  await history.close()
  history = await openHistory({ dir, clock, log: { error: () => {} } })
  expect(await revRead()).toBe(1)
})

test('nothing is left ticking when nothing waits', () => {
  note(1)
  clock.pass(seconds(2))
  expect(clock.pending).toBeLessThanOrEqual(1)
})
