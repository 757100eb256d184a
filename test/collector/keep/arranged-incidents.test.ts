/** The tables of incidents after merges and splits: nothing is counted twice or lost, and undone is as before. */
import { beforeEach, expect, test } from 'vitest'
import { homeOf, NO_RECORD, splitName, type IncidentRecord } from '../../../collector/homes.ts'
import type { StallWord } from '../../../collector/stall.ts'
import { UNTOUCHED, type IncidentLife } from '../../../contract/incidents.ts'
import type { Fingerprint, Incident } from '../../../contract/stalls.ts'
import { hours, minutes, toIso, type Instant } from '../../../contract/units.ts'
import { makeRow, makeStored, START } from '../serve/kit/made-runs.ts'
import { openKept, type Kept } from '../serve/kit/open-kept.ts'

const NOW = START + hours(1)
const [A, B] = ['a'.repeat(16), 'b'.repeat(16)]
const A2 = splitName(A, '2')

let kept: Kept
beforeEach(() => {
  kept = openKept()
  kept.save(
    [],
    [
      stands('r1', START, A, '1', 'u'),
      stands('r2', START + 1, A, '2', 'u'),
      stands('r3', START + 2, A, '2', 'v'),
      { kind: 'over', runId: 'r3', at: START + 9, hasMovedOn: true },
      { kind: 'late', runId: 'r3' },
      stands('r4', START + 3, B, '2', 'v'),
    ],
  )
})

const cell = ({ fingerprint, stalls, standing, users, sessions, recovered, completedLate }: Incident) =>
  [fingerprint, stalls, standing, users, sessions, recovered, completedLate] as const

test('one merged into another is counted there, each user and session once, and found by its old name', () => {
  const before = list()
  arrange([A, { ...NO_RECORD, mergedInto: B }])
  expect(list().map(cell)).toEqual([[B, 4, 3, 2, 2, 1, 1]])
  expect(list()[0]).toMatchObject({ firstAt: toIso(START), firstVersion: '1', lastAt: toIso(START + 3) })
  expect(sum(list()[0])).toBe(4)
  const found = kept.store.incident({ id: A.slice(0, 6), now: NOW })
  expect(found).toMatchObject({
    fingerprint: B,
    merged: [{ fingerprint: A, step: 'search' }],
    userIds: ['u', 'v'],
    versions: [
      { version: '2', stalls: 3 },
      { version: '1', stalls: 1 },
    ],
  })
  expect(found?.latestStalls.map(({ runId }) => runId)).toEqual(['r4', 'r3', 'r2', 'r1'])
  expect(found?.firstStall?.runId).toBe('r1')

  arrange([A, NO_RECORD])
  expect(list()).toEqual(before)
})

test('a version split off is an incident of its own, a sibling of the rest, and takes what comes of it', () => {
  const before = list()
  arrange([A2, { ...NO_RECORD, splitFrom: { fingerprint: A, version: '2' } }])
  kept.save([], [stands('r5', START + 5, A, '2', 'w')])
  const of = new Map(list().map((incident) => [incident.fingerprint, incident]))
  expect([...of.values()].map(cell).sort()).toEqual(
    [
      [A, 1, 1, 1, 1, 0, 0],
      [A2, 3, 2, 3, 3, 1, 1],
      [B, 1, 1, 1, 1, 0, 0],
    ].sort(),
  )
  expect(of.get(A)?.siblings).toEqual([{ fingerprint: A2, version: '2', stalls: 3 }])
  expect(of.get(A2)?.siblings).toEqual([{ fingerprint: A, version: null, stalls: 1 }])
  expect(of.get(A2)).toMatchObject({ agent: 'support', step: 'search', versions: [{ version: '2', stalls: 3 }] })
  expect(kept.store.incident({ id: A2, now: NOW })?.splitFrom).toEqual({ fingerprint: A, version: '2' })
  expect(
    list('2')
      .map(({ fingerprint }) => fingerprint)
      .sort(),
  ).toEqual([A2, B].sort())
  expect(list('1').map(({ fingerprint }) => fingerprint)).toEqual([A])

  arrange([A2, NO_RECORD])
  expect(list().map(cell)).toEqual([
    [A, 4, 3, 3, 3, 1, 1],
    ...before.filter(({ fingerprint }) => fingerprint === B).map(cell),
  ])
})

test('what begins like a fingerprint is looked up where its stalls are now', async () => {
  arrange(
    [A, { ...NO_RECORD, mergedInto: B }],
    [splitName(B, '2'), { ...NO_RECORD, splitFrom: { fingerprint: B, version: '2' } }],
  )
  const lookUp = async (id: string) => (await kept.source.search.lookUp(id)).hits.map((hit) => hit.id)
  expect(await lookUp(`STL-${A.slice(0, 6)}`)).toEqual([B])
  expect(await lookUp(splitName(B, '2').slice(0, 8))).toEqual([splitName(B, '2')])
})

test('that an incident was seen before its first kept stall stays known where its first version is', () => {
  kept.store.forget({ segmentsBelow: 0, startedBefore: START + 1, ownBefore: 0, now: NOW })
  expect(list().find(({ fingerprint }) => fingerprint === A)).toMatchObject({ firstAt: toIso(START), stalls: 2 })
  arrange([B, { ...NO_RECORD, mergedInto: A }])
  expect(list()).toMatchObject([{ fingerprint: A, firstAt: toIso(START), firstVersion: '1', stalls: 3 }])
})

test('lists are counted and narrowed by what was decided; a regressed one says so until it is resolved', () => {
  const live = (life: Partial<IncidentLife>) => ({ ...NO_RECORD, life: { ...UNTOUCHED, ...life } })
  arrange([A, live({ state: 'resolved' })])
  const ask = (state: 'open' | 'resolved') => kept.store.incidents({ sort: 'last', limit: 10, now: NOW, state })
  expect(ask('resolved').incidents.map(({ fingerprint }) => fingerprint)).toEqual([A])
  expect(ask('open')).toMatchObject({ total: 1, standing: 2, states: { open: 1, resolved: 1, muted: 0 } })
  const regressed = { from: '1', in: '2', at: toIso(NOW) }
  arrange([A, live({ regressed })], [B, live({ state: 'resolved', regressed })])
  expect(list().map(({ fingerprint, tag }) => [fingerprint, tag])).toEqual([
    [B, 'new'],
    [A, 'regressed'],
  ])
})

test('what may be lost is the value of a run and of a user times those met, less what completed after all', () => {
  kept.store.arrange({ records: [], impact: { perRun: 2.5, perUser: 10, unit: 'EUR' } })
  const [b, a] = list()
  expect(a?.atRisk).toEqual({ amount: 2 * 2.5 + 2 * 10, unit: 'EUR' })
  expect(b?.atRisk).toEqual({ amount: 2.5 + 10, unit: 'EUR' })
  expect(openKept().store.incidents({ sort: 'last', limit: 1, now: NOW }).incidents).toEqual([])
})

test('what came since: stalls, versions and whether they ran before, deploys of a service it stood still in', () => {
  const run = (id: string, version: string, startedAt: Instant, service = 'shop') =>
    makeStored(makeRow({ id, version, service, environment: 'staging', startedAt: toIso(startedAt) }))
  kept.save([run('r1', '1', START), run('other', '7', START, 'other')])
  const since = (after: Instant) => kept.store.recurrence({ fingerprint: A, after, now: NOW })
  expect(since(START)).toEqual({ stalls: 2, versions: [{ version: '2', wasKnown: false }], wasDeployed: false })
  expect(since(START + 1)).toMatchObject({ stalls: 1, versions: [{ version: '2', wasKnown: true }] })
  // Another service's deploy is none of its business.
  kept.save([run('o2', '8', START + minutes(2), 'other')])
  expect(since(START).wasDeployed).toBe(false)
  kept.save([run('r9', '3', START + minutes(3))])
  expect(since(START).wasDeployed).toBe(true)
  expect(since(START + minutes(4)).wasDeployed).toBe(false)
  // A version that ran well before, and stalls only now.
  kept.save([], [stands('r6', START + minutes(5), A, '3', 'u')])
  expect(since(START + minutes(4)).versions).toEqual([{ version: '3', wasKnown: true }])
})

test('a merged incident waits with the other: what came is counted over both', () => {
  arrange([A, { ...NO_RECORD, mergedInto: B }])
  expect(kept.store.recurrence({ fingerprint: B, after: START, now: NOW }).stalls).toBe(3)
  expect(homeOf(new Map([[A, { ...NO_RECORD, mergedInto: B }]]), A, '1')).toBe(B)
})

function arrange(...records: [Fingerprint, IncidentRecord][]): void {
  kept.store.arrange({ records, impact: null })
}

function list(version?: string): readonly Incident[] {
  return kept.store.incidents({ sort: 'last', limit: 10, now: NOW, version }).incidents
}

function sum(incident: Incident | undefined): number {
  return (incident?.trend ?? []).reduce((total, stalls) => total + stalls, 0)
}

function stands(runId: string, since: Instant, fingerprint: Fingerprint, version: string, userId: string): StallWord {
  const ingredients = {
    environment: 'staging',
    agent: 'support',
    phase: 'tool',
    step: 'search',
    cause: 'tool-silent',
    code: null,
  } as const
  const stall = { fingerprint, ingredients, version, userId, sessionId: `chat of ${userId}` }
  return { kind: 'stands', runId, since, stall }
}
