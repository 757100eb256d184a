/** Stalls and trends as the history keeps them: each counted once, whatever is said again, changed or forgotten. */
import { beforeEach, describe, expect, test } from 'vitest'
import { tagOf } from '../../../collector/keep/tag-incident.ts'
import { gridOf } from '../../../collector/keep/trend-levels.ts'
import { CANARY } from '../../../collector/canary-run.ts'
import type { StallWord } from '../../../collector/stall.ts'
import type { RunRow } from '../../../contract/runs.ts'
import type { Status } from '../../../contract/statuses.ts'
import type { TrendSplit } from '../../../contract/trends.ts'
import { hours, minutes, seconds, toIso, type Instant } from '../../../contract/units.ts'
import { makeDeploy } from '../../kit/made-deploy.ts'
import { makeRow, makeStored, START } from '../serve/kit/made-runs.ts'
import { openKept, type Kept } from '../serve/kit/open-kept.ts'

const NOW = START + hours(1)
const A = 'a'.repeat(16)
const B = 'b'.repeat(16)

let kept: Kept
beforeEach(() => {
  kept = openKept()
})

const INGREDIENTS = {
  environment: 'staging',
  agent: 'support',
  phase: 'tool',
  step: 'search',
  cause: 'tool-silent',
  code: null,
} as const
const stands = (
  runId: string,
  since: Instant,
  fingerprint = A,
  version = '1',
  userId: string | null = 'u',
): StallWord => ({
  kind: 'stands',
  runId,
  since,
  stall: { fingerprint, ingredients: INGREDIENTS, version, userId, sessionId: userId && `chat of ${userId}` },
})
const over = (runId: string, at: Instant): StallWord => ({ kind: 'over', runId, at, hasMovedOn: false })

describe('stalls', () => {
  // oxfmt-ignore
  test.each<[says: string, words: StallWord[], incidents: unknown[]]>([
    // what happened                            words                                                        stalls, standing, users of each incident
    ['one stands still',                        [stands('r', START)],                                        [[A, 1, 1, 1]]],
    ['two runs of one user',                    [stands('r', START), stands('s', START)],                    [[A, 2, 2, 1]]],
    ['two users',                               [stands('r', START), stands('s', START, A, '1', 'v')],       [[A, 2, 2, 2]]],
    ['nobody known',                            [stands('r', START, A, '1', null)],                          [[A, 1, 1, 0]]],
    ['said twice',                              [stands('r', START), stands('r', START)],                    [[A, 1, 1, 1]]],
    ['over',                                    [stands('r', START), over('r', START + 5)],                  [[A, 1, 0, 1]]],
    ['over, and read once more',                [stands('r', START), over('r', START + 5), stands('r', START), over('r', START + 5)], [[A, 1, 0, 1]]],
    ['from stalled to lost it is one episode',  [stands('r', START), stands('r', START + 9, B)],             [[B, 1, 1, 1]]],
    ['that and over, and only the end again',   [stands('r', START), over('r', START + 20), stands('r', START + 9)], [[A, 1, 1, 1]]],
    ['stood still again later',                 [stands('r', START), over('r', START + 5), stands('r', START + 90)], [[A, 2, 1, 1]]],
    ['a run nobody said stands is over',        [over('r', START)],                                          []],
  ])('%s', (_, words, incidents) => {
    for (const word of words) kept.save([], [word])
    const told = list().map(({ fingerprint, stalls, standing, users }) => [fingerprint, stalls, standing, users])
    expect(told).toEqual(incidents)
    // In one batch or in many.
    const other = openKept()
    other.save([], words)
    expect(other.store.incidents({ sort: 'last', limit: 10, now: NOW }).incidents).toEqual(list())
  })

  test('are split by version, the latest sort first, and a day has 48 bars', () => {
    kept.save([], [stands('r', NOW - hours(3), A, '1'), stands('s', NOW - 1, A, '2'), stands('t', NOW - hours(30), B)])
    const [a, b] = list()
    expect(a).toMatchObject({
      fingerprint: A,
      versions: [
        { version: '1', stalls: 1 },
        { version: '2', stalls: 1 },
      ],
    })
    expect(a).toMatchObject({ firstAt: toIso(NOW - hours(3)), firstVersion: '1', lastAt: toIso(NOW - 1) })
    expect(a?.trend).toHaveLength(48)
    expect(a?.trend.reduce((sum, count) => sum + count, 0)).toBe(2)
    expect(b?.trend.reduce((sum, count) => sum + count, 0)).toBe(0)
    expect(list({ version: '2' }).map(({ fingerprint }) => fingerprint)).toEqual([A])
    expect(list({ sort: 'first' }).map(({ fingerprint }) => fingerprint)).toEqual([A, B])
    expect(kept.store.incidents({ sort: 'last', limit: 1, now: NOW, standing: true })).toMatchObject({
      total: 2,
      states: { open: 2 },
      standing: 2,
    })
  })

  test('are forgotten with their runs; when the first one was stays known, and trends stay', () => {
    kept.save([], [stands('r', START), stands('s', START + minutes(2))])
    forget(START + minutes(1))
    expect(list()).toMatchObject([{ stalls: 1, users: 1, firstAt: toIso(START) }])
    forget(START + hours(1))
    expect(list()).toEqual([])
    expect(sum(trends().series[0]?.stalls)).toBe(2)
  })

  test('a beginning of a fingerprint finds one; what several begin with finds none', () => {
    kept.save([], [stands('r', START, 'abcd000000000000'), stands('s', START, 'abce000000000000')])
    expect(kept.store.incident({ id: 'abcd', now: NOW })?.fingerprint).toBe('abcd000000000000')
    expect(kept.store.incident({ id: 'abc', now: NOW })).toBeNull()
    expect(kept.store.incident({ id: '0000', now: NOW })).toBeNull()
  })
})

describe('the tag of an incident', () => {
  const bars = (usual: number, late: number): number[] => [
    ...Array<number>(44).fill(usual),
    ...Array<number>(4).fill(late),
  ]
  // oxfmt-ignore
  test.each([
    // usual, late per half hour   first seen     tag
    [1,       1,                   hours(23),     'new'],
    [1,       1,                   hours(25),     'ongoing'],
    [1,       3,                   hours(25),     'ongoing'],
    [1,       4,                   hours(25),     'escalating'],
    [0,       1,                   hours(25),     'ongoing'],
    [0,       2,                   hours(25),     'escalating'],
  ] as const)('%d usually, %d of late, first %d ms ago: %s', (usual, late, age, tag) => {
    expect(tagOf(bars(usual, late), NOW - age, NOW)).toBe(tag)
  })
})

describe('the grid of a range', () => {
  // oxfmt-ignore
  test.each([
    // from, to before now              bucket          level
    [minutes(15),      0,               minutes(1),     0],
    [hours(4),         0,               minutes(1),     0],
    [hours(24),        0,               minutes(10),    1],
    [hours(24 * 7),    0,               hours(2),       2],
    [hours(24 * 400),  0,               hours(34),      2],
    // The minutes of last week are gone.
    [hours(24 * 7),    hours(167),      minutes(10),    1],
    [hours(24 * 60),   hours(24 * 59),  hours(2),       2],
  ] as const)('%d ms to %d ms ago: buckets of %d ms', (from, to, bucketMs, level) => {
    const grid = gridOf(NOW - from, NOW - to, NOW)
    expect([grid.bucketMs, grid.level.no]).toEqual([bucketMs, level])
    expect(grid.buckets).toBeLessThanOrEqual(300)
    expect(grid.from).toBeLessThanOrEqual(NOW - from)
    expect(grid.to).toBeGreaterThanOrEqual(NOW - to)
    expect([grid.from % bucketMs, grid.to % bucketMs]).toEqual([0, 0])
  })
})

describe('trends', () => {
  test('a run that changes is counted once, as what it became', () => {
    for (const status of ['running', 'stalled', 'running', 'completed', 'completed'] as const) save('r', { status })
    expect(sums()).toMatchObject({ started: 1, completed: 1, standing: 0 })
    save('r', { status: 'failed', agent: 'other' })
    expect(sums()).toMatchObject({ started: 1, completed: 0, failed: 1 })
    expect(trends({ split: 'agent' }).series.map(({ name, counts }) => [name, sum(counts.started)])).toEqual([
      ['other', 1],
      ['support', 0],
    ])
  })

  // oxfmt-ignore
  test.each([
    // status        required, confirmed, outcome       due, confirmed
    ['running',      5,        2,         'pending',     0,   0],
    ['completed',    5,        5,         'delivered',   5,   5],
    ['undelivered',  5,        4,         'partial',     5,   4],
    ['completed',    0,        0,         'unknown',     0,   0],
  ] as const)('deliveries of a %s run: %d required, %d confirmed, %s', (status, required, confirmed, outcome, due, got) => {
    save('r', { status, delivery: { required, confirmed, outcome } })
    expect(sums()).toMatchObject({ due, confirmed: got })
  })

  test('runs in flight are those that started and have not ended, at the end of each bucket', () => {
    save('past', { startedAt: START - hours(30), endedAt: START + minutes(2) + 1 })
    save('open', { startedAt: START + minutes(1), status: 'running' })
    save('short', { startedAt: START + minutes(3), endedAt: START + minutes(3) + 5 })
    save('later', { startedAt: START + minutes(8), status: 'running' })
    const [series] = trends({ from: START, to: START + minutes(5) }).series
    expect(series?.inFlight).toEqual([1, 2, 1, 1, 1])
    // Nobody will hear how a run that is forgotten ended.
    forget(START + minutes(2))
    expect(trends({ from: START, to: START + minutes(10) }).series[0]?.inFlight.at(-1)).toBe(1)
  })

  test('times to a phase are told as percentiles from five samples on', () => {
    for (const index of [1, 2, 3, 4]) save(`r${index}`, {}, { tool: seconds(1) })
    expect(trends().series[0]?.phases).toMatchObject([{ phase: 'tool', whole: { samples: 4, p50: null } }])
    save('r5', {}, { tool: seconds(8), terminal: 1 })
    const [tool, terminal] = trends().series[0]?.phases ?? []
    expect(tool?.whole.samples).toBe(5)
    expect(tool?.whole.p50).toBeCloseTo(1000, -2)
    expect(Math.abs((tool?.whole.p95 ?? 0) / 8000 - 1)).toBeLessThan(0.05)
    expect(terminal).toMatchObject({ phase: 'terminal', whole: { samples: 1, p50: null } })
  })

  test('the seven largest have a line each, the others one together', () => {
    for (let agent = 1; agent <= 10; agent++)
      for (let run = 0; run < agent; run++) save(`${agent}-${run}`, { agent: `agent-${agent}` })
    const { series } = trends({ split: 'agent' })
    expect(series.map(({ name, isRest, counts }) => [name, isRest, sum(counts.started)])).toEqual([
      ...[10, 9, 8, 7, 6, 5, 4].map((agent) => [`agent-${agent}`, false, agent]),
      [null, true, 6],
    ])
    expect(sum(trends({ agent: 'agent-3' }).series[0]?.counts.started)).toBe(3)
  })

  test('the first version seen of a service is no deploy, the next is; the canary is in nothing', () => {
    save('r', { version: '1', startedAt: START })
    save('s', { version: '2', startedAt: START + minutes(5) })
    save('t', { version: '2', startedAt: START + minutes(9) })
    save('c', { service: CANARY.service, version: '9' })
    expect(trends().deploys).toEqual([makeDeploy({ service: 'runtime', version: '2', at: toIso(START + minutes(5)) })])
    expect(sums().started).toBe(3)
  })

  test('senders who name their runs anew each time fill a bounded number of groups', () => {
    const runs = Array.from({ length: 2_100 }, (_, index) => makeStored(rowOf(`r${index}`, { version: `v${index}` })))
    kept.save(runs)
    expect(sums().started).toBe(2_100)
    kept.save(runs.map((run) => ({ ...run, row: { ...run.row, status: 'failed' } })))
    expect(sums()).toMatchObject({ started: 2_100, failed: 2_100, completed: 0 })
    expect(trends({ version: '__overflow__' }).series[0]?.counts.started.some((count) => count === 100)).toBe(true)
  })
})

interface Wish extends Partial<Omit<RunRow, 'startedAt' | 'endedAt' | 'status'>> {
  readonly status?: Status
  readonly startedAt?: Instant
  readonly endedAt?: Instant
}

function rowOf(id: string, { startedAt = START + minutes(1), endedAt, status = 'completed', ...rest }: Wish): RunRow {
  const isOpen = ['running', 'stalled'].includes(status)
  const end = isOpen ? null : toIso(endedAt ?? startedAt + seconds(5))
  return makeRow({ id, status, startedAt: toIso(startedAt), endedAt: end, ...rest })
}

function save(id: string, wish: Wish, reached = {}): void {
  kept.save([makeStored(rowOf(id, wish), { reached })])
}

function forget(before: Instant): void {
  kept.store.forget({ segmentsBelow: 0, startedBefore: before, ownBefore: 0, now: NOW })
}

function list(different = {}) {
  return kept.store.incidents({ sort: 'last', limit: 10, now: NOW, ...different }).incidents
}

function trends(
  different: { from?: Instant; to?: Instant; split?: TrendSplit; agent?: string; version?: string } = {},
) {
  return kept.store.trends({ from: START - minutes(5), to: START + minutes(30), now: NOW, ...different })
}

function sums(): Record<string, number> {
  const counts: Readonly<Record<string, readonly number[]>> = trends().series[0]?.counts ?? {}
  return Object.fromEntries(Object.entries(counts).map(([name, line]) => [name, sum(line)]))
}

function sum(line: readonly number[] = []): number {
  return line.reduce((total, value) => total + value, 0)
}
