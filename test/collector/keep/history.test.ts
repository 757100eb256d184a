import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { CANARY } from '../../../collector/canary-run.ts'
import { BadQuery } from '../../../collector/keep/bad-query.ts'
import { openHistory, type History } from '../../../collector/keep/history.ts'
import type { RunQuery, StoredRun } from '../../../collector/stored-run.ts'
import { systemClock } from '../../../contract/clock.ts'
import type { RunRow, Step } from '../../../contract/runs.ts'
import { minutes, seconds, toIso } from '../../../contract/units.ts'
import { manualClock } from '../../kit/manual-clock.ts'

const START = Date.parse('2026-11-22T03:00:00Z')

let dir: string
let history: History

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'laststep-history-'))
  history = await open()
})
afterEach(async () => {
  await history.close()
  rmSync(dir, { recursive: true, force: true })
})

function open(): Promise<History> {
  return openHistory({ dir, clock: systemClock, log: { error: (details, message) => console.error(message, details) } })
}

const step = (phase: Step['phase'], name: string | null): Step => ({
  phase,
  name,
  spanId: null,
  since: toIso(START),
  code: null,
})

const at = (minute: number): string => toIso(START + minutes(minute))

function run(id: string, minute: number, row: Partial<RunRow> = {}): StoredRun {
  const startedAt = toIso(START + minutes(minute))
  const whole: RunRow = {
    id,
    rev: 1,
    traceId: null,
    agent: 'support',
    service: 'shop',
    version: '1.0',
    environment: 'staging',
    userId: null,
    sessionId: null,
    status: 'completed',
    step: null,
    cause: null,
    confidence: 'T1',
    explainedBy: null,
    isUnconfirmed: false,
    startedAt,
    lastProgressAt: startedAt,
    endedAt: null,
    events: 0,
    delivery: { required: 0, confirmed: 0, outcome: 'unknown' },
    ...row,
  }
  return {
    row: whole,
    otherIds: [],
    spanId: null,
    verdict: {
      status: whole.status,
      step: whole.step,
      cause: null,
      since: startedAt,
      deadline: null,
      limit: null,
      confidence: 'T1',
      otherwise: null,
      evidence: [{ text: `of ${id}`, ref: null }],
      explainedBy: null,
      unconfirmed: null,
      lateByMs: null,
    },
    outcome: 'succeeded',
    checklist: [],
    process: null,
    pastStalls: [],
    contract: { name: 'laststep', hash: 'abc' },
    reached: {},
  }
}

describe('lists', () => {
  beforeEach(() =>
    history.saveRuns([
      run('a', 0, { agent: 'research', status: 'stalled', step: step('tool', 'search_orders'), userId: 'ann' }),
      run('b', 1, { agent: 'research', status: 'running', step: step('reasoning', 'gpt-5'), environment: 'prod' }),
      run('c', 2, { status: 'stalled', step: step('tool', 'fetch_page'), version: '2.0' }),
      run('d', 3, { status: 'lost', step: step('finalise', null), userId: 'ann' }),
      run('e', 4),
    ]),
  )

  // oxfmt-ignore
  test.each<[string, RunQuery, string]>([
    ['everything, newest first',      {},                                                  'e d c b a'],
    ['one status',                    { status: ['stalled'] },                             'c a'],
    ['several statuses',              { status: ['stalled', 'lost'] },                     'd c a'],
    ['no status at all',              { status: [] },                                      ''],
    ['an agent',                      { agent: 'research' },                               'b a'],
    ['an environment',                { environment: 'prod' },                             'b'],
    ['a version',                     { version: '2.0' },                                  'c'],
    ['a user',                        { user: 'ann' },                                     'd a'],
    ['a phase',                       { step: 'tool' },                                    'c a'],
    ['a phase and what it is about',  { step: 'tool › fetch_page' },                       'c'],
    ['what it is about alone',        { step: 'gpt-5' },                                   'b'],
    ['a phase without a name',        { step: 'finalise' },                                'd'],
    ['since, included',               { since: START + minutes(3) },                       'e d'],
    ['until, excluded',               { until: START + minutes(1) },                       'a'],
    ['all conditions at once',        { status: ['stalled'], agent: 'research', user: 'ann', step: 'tool', since: START }, 'a'],
    ['conditions nothing meets',      { agent: 'research', version: '2.0' },               ''],
    ['what is no SQL',                { agent: "research' OR 1=1 --" },                    ''],
  ])('%s', async (_what, query, expected) => {
    const { runs, next } = await history.listRuns(query)
    expect(runs.map((row) => row.id).join(' ')).toBe(expected)
    expect(next).toBeNull()
  })

  test('come in pages that lose and double nothing, also while runs come and change', async () => {
    await history.saveRuns(Array.from({ length: 20 }, (_, index) => run(`same-${index}`, 10)))
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const page = await history.listRuns({ limit: 3, cursor })
      seen.push(...page.runs.map((row) => row.id))
      cursor = page.next ?? undefined
      await history.saveRuns([run(`new-${seen.length}`, 20), run('a', 0, { rev: seen.length + 1 })])
    } while (cursor !== undefined)
    expect(seen).toHaveLength(25)
    expect(new Set(seen).size).toBe(25)
  })

  // oxfmt-ignore
  test.each<[string, RunQuery, string]>([
    ['the oldest first',                          { order: 'asc' },                                'a b c d e n f g'],
    ['the longest first, those that go on ahead', { sort: 'duration' },                            'a b c d e g f n'],
    ['the shortest first',                        { sort: 'duration', order: 'asc' },              'n f g e d c b a'],
    ['the longest of some',                       { sort: 'duration', since: START + minutes(4) }, 'e g f n'],
    ['what demands attention first',              { sort: 'status' },                              'f c a d e b g n'],
    ['what is well first',                        { sort: 'status', order: 'desc' },               'g n e b d c a f'],
    ['by status, and only some of them',          { sort: 'status', status: ['lost', 'failed'] },  'f d'],
    ['by agent, nobody’s last',                   { sort: 'agent' },                               'b a g f e d c n'],
    ['by agent from the end, nobody’s last',      { sort: 'agent', order: 'desc' },                'g f e d c b a n'],
    ['one agent’s, by agent',                     { sort: 'agent', agent: 'research' },            'b a'],
    ['what no agent has',                         { sort: 'agent', version: '9' },                 ''],
  ])('in an order: %s; page by page it is the same', async (_what, query, expected) => {
    await history.saveRuns([
      run('e', 4, { rev: 2, status: 'running' }),
      run('n', 5, { agent: null, status: 'completed', endedAt: at(5.5) }),
      run('f', 6, { status: 'failed', endedAt: at(7) }),
      run('g', 7, { status: 'completed', endedAt: at(9) }),
    ])
    const { runs, next } = await history.listRuns(query)
    expect(runs.map((row) => row.id).join(' ')).toBe(expected)
    expect(next).toBeNull()
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const page = await history.listRuns({ ...query, limit: 2, cursor })
      expect(page.runs.length).toBeLessThanOrEqual(2)
      seen.push(...page.runs.map((row) => row.id))
      cursor = page.next ?? undefined
    } while (cursor !== undefined)
    expect(seen.join(' ')).toBe(expected)
  })

  test('a cursor of another order is the asker’s fault', async () => {
    const { next } = await history.listRuns({ sort: 'agent', limit: 1 })
    const asked = { cursor: next ?? '', sort: 'status' } as const
    await expect(history.listRuns(asked)).rejects.toMatchObject({ status: 400, message: /same order/ })
    await expect(history.listRuns({ cursor: next ?? '' })).rejects.toBeInstanceOf(BadQuery)
  })

  test.each(['nonsense', '', Buffer.from('[1]').toString('base64url'), Buffer.from('{}').toString('base64url')])(
    'a cursor that is none of ours (%j) is the asker’s fault',
    async (cursor) => {
      await expect(history.listRuns({ cursor })).rejects.toBeInstanceOf(BadQuery)
      await expect(history.listRuns({ cursor })).rejects.toMatchObject({ status: 400, message: /cursor/ })
    },
  )
})

describe('a run', () => {
  test('of before there was a process, a second explanation or a past stall has none', async () => {
    const { process: _process, pastStalls: _pastStalls, verdict, ...rest } = run('old', 0)
    const { otherwise: _otherwise, ...said } = verdict
    await history.saveRuns([{ ...rest, verdict: said } as unknown as StoredRun])
    expect(await history.findRun('old')).toEqual(run('old', 0))
  })

  test('is found by its id and by its trace, whole, as last saved', async () => {
    const traceId = '0af7651916cd43dd8448eb211c80319c'
    await history.saveRuns([run('a', 0, { traceId }), run('older', -1, { traceId })])
    await history.saveRuns([run('a', 0, { traceId, rev: 2, status: 'failed' })])
    const expected = run('a', 0, { traceId, rev: 2, status: 'failed' })
    expect(await history.findRun('a')).toEqual(expected)
    expect(await history.findRun(traceId)).toEqual(expected)
    expect(await history.findRun('nobody')).toBeNull()
    expect((await history.listRuns({ status: ['completed'] })).runs.map((row) => row.id)).toEqual(['older'])
  })

  test('is read as it was asked to be saved a moment before: nothing has to be waited for', async () => {
    for (let rev = 1; rev <= 50; rev++) {
      void history.saveRuns([run('a', 0, { rev })])
      expect((await history.findRun('a'))?.row.rev).toBe(rev)
    }
  })
})

test('pieces are found by any of their keys, once each, in the order of the log', async () => {
  const place = (segment: number, offset: number) => ({ segment, offset, length: 10 })
  await history.savePieces([
    { key: 't1', place: place(2, 0) },
    { key: 't1', place: place(1, 8) },
    { key: 't1', place: place(1, 8) },
    { key: 'conn:c', place: place(1, 8) },
    { key: 'conn:c', place: place(1, 0) },
    { key: 't2', place: place(1, 16) },
  ])
  expect(await history.pieces(['t1', 'conn:c'])).toEqual([place(1, 0), place(1, 8), place(2, 0)])
  await history.forget({ segmentsBelow: 2, startedBefore: 0, ownBefore: 0, now: START })
  expect(await history.pieces(['t1', 'conn:c', 't2'])).toEqual([place(2, 0)])
})

test('runs that began too long ago are forgotten', async () => {
  await history.saveRuns([run('old', 0), run('new', 5)])
  await history.forget({ segmentsBelow: 0, startedBefore: START + minutes(1), ownBefore: 0, now: START })
  expect((await history.listRuns({})).runs.map((row) => row.id)).toEqual(['new'])
  expect(await history.findRun('old')).toBeNull()
})

test('a run that moved lately is kept, whenever it began by the clock of its sender', async () => {
  const lately = { lastProgressAt: toIso(START + minutes(5)) }
  await history.saveRuns([run('a clock months behind', -150 * 24 * 60, lately), run('old', 0)])
  await history.forget({ segmentsBelow: 0, startedBefore: START + minutes(1), ownBefore: 0, now: START })
  expect((await history.listRuns({})).runs.map((row) => row.id)).toEqual(['a clock months behind'])
  const kept = await history.findRun('a clock months behind')
  expect(kept?.row.lastProgressAt).toBe(lately.lastProgressAt)
})

describe('runs of the canary', () => {
  const canary = (id: string, minute: number) => run(id, minute, { agent: CANARY.agent, service: CANARY.service })
  const ids = async (query: RunQuery) => (await history.listRuns(query)).runs.map((row) => row.id)

  test('are in the list of canaries and in no other, and are found by their ids', async () => {
    await history.saveRuns([run('a', 0), run('nameless', 1, { service: null }), canary('c', 2)])
    expect(await ids({})).toEqual(['nameless', 'a'])
    expect(await ids({ agent: CANARY.agent })).toEqual([])
    expect(await ids({ isCanary: true })).toEqual(['c'])
    expect((await history.findRun('c'))?.row.id).toBe('c')
  })

  test('are forgotten before the others, and leave nothing behind', async () => {
    await history.saveRuns([run('a', 0), canary('old', 0), canary('new', 5)])
    await history.forget({ segmentsBelow: 0, startedBefore: 0, ownBefore: START + minutes(1), now: START })
    expect([await ids({}), await ids({ isCanary: true })]).toEqual([['a'], ['new']])
    const database = new DatabaseSync(join(dir, 'history.db'), { readOnly: true })
    expect(database.prepare('SELECT count(*) AS count FROM page').get()).toEqual({ count: 2 })
    database.close()
  })
})

test('what is asked to be stored is told when it is, without hurrying; a thread that is gone is told as well', async () => {
  expect([history.endedAt, history.waitsSince]).toEqual([null, null])
  await history.saveRuns([run('a', 0)])
  await history.stored()
  const database = new DatabaseSync(join(dir, 'history.db'))
  expect(database.prepare('SELECT id FROM run').all()).toEqual([{ id: 'a' }])
  // Another writer holds the database: its thread owes us an answer.
  database.exec('BEGIN IMMEDIATE')
  await history.saveRuns([run('b', 0)])
  await expect.poll(() => history.waitsSince).not.toBeNull()
  database.exec('COMMIT')
  database.close()
  await history.stored()
  expect(history.waitsSince).toBeNull()
  await history.close()
  expect(history.endedAt).not.toBeNull()
})

test('the newest checkpoint and the last moment alive survive a restart', async () => {
  expect(await history.loadCheckpoint()).toBeNull()
  expect(await history.loadAlive()).toBeNull()
  const place = { segment: 3, offset: 64, length: 99 }
  await history.saveAlive(5.5)
  const long = 'ä'.repeat(10_000)
  await history.saveSheet({ no: 0, text: 'old' })
  await history.saveCheckpoint({ place: null, at: 1 })
  await history.saveSheet({ no: 0, text: 'never finished' })
  await history.saveSheet({ no: 0, text: 'new' })
  await history.saveSheet({ no: 1, text: long })
  await history.saveCheckpoint({ place, at: 2.25 })
  await history.saveSheet({ no: 0, text: 'begun and never finished' })
  await history.close()
  history = await open()
  expect(await history.loadCheckpoint()).toEqual({ place, at: 2.25 })
  const sheets: string[] = []
  for await (const sheet of history.loadSheets()) sheets.push(sheet)
  expect(sheets).toEqual(['new', long])
  expect(await history.loadAlive()).toBe(5.5)
})

test('a checkpoint is never on disk without the rows it stands for', async () => {
  void history.saveRuns([run('a', 0)])
  void history.savePieces([{ key: 't', place: { segment: 1, offset: 0, length: 1 } }])
  await history.saveCheckpoint({ place: null, at: 1 })
  // A second reader sees what a crash at this moment would leave.
  const database = new DatabaseSync(join(dir, 'history.db'), { readOnly: true })
  expect(database.prepare('SELECT count(*) AS n FROM run').get()).toMatchObject({ n: 1 })
  expect(database.prepare('SELECT count(*) AS n FROM piece').get()).toMatchObject({ n: 1 })
  database.close()
})

test('writers wait when too much waits to be written, and only then', async () => {
  await history.close()
  history = await openHistory({ dir, clock: systemClock, log: { error: () => {} }, waitingMax: 1_000 })
  const runs = Array.from({ length: 5_000 }, (_, index) => run(`r${index}`, index))
  let most = 0
  for (let at = 0; at < runs.length; at += 100) {
    await history.saveRuns(runs.slice(at, at + 100))
    most = Math.max(most, history.waiting)
  }
  expect(most).toBeLessThanOrEqual(1_000)
  await history.flushed()
  expect(history.waiting).toBe(0)
  expect((await history.listRuns({ limit: 500 })).runs).toHaveLength(500)
})

test('a database that is locked for a while costs time and no rows', async () => {
  const errors: string[] = []
  await history.close()
  history = await openHistory({
    dir,
    clock: systemClock,
    log: { error: (_details, message) => void errors.push(message) },
  })
  const other = new DatabaseSync(join(dir, 'history.db'))
  other.exec('BEGIN IMMEDIATE')
  const saved = history.saveRuns([run('a', 0)]).then(() => history.saveCheckpoint({ place: null, at: 1 }))
  await expect.poll(() => errors, { timeout: 10_000 }).toContain('the history cannot be written; trying again')
  other.exec('ROLLBACK')
  other.close()
  await saved
  expect((await history.findRun('a'))?.row.id).toBe('a')
  expect(await history.loadCheckpoint()).toMatchObject({ at: 1 })
})

test('a database that stands still: what waits is bounded, writers wait, and after 2 s it says that it is behind', async () => {
  await history.close()
  const clock = manualClock()
  history = await openHistory({ dir, clock, log: { error: () => {} }, waitingMax: 10 })
  const other = new DatabaseSync(join(dir, 'history.db'))
  other.exec('BEGIN IMMEDIATE')
  const piece = (offset: number) => ({ key: 't', place: { segment: 1, offset, length: 8 } })
  let offset = 0
  // Six senders, as patient as the collector's: none sends again before the one before was taken.
  const senders = Array.from({ length: 6 }, async () => {
    while (offset < 800) await history.savePieces([piece((offset += 8)), piece((offset += 8))])
  })
  for (let look = 0; look < 20; look++) {
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(history.waiting).toBeLessThanOrEqual(10 + 6 * 2)
  }
  expect(offset).toBeLessThan(800)
  expect(history.isBehind()).toBe(false)
  clock.pass(seconds(2.1))
  expect(history.isBehind()).toBe(true)

  other.exec('ROLLBACK')
  other.close()
  const hurry = setInterval(() => clock.pass(seconds(1)), 20)
  await Promise.all(senders)
  await history.flushed()
  clearInterval(hurry)
  expect(history.isBehind()).toBe(false)
  expect(await history.pieces(['t'])).toHaveLength(offset / 8)
})

test('a run is found by any id it goes by', async () => {
  await history.saveRuns([{ ...run('trace', 0), otherIds: ['told-later'] }])
  await history.saveRuns([{ ...run('trace', 0, { rev: 2 }), otherIds: ['told-later', 'and-another'] }])
  for (const id of ['trace', 'told-later', 'and-another']) expect((await history.findRun(id))?.row.rev).toBe(2)
  await history.forget({ segmentsBelow: 0, startedBefore: START + minutes(1), ownBefore: 0, now: START })
  expect(await history.findRun('told-later')).toBeNull()
})

test('a file of a newer Laststep is left alone', async () => {
  await history.close()
  const database = new DatabaseSync(join(dir, 'history.db'))
  database.exec('PRAGMA user_version = 99')
  database.close()
  await expect(open()).rejects.toThrow('newer Laststep')
  rmSync(join(dir, 'history.db'))
  history = await open()
})
