/** Deploys on the desk, as one list with those that were seen, and the windows in which an incident is counted. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AnnouncedDeploy } from '../../../collector/announced-deploy.ts'
import { openDeploys } from '../../../collector/deploys.ts'
import { NO_RECORD, splitName } from '../../../collector/homes.ts'
import { openDatabase } from '../../../collector/keep/database.ts'
import { openDesk } from '../../../collector/keep/desk.ts'
import { DEPLOY_DESK_TABLES, openDeskDeploys } from '../../../collector/keep/desk-deploys.ts'
import { sidesOf } from '../../../collector/keep/read-deploy-effects.ts'
import type { StallWord } from '../../../collector/stall.ts'
import type { StoredRun } from '../../../collector/stored-run.ts'
import { hours, minutes, seconds, toIso, type Instant } from '../../../contract/units.ts'
import { makeDeploy } from '../../kit/made-deploy.ts'
import { makeRow, makeStored, START } from '../serve/kit/made-runs.ts'
import { openKept, type Kept } from '../serve/kit/open-kept.ts'

const announced = (different: Partial<AnnouncedDeploy> = {}): AnnouncedDeploy => ({
  ...makeDeploy(),
  service: 'runtime',
  at: START,
  source: 'api',
  ...different,
})

describe('the desk', () => {
  const openTables = () => openDatabase(':memory:', [DEPLOY_DESK_TABLES])

  // oxfmt-ignore
  test.each<[string, Partial<AnnouncedDeploy>, boolean]>([
    // said again                        different                          is new
    ['as it was',                        {},                                false],
    ['within a minute',                  { at: START + minutes(1) },        false],
    ['within a minute before',           { at: START - minutes(1) },        false],
    ['with another note',                { note: 'again' },                 false],
    ['later: the version came back',     { at: START + minutes(1) + 1 },    true],
    ['in another version',               { version: '1.4.3' },              true],
    ['in another environment',           { environment: 'production' },     true],
    ['in none',                          { environment: null },             true],
    ['of another service',               { service: 'cart' },               true],
  ])('a deploy announced %s', (_, different, isNew) => {
    const desk = openDeskDeploys(openTables())
    const first = announced({ note: 'first', url: 'https://ci.test/1', by: 'ana' })
    expect(desk.announce(first)).toEqual({ deploy: first, isNew: true })
    const again = announced(different)
    expect(desk.announce(again)).toEqual({ deploy: isNew ? again : first, isNew })
    expect(desk.all()).toHaveLength(isNew ? 2 : 1)
  })

  test('keeps so many, and forgets the oldest', () => {
    const desk = openDeskDeploys(openTables(), 3)
    for (const minute of [4, 2, 8, 6, 10]) desk.announce(announced({ at: START + minutes(minute) }))
    expect(desk.all().map(({ at }) => (at - START) / minutes(1))).toEqual([6, 8, 10])
  })

  test('has them after a restart', () => {
    const dir = mkdtempSync(join(tmpdir(), 'laststep-deploys-'))
    try {
      const desk = openDesk(dir)
      desk.deploys.announce(announced({ by: 'ana' }))
      desk.close()
      const again = openDesk(dir)
      expect(again.deploys.all()).toEqual([announced({ by: 'ana' })])
      again.close()
    } finally {
      rmSync(dir, { recursive: true })
    }
  })
})

let kept: Kept
beforeEach(() => {
  kept = openKept()
})
afterEach(() => kept.store.close(null))

describe('the list', () => {
  const SEEN_AT = START + hours(2)
  beforeEach(() => {
    kept.save([runOf('a', START, '1'), runOf('b', SEEN_AT, '2')])
  })
  const list = () => kept.store.deploys({ from: START - hours(9), to: START + hours(9) })
  const seen = makeDeploy({ service: 'runtime', version: '2', at: toIso(SEEN_AT) })

  // oxfmt-ignore
  test.each<[string, Partial<AnnouncedDeploy>, readonly [Instant, string, string][]]>([
    // announced                                  different                                           at, version, source of each
    ['as it begins: its time counts',             { version: '2', at: SEEN_AT - minutes(6) },         [[SEEN_AT - minutes(6), '2', 'api']]],
    ['as it ends, within the hour',               { version: '2', at: SEEN_AT + hours(1) },           [[SEEN_AT + hours(1), '2', 'api']]],
    ['later: it came back',                       { version: '2', at: SEEN_AT + hours(1) + 1 },       [[SEEN_AT, '2', 'seen'], [SEEN_AT + hours(1) + 1, '2', 'api']]],
    ['back to the version seen first',            { version: '1', at: SEEN_AT + hours(3) },           [[SEEN_AT, '2', 'seen'], [SEEN_AT + hours(3), '1', 'api']]],
    ['and never seen',                            { version: '3', at: SEEN_AT + hours(3) },           [[SEEN_AT, '2', 'seen'], [SEEN_AT + hours(3), '3', 'api']]],
    ['in another environment',                    { version: '2', at: SEEN_AT, environment: null },   [[SEEN_AT, '2', 'seen'], [SEEN_AT, '2', 'api']]],
    ['of another service',                        { version: '2', at: SEEN_AT, service: 'cart' },     [[SEEN_AT, '2', 'api'], [SEEN_AT, '2', 'seen']]],
  ])('a deploy announced %s', (_, different, deploys) => {
    kept.store.setAnnounced([announced(different)])
    expect(list().map(({ at, version, source }) => [Date.parse(at), version, source])).toEqual(deploys)
    // Whoever tells of deploys tells of the same ones.
    const range = { from: START - hours(9), to: START + hours(9), now: START + hours(9) }
    expect(kept.store.trends(range).deploys).toEqual(list())
  })

  test('is what is said last: what was announced before and is not any more is in it no more', () => {
    kept.store.setAnnounced([announced({ version: '3' })])
    kept.store.setAnnounced([])
    expect(list()).toEqual([seen])
  })

  test('knows what is seen from then on', () => {
    expect(list()).toEqual([seen])
    kept.save([runOf('c', SEEN_AT + hours(1), '3'), runOf('d', SEEN_AT + hours(2), '3')])
    expect(list().map(({ version, at }) => [version, at])).toEqual([
      ['2', toIso(SEEN_AT)],
      ['3', toIso(SEEN_AT + hours(1))],
    ])
  })

  test('an incident knows the announced deploy that brought it', () => {
    kept.store.setAnnounced([announced({ version: '2', at: SEEN_AT - minutes(6), by: 'ana' })])
    kept.save([], [stands('b', SEEN_AT + minutes(1), '2')])
    const { incidents } = kept.store.incidents({ sort: 'last', limit: 1, now: SEEN_AT + minutes(2) })
    expect(incidents[0]?.deploy).toMatchObject({
      version: '2',
      source: 'api',
      at: toIso(SEEN_AT - minutes(6)),
      by: 'ana',
    })
  })
})

describe('the windows around a deploy', () => {
  const NOW = START + hours(40)
  // oxfmt-ignore
  test.each<[string, { at?: Instant; end?: Instant; previous?: Instant; next?: Instant; now?: Instant }, [number, number, number, number, number]]>([
    // which                                      of                                                              minutes from the deploy: before, after; bucket
    ['are a day long at most',                    {},                                                             [-1440, 0, 0, 1440, 10]],
    ['end where the deploy before was',           { previous: START - minutes(95) },                              [-95, 0, 0, 95, 1]],
    ['end where the next one is',                 { next: START + minutes(40) },                                  [-40, 0, 0, 40, 1]],
    ['end now',                                   { now: START + minutes(7) },                                    [-7, 0, 0, 7, 1]],
    ['leave out the minute of the deploy',        { at: START + seconds(20), now: START + minutes(7) },           [-6, 0, 1, 7, 1]],
    ['and those of all it was deployed with',     { end: START + seconds(200), now: START + minutes(64) },        [-60, 0, 4, 64, 1]],
    ['and that of the one before',                { previous: START - minutes(5) - 1, now: START + minutes(64) }, [-5, 0, 0, 5, 1]],
    ['are nothing where there is no room',        { now: START },                                                 [0, 0, 0, 0, 1]],
    ['are in tens of minutes where minutes are gone', { next: START + minutes(55), now: START + hours(99) },      [-50, 0, 0, 50, 10]],
    ['are in two hours where those are gone',       { now: START + hours(24 * 40) },                                [-1500, -60, 60, 1500, 120]],
  ])('%s', (_, { at = START, end = at, previous, next, now = NOW }, expected) => {
    const group = [makeDeploy({ at: toIso(at) }), ...(end === at ? [] : [makeDeploy({ at: toIso(end) })])]
    const { level, before, after } = sidesOf(group as [ReturnType<typeof makeDeploy>], previous, next, now)
    const told = [before.from, before.to, after.from, after.to].map((moment) => (moment - START) / minutes(1))
    expect([...told, level.bucketMs / minutes(1)]).toEqual(expected)
    expect(before.to - before.from).toBe(after.to - after.from)
  })
})

describe('what became of an incident with a deploy', () => {
  const DEPLOY_AT = START + hours(10)
  const NOW = START + hours(20)
  const effects = (different = {}) =>
    kept.store.deployEffects({ id: FINGERPRINT, from: START, to: NOW, now: NOW, ...different })

  beforeEach(() => {
    // A run a minute, of which every 300th stalls before the deploy and every 20th after it.
    const runs: StoredRun[] = []
    const stalls: StallWord[] = []
    for (let minute = 0; minute < 20 * 60; minute++) {
      const at = START + minutes(minute)
      const isAfter = at >= DEPLOY_AT
      const version = isAfter ? '2' : '1'
      runs.push(runOf(`run-${minute}`, at, version))
      if (minute % (isAfter ? 20 : 300) === 7) stalls.push(stands(`run-${minute}`, at + seconds(30), version))
      // Of others, of whom nothing is counted here.
      runs.push(runOf(`other-${minute}`, at, version, { agent: 'billing', service: 'billing' }))
      runs.push(runOf(`there-${minute}`, at, version, { environment: 'production', service: 'there' }))
    }
    kept.save(runs, stalls)
  })

  test('it is suspect when its stalls became many more, of runs of that agent and environment alone', () => {
    const told = effects()
    expect(told).toMatchObject({ total: 1, suspect: { version: '2', source: 'seen' } })
    const [effect] = told?.effects ?? []
    // Two services of the environment changed their version at once.
    expect(effect).toMatchObject({
      deploy: { service: 'billing', version: '2' },
      together: [{ service: 'runtime', version: '2' }],
      before: { runs: 600, stalls: 2, from: toIso(START), to: toIso(DEPLOY_AT) },
      after: { runs: 600, stalls: 30 },
      isSuspect: true,
    })
    expect(effect?.ratio?.value).toBeCloseTo(15, 6)
  })

  test('deploys of other environments are none of its; those announced beside it bound it', () => {
    kept.store.setAnnounced([
      announced({ service: 'cart', version: '7', at: DEPLOY_AT + hours(2) }),
      announced({ service: 'cart', version: '7', at: DEPLOY_AT + hours(1), environment: 'production' }),
    ])
    const told = effects()
    expect(told?.effects.map(({ deploy, after }) => [deploy.version, after.runs])).toEqual([
      ['7', 120],
      ['2', 120],
    ])
    expect(told?.effects[0]).toMatchObject({ isSuspect: false, before: { stalls: 6 }, after: { stalls: 6 } })
  })

  test('counts the stalls that people gave the incident, and not those they took from it', () => {
    const other = 'e'.repeat(16)
    kept.save([runOf('alike', DEPLOY_AT + minutes(3), '2')], [stands('alike', DEPLOY_AT + minutes(3), '2', other)])
    expect(effects()?.effects[0]?.after.stalls).toBe(30)
    kept.store.arrange({ records: [[other, { ...NO_RECORD, mergedInto: FINGERPRINT }]], impact: null })
    expect(effects()?.effects[0]?.after.stalls).toBe(31)
    // By the name of what was merged, too.
    expect(effects({ id: other })).toEqual(effects())
    const splitFrom = { fingerprint: FINGERPRINT, version: '1' }
    kept.store.arrange({ records: [[splitName(FINGERPRINT, '1'), { ...NO_RECORD, splitFrom }]], impact: null })
    expect(effects()?.effects[0]).toMatchObject({ before: { stalls: 0 }, after: { stalls: 31 } })
  })

  test('is asked about by the beginning of a fingerprint, for the deploys of a range', () => {
    expect(effects({ id: FINGERPRINT.slice(0, 6) })?.total).toBe(1)
    expect(effects({ id: '0000' })).toBeNull()
    expect(effects({ to: DEPLOY_AT - 1 })).toMatchObject({ total: 0, effects: [], suspect: null })
  })
})

describe('the suspect deploy, for those who are told', () => {
  const NOW = START + hours(2)
  const desk = { all: () => [], announce: (deploy: AnnouncedDeploy) => ({ deploy, isNew: false }) }

  test('is the one the numbers name', async () => {
    // Two runs a minute; from the second version on every fourth stalls.
    for (let index = 0; index < 240; index++) {
      const at = START + index * seconds(30)
      const version = index < 120 ? '1' : '2'
      const isStalling = version === '2' && index % 4 === 0
      kept.save([runOf(`run-${index}`, at, version)], isStalling ? [stands(`run-${index}`, at, version)] : [])
    }
    const deploys = openDeploys({ desk, history: kept.deploys, now: () => NOW, log: { error: () => {} } })
    expect(await deploys.suspectOf(FINGERPRINT)).toMatchObject({ version: '2', source: 'seen' })
    expect(await deploys.suspectOf('0'.repeat(16))).toBeNull()
  })

  test('is none when the history cannot be asked, and operators are told', async () => {
    const told: string[] = []
    const broken = { ...kept.deploys, effectsOn: () => Promise.reject(new Error('the disk is on fire')) }
    const log = { error: (_facts: object, text: string) => void told.push(text) }
    const deploys = openDeploys({ desk, history: broken, now: () => NOW, log })
    expect(await deploys.suspectOf(FINGERPRINT)).toBeNull()
    expect(told).toEqual(['no deploy could be asked about'])
  })
})

const FINGERPRINT = 'f'.repeat(16)

function runOf(id: string, startedAt: Instant, version: string, different = {}): StoredRun {
  const endedAt = toIso(startedAt + seconds(5))
  return makeStored(makeRow({ id, version, status: 'completed', startedAt: toIso(startedAt), endedAt, ...different }))
}

function stands(runId: string, since: Instant, version: string, fingerprint = FINGERPRINT): StallWord {
  const ingredients = {
    environment: 'staging',
    agent: 'support',
    phase: 'tool',
    step: 'search',
    cause: 'tool-silent',
    code: null,
  } as const
  return {
    kind: 'stands',
    runId,
    since,
    stall: { fingerprint, ingredients, version, userId: null, sessionId: null },
  }
}
