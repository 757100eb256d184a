/** The book of incidents over the real desk and the real tables, on a clock that moves when told to. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openIncidentBook, type IncidentBook } from '../../collector/incident-book.ts'
import { openDesk, type Desk } from '../../collector/keep/desk.ts'
import type { StallWord } from '../../collector/stall.ts'
import type { Fingerprint } from '../../contract/stalls.ts'
import { minutes, seconds, toIso } from '../../contract/units.ts'
import { manualClock, type ManualClock } from '../kit/manual-clock.ts'
import { temporaryFolder } from '../kit/programs.ts'
import { waitUntil } from '../kit/wait-until.ts'
import { openKept, type Kept } from './serve/kit/open-kept.ts'

const START = Date.parse('2026-11-22T14:00:00.000Z')
const [A, B] = ['a'.repeat(16), 'b'.repeat(16)]
const folder = temporaryFolder('incident-book')

let no = 0
let clock: ManualClock
let kept: Kept
let desk: Desk
let book: IncidentBook

beforeEach(async () => {
  clock = manualClock(START)
  kept = openKept()
  desk = openDesk(join(folder, String(no++)))
  book = await open()
  book.note([stands('r1', A), stands('r2', B)])
})
afterEach(async () => {
  await book.stop()
  desk.close()
})

test('one that was merged lives the life of what it was merged into, and its own again when it is taken out', async () => {
  await book.act(A, { action: 'acknowledge' })
  await book.act(A, { action: 'merge', into: B })
  await book.act(B, { action: 'resolve', version: null })
  expect([book.lifeOf(A).state, book.homeOf(A, '1')]).toEqual(['resolved', B])
  await book.act(B, { action: 'unmerge', part: A })
  expect([book.lifeOf(A).state, book.homeOf(A, '1')]).toEqual(['acknowledged', A])
})

test('what came while nobody looked is found at the next start', async () => {
  await book.act(A, { action: 'resolve', version: null, by: 'ana' })
  await book.act(B, { action: 'mute', until: { kind: 'time', at: toIso(START + minutes(5)) } })
  await book.stop()
  clock.pass(minutes(10))
  // The history heard of it; the process was killed before anything was decided.
  kept.save([], [stands('r3', A)])
  book = await open()
  expect([book.lifeOf(A).state, book.lifeOf(B).state]).toEqual(['resolved', 'muted'])
  book.lookAtAll()
  await waitUntil(() => expect([book.lifeOf(A).state, book.lifeOf(B).state]).toEqual(['open', 'open']))
  expect(book.lifeOf(A).regressed).toMatchObject({ from: null, in: '1' })
  expect(book.changes(A).map(({ what, by }) => [what, by])).toEqual([
    ['regressed', null],
    ['resolved', 'ana'],
  ])
})

test('what is said again, or began before it was resolved, is no news', async () => {
  clock.pass(seconds(10))
  await book.act(A, { action: 'resolve', version: null })
  book.note([stands('r1', A, START), stands('late', A, START + seconds(9))])
  await book.stop()
  expect(book.lifeOf(A).state).toBe('resolved')
  expect(book.changes(A)).toHaveLength(1)
})

test('whoever waits for changes hears of each; what changes nothing is no entry', async () => {
  let heard = 0
  book.onChange(() => heard++)
  await book.act(A, { action: 'acknowledge' })
  await book.act(A, { action: 'acknowledge' })
  expect(await book.act(A, { action: 'unmerge', part: B })).toMatchObject({ refused: expect.any(String) })
  expect([heard, book.changes(A).length]).toEqual([1, 1])
})

test('the history is only added to, whoever opens the file', async () => {
  await book.act(A, { action: 'acknowledge', by: 'ana' })
  const file = new DatabaseSync(join(folder, String(no - 1), 'desk.db'))
  for (const statement of ["UPDATE incident_change SET text = ''", 'DELETE FROM incident_change'])
    expect(() => file.exec(statement)).toThrow('the history of incidents is only added to')
  file.close()
  expect(book.changes(A)).toHaveLength(1)
})

function open(): Promise<IncidentBook> {
  const log = {
    error: (facts: object) => {
      throw new Error(JSON.stringify(facts))
    },
  }
  return openIncidentBook({ clock, desk: desk.incidents, history: kept.source, impact: null, log })
}

function stands(runId: string, fingerprint: Fingerprint, since = clock.now()): StallWord {
  const ingredients = { environment: null, agent: 'a', phase: null, step: null, cause: null, code: null }
  const stall = { fingerprint, ingredients, version: '1', userId: null, sessionId: null }
  return { kind: 'stands', runId, since, stall }
}
