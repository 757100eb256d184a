import { describe, expect, test } from 'vitest'
import { chanceOf, compareDigests } from '../../../collector/compare/compare-digests.ts'
import type { Fact, FactValue, RunDigest } from '../../../collector/compare/run-digest.ts'
import type { ComparedRow } from '../../../contract/compare.ts'
import * as fc from '../../kit/properties.ts'

describe('what differs most comes first', () => {
  const a = many(40, (n) => ({
    version: '1.4.2',
    server: n < 37 ? 'orders-db-2' : 'orders-db-1',
    region: 'eu',
    id: `a${n}`,
  }))
  const b = many(500, (n) => ({
    version: n % 5 === 0 ? '1.4.2' : '1.4.1',
    server: n % 10 === 0 ? 'orders-db-2' : 'orders-db-1',
    region: 'eu',
    id: `b${n}`,
  }))
  const found = compareDigests(a, b)

  test('a planted cause is on top, an id is not ranked, and what is the same is only counted', () => {
    expect(found.rows.map(({ key }) => key)).toEqual(['server', 'version'])
    expect(found.rows.map(({ score }) => Math.round(score * 1000))).toEqual([825, 800])
    expect(found.rows.every(({ isBeyondChance }) => isBeyondChance)).toBe(true)
    expect(found.same).toBe(1)
    expect(found.hidden).toEqual([
      { of: 'span', span: 'tool › search_orders', key: 'id', because: 'id-like', values: 540 },
    ])
  })
  test('what A has more of is the first value', () => {
    expect(valuesOf(found.rows[1])).toEqual([
      { value: '1.4.2', a: 40, b: 100 },
      { value: '1.4.1', a: 0, b: 400 },
    ])
  })
  test('groups of one kind have no difference beyond chance', () => {
    const one = compareDigests(b.slice(0, 250), b.slice(250))
    expect(one.rows.filter(({ isBeyondChance }) => isBeyondChance)).toEqual([])
  })
})

// oxfmt-ignore
test.each([
  // what                                          A's values                       B's values                       kind, score, hidden
  ['"not set" is a value',                         fill(10, null),                  fill(10, 'x'),                   'shares', 1, null],
  ['a rare value is none',                         [...fill(16, 'x'), ...'abcd'],   fill(20, 'x'),                   'shares', 0.2, null],
  ['all rare: hidden',                             [...'abcdefghij'],               [...'klmnopqrst'],               null, 0, 'few'],
  ['every value of a small group counts',          ['x'],                           fill(30, 'y'),                   'shares', 1, null],
  ['numbers far apart',                            numbers(20, 1_000),              numbers(20, 0),                  'numbers', 1, null],
  ['the same numbers',                             numbers(20, 0),                  numbers(20, 0),                  'numbers', 0, null],
  ['numbers of few values are words',              fill(20, 500),                   fill(20, 200),                   'shares', 1, null],
  ['numbers that half have',                       [...numbers(10, 0), ...fill(10, null)], numbers(20, 0),           'numbers', 0.5, null],
])('%s', (_what, a, b, kind, score, hidden) => {
  const found = compareDigests(lists(a), lists(b))
  expect(found.hidden.map(({ because }) => because)).toEqual(hidden === null ? [] : [hidden])
  expect(found.rows[0]?.kind ?? (score === 0 && hidden === null ? kind : null)).toBe(kind)
  expect(found.rows[0]?.score ?? 0).toBeCloseTo(score)
})

test('what is only told when the step ends is no difference of runs that are still in it', () => {
  const inStep = many(10, () => ({ server: 'x' }), null).map((run) => ({
    ...run,
    facts: run.facts.map((said) => ({ ...said, isOpen: true })),
  }))
  const done = many(10, () => ({ server: 'x', 'http.response.status_code': 200 }))
  const found = compareDigests(inStep, done)
  expect(found.rows).toEqual([])
  expect(found.hidden).toMatchObject([{ key: 'http.response.status_code', because: 'told-at-end' }])
})

test('what became of the runs is told apart from what they were like', () => {
  const of =
    (status: string) =>
    (digest: RunDigest): RunDigest => ({
      ...digest,
      facts: [...digest.facts, { ...fact('status', status), of: 'run', span: null, isOutcome: true }],
    })
  const found = compareDigests(
    many(10, () => ({ x: 1 })).map(of('stalled')),
    many(10, () => ({ x: 1 })).map(of('completed')),
  )
  expect(found.rows).toEqual([])
  expect(found.outcome).toMatchObject([{ key: 'status', score: 1 }])
})

test('the largest difference that chance makes is below the limit in 95 of 100 comparisons of the same kind', () => {
  const random = randomFrom(7)
  let beyond = 0
  for (let turn = 0; turn < 100; turn++) {
    const group = (runs: number) =>
      many(runs, () =>
        Object.fromEntries(Array.from({ length: 20 }, (_, key) => [`k${key}`, random() < 0.5 ? 'x' : 'y'])),
      )
    beyond += Number(compareDigests(group(41), group(100)).rows.some(({ isBeyondChance }) => isBeyondChance))
  }
  expect(beyond).toBeLessThanOrEqual(5)
})

test('beside an empty group nothing is different', () => {
  expect(
    compareDigests(
      many(9, () => ({ x: 1 })),
      [],
    ),
  ).toMatchObject({ rows: [], outcome: [], hidden: [], chance: 1 })
})

test('with few runs nothing can be told from chance', () => {
  expect(chanceOf(50, { a: 1, b: 500 })).toBe(1)
  expect(chanceOf(50, { a: 0, b: 500 })).toBe(1)
  expect(chanceOf(50, { a: 500, b: 500 })).toBeLessThan(0.13)
})

describe('of any two groups', () => {
  const value = fc.constantFrom<FactValue | null>(null, 'x', 'y', 'z', true, 1, 2)
  const number = fc.option(fc.integer({ min: 0, max: 1_000 }), { nil: null })
  const run = fc.record({ text: value, 'server.port': number, size: number })
  const group = fc.array(run, { maxLength: 40 }).map((said) => said.map((one, index) => digestOf(`r${index}`, one)))

  test('scores are from 0 to 1, and so is the limit', () => {
    fc.assert(
      fc.property(group, group, (a, b) => {
        const { rows, chance } = compareDigests(a, b)
        return [chance, ...rows.map(({ score }) => score)].every((score) => score >= 0 && score <= 1)
      }),
    )
  })
  test('exchanging them changes sides and nothing else', () => {
    fc.assert(
      fc.property(group, group, (a, b) => {
        const [there, back] = [compareDigests(a, b), compareDigests(b, a)]
        expect(scoresOf(back.rows)).toEqual(scoresOf(there.rows))
        expect(back.hidden).toEqual(there.hidden)
        expect(back.rows.map(sidesOf)).toEqual(there.rows.map(exchanged).map(sidesOf))
      }),
    )
  })
  test('the order of their runs is of no account', () => {
    fc.assert(
      fc.property(group, group, (a, b) => {
        expect(compareDigests(a.toReversed(), b.toReversed())).toEqual(compareDigests(a, b))
      }),
    )
  })
  test('a group differs in nothing from itself', () => {
    fc.assert(fc.property(group, (a) => compareDigests(a, a).rows.length === 0))
  })
})

function scoresOf(rows: readonly ComparedRow[]) {
  return rows.map(({ key, score, isBeyondChance }) => [key, score, isBeyondChance])
}

function valuesOf(row: ComparedRow | undefined) {
  return row?.kind === 'shares' ? row.values : []
}

/** Of values that differ by as much, what A has more of comes first: which that is changes with the sides. */
function sidesOf(row: ComparedRow) {
  if (row.kind === 'numbers') return [row.a, row.b]
  return row.values.map(({ value, a, b }) => `${value} ${a} ${b}`).sort()
}

function exchanged(row: ComparedRow): ComparedRow {
  return row.kind === 'numbers'
    ? { ...row, a: row.b, b: row.a }
    : { ...row, values: row.values.map(({ value, a, b }) => ({ value, a: b, b: a })) }
}

function lists(values: readonly (FactValue | null)[]): RunDigest[] {
  return values.map((said, index) => digestOf(`r${index}`, { key: said }))
}

function many(
  runs: number,
  say: (n: number) => Record<string, FactValue | null>,
  endedAt: number | null = 2,
): RunDigest[] {
  return Array.from({ length: runs }, (_, n) => digestOf(`r${n}`, say(n), endedAt))
}

function digestOf(id: string, said: Record<string, FactValue | null>, endedAt: number | null = 2): RunDigest {
  const facts = Object.entries(said).flatMap(([key, value]) => (value === null ? [] : [fact(key, value)]))
  return {
    id,
    facts,
    passed: { step: 'tool › search_orders', phase: 'tool', startedAt: 1, endedAt },
    steps: [],
    endedAt,
  }
}

function fact(key: string, value: FactValue): Fact {
  return {
    of: 'span',
    span: 'tool › search_orders',
    key,
    value,
    unit: null,
    isOutcome: false,
    isRunning: true,
    isOpen: false,
  }
}

function fill<T>(count: number, value: T): T[] {
  return Array.from({ length: count }, () => value)
}

function numbers(count: number, from: number): number[] {
  return Array.from({ length: count }, (_, index) => from + index)
}

/** Mulberry32. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
