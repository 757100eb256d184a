/** When a deploy is suspect, and what is said of it. */
import { describe, expect, test } from 'vitest'
import { groupDeploys, judgeDeploys, suspectOf, type Counted, type Side } from '../../collector/judge-deploys.ts'
import { hours, minutes, toIso } from '../../contract/units.ts'
import { makeDeploy } from '../kit/made-deploy.ts'
import { openRandom, type Random } from '../simulation/random.ts'

const AT = Date.parse('2026-11-22T14:00:00.000Z')
const STRETCHES = 12

/** Six hours; of each twelfth the stalls, or all of them spread evenly. */
const side = (from: number, runs: number, stalls: number | readonly number[]): Side => ({
  from,
  to: from + hours(6),
  stretches: Array.from({ length: STRETCHES }, (_, index) => ({
    exposure: Math.floor((runs * (index + 1)) / STRETCHES) - Math.floor((runs * index) / STRETCHES),
    events:
      typeof stalls === 'number'
        ? Math.floor((stalls * (index + 1)) / STRETCHES) - Math.floor((stalls * index) / STRETCHES)
        : (stalls[index] ?? 0),
  })),
})
const counted = (before: [number, number | number[]], after: [number, number | number[]], at = AT): Counted => ({
  group: [makeDeploy({ at: toIso(at) })],
  before: side(at - hours(6), ...before),
  after: side(at, ...after),
})
const judge = (...all: Counted[]) => judgeDeploys(all)

describe('a deploy', () => {
  // oxfmt-ignore
  test.each<[[number, number | number[]], [number, number | number[]], string, string]>([
    // runs, stalls before   after                                     is               because
    [[1_000, 4],             [1_000, 40],                              'suspect',       'ten times as many'],
    [[1_000, 0],             [1_000, 12],                              'suspect',       'none before, a dozen since'],
    [[1_000, 0],             [1_000, 7],                               'unclear',      'seven may be chance, when one asks for less than 1 %'],
    [[1_000, 20],            [1_000, 31],                              'unclear',      'half as many again may be chance'],
    [[1_000, 40],            [1_000, 4],                               'fewer',   'it helped'],
    [[1_000, 0],             [1_000, [0, 0, 0, 0, 0, 60, 0, 0, 0, 0]], 'unclear',      'one burst, hours later, is one event'],
    [[1_000, 30],            [1_000, 3_000],                           'suspect',       'runs that stall more than once'],
    [[29, 0],                [1_000, 400],                             'too-few',    'too few runs before'],
    [[1_000, 0],             [29, 29],                                 'too-few',    'too few runs since'],
    [[1_000, 1],             [1_000, 3],                               'too-few',    'too few stalls'],
    [[0, 0],                 [0, 0],                                   'too-few',    'nothing at all'],
  ])('%j before, %j after: %s (%s)', (before, after, found) => {
    const [effect] = judge(counted(before, after))
    expect(effect?.found).toBe(found)
    expect(effect?.isSuspect).toBe(found === 'suspect')
    expect(effect?.p === null).toBe(found === 'too-few')
  })

  test('its sentence says what was found, by which test, on how much', () => {
    const [effect] = judge(counted([1_204, 5], [1_180, 37]))
    expect(effect?.sentence).toBe(
      'Suspect: from 0.42 to 3.1 stalls per 100 runs, 7.6 times as many (95 % interval 3 to 25); p < 0.0001. ' +
        'Exact conditional test of two Poisson rates; n = 1,204 runs in the 6 h before and 1,180 in the 6 h after, ' +
        'with 5 stalls and 37.',
    )
    expect(effect).toMatchObject({
      before: { runs: 1_204, stalls: 5, from: '2026-11-22T08:00:00.000Z', to: '2026-11-22T14:00:00.000Z' },
      after: { runs: 1_180, stalls: 37 },
      scatter: 1,
    })
    expect(judge(counted([12, 0], [9, 3]))[0]?.sentence).toBe(
      'Not enough to tell: n = 12 runs before and 9 after, with 0 stalls and 3; it takes 30 runs on each side and 5 stalls.',
    )
    expect(judge(counted([500, 0], [500, 20]))[0]?.sentence).toContain('(95 % interval: at least 4.9 times as many)')
  })

  test('of many deploys asked about, one must be surer to be suspect', () => {
    const close = counted([1_000, 4], [1_000, 16])
    const others = Array.from({ length: 4 }, (_, index) =>
      counted([1_000, 9], [1_000, 10], AT - hours(24 + 12 * index)),
    )
    const alone = judge(close)[0]
    const among = judge(...others, close).at(-1)
    expect(among?.p).toBeCloseTo(5 * (alone?.p ?? 0), 12)
    expect(among?.sentence).toContain('corrected for 5 deploys (Holm)')
    // What is not asked is not corrected for.
    expect(judge(counted([3, 0], [4, 0], AT - hours(99)), close)[1]?.p).toBe(alone?.p)
  })

  test('what comes in bursts is said to, and counts for less', () => {
    const bursts = [0, 12, 0, 0, 9, 0, 0, 0, 14, 0, 0, 11]
    const [effect] = judge(counted([1_000, 0], [1_000, bursts]))
    expect(effect?.scatter).toBeGreaterThan(5)
    expect(effect?.isSuspect).toBe(false)
    expect(effect?.sentence).toMatch(/allowing for stalls that come in bursts \(scatter \d/)
  })
})

describe('the suspect of an incident', () => {
  const more = (at: number) => counted([1_000, 4], [1_000, 60], at)
  const fewer = (at: number) => counted([1_000, 60], [1_000, 4], at)
  const same = (at: number) => counted([1_000, 50], [1_000, 52], at)
  // oxfmt-ignore
  test.each<[string, Counted[], number | null]>([
    ['the one that raised it',                [more(AT)],                                          AT],
    ['also when others changed nothing since', [more(AT), same(AT + hours(12))],                   AT],
    ['the latest of two',                     [more(AT), more(AT + hours(12))],                    AT + hours(12)],
    ['none, when a later one put it right',   [more(AT), fewer(AT + hours(12))],                   null],
    ['none, when none changed it',            [same(AT)],                                          null],
    ['none without deploys',                  [],                                                  null],
  ])('%s', (_, all, at) => {
    expect(suspectOf(judge(...all))?.at ?? null).toBe(at === null ? null : toIso(at))
  })
})

test('deploys within five minutes of each other are one, which names them all', () => {
  const at = (after: number, service: string) => makeDeploy({ service, at: toIso(AT + after) })
  const deploys = [at(0, 'shop'), at(minutes(4), 'cart'), at(minutes(9), 'mail'), at(minutes(14) + 1, 'late')]
  const groups = groupDeploys(deploys)
  expect(groups.map((group) => group.map(({ service }) => service))).toEqual([['shop', 'cart', 'mail'], ['late']])
  const [first] = groups
  if (first === undefined) throw new Error('expected a group')
  const [effect] = judgeDeploys([{ ...counted([1_000, 4], [1_000, 60]), group: first }])
  expect(effect).toMatchObject({ deploy: { service: 'shop' }, together: [{ service: 'cart' }, { service: 'mail' }] })
  expect(effect?.sentence).toMatch(/Deployed together with cart 1\.4\.2, mail 1\.4\.2\.$/)
})

describe('of a thousand deploys', () => {
  // The same ones each time. A promise of 1 % is one of half a percent that there were more.
  // oxfmt-ignore
  test.each([
    // stalls of a run: before, after   bursts of 10 to 50 on a side   suspect: at least, at most
    [0.01,              0.01,           0,                             0,     5],
    [0.05,              0.05,           0,                             0,     8],
    // Taken for as many events as there were stalls, three hundred of these would be suspect.
    [0.01,              0.01,           1,                             0,     10],
    [0.01,              0.01,           2,                             0,     20],
    // And those that did change something are found.
    [0.01,              0.05,           0,                             990,   1_000],
    [0.002,             0.02,           0,                             900,   1_000],
    [0.05,              0.01,           0,                             0,     0],
  ])('after which runs stall %d and then %d of the time, with %d bursts a side, %d to %d are suspect', (was, is, bursts, least, most) => {
    const random = openRandom('deploys')
    const made = (from: number, rate: number): Side => {
      const stretches = Array.from({ length: STRETCHES }, () => ({ exposure: 100, events: poisson(100 * rate, random) }))
      for (let burst = poisson(bursts, random); burst > 0; burst--) {
        const stretch = stretches[random.int(0, STRETCHES - 1)]
        if (stretch !== undefined) stretch.events += random.int(10, 50)
      }
      return { from, to: from + hours(6), stretches }
    }
    let suspects = 0
    for (let deploy = 0; deploy < 1_000; deploy++) {
      const [effect] = judge({ group: [makeDeploy()], before: made(AT - hours(6), was), after: made(AT, is) })
      if (effect?.isSuspect) suspects++
    }
    expect(suspects).toBeGreaterThanOrEqual(least)
    expect(suspects).toBeLessThanOrEqual(most)
  })
})

/** How many came, of what comes so often on average (Knuth). */
function poisson(mean: number, random: Random): number {
  let count = -1
  for (let product = 1; product > Math.exp(-mean); count++) product *= random.int(1, 2 ** 32) / 2 ** 32
  return count
}
