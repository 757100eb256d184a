import { describe, expect, test } from 'vitest'
import type { ComparedRow, Comparison, SharesRow } from '../../contract/compare.ts'
import {
  drawDifference,
  evidenceOfRow,
  hiddenWords,
  points,
  sayCohort,
  sumUp,
  warnOf,
} from '../../web/model/compare.ts'

const COHORT = {
  asked: 'healthy',
  says: 'completed runs of support',
  query: null,
  from: null,
  to: null,
  total: 1_204,
  isCut: false,
  sampled: 500,
  notPassed: 12,
}

function rowOf(different: Partial<SharesRow> = {}): SharesRow {
  return {
    kind: 'shares',
    of: 'span',
    span: 'tool › search_orders',
    key: 'server.address',
    score: 0.84,
    isBeyondChance: true,
    values: [
      { value: 'orders-db-2', a: 38, b: 45 },
      { value: null, a: 3, b: 455 },
    ],
    valuesLeft: 2,
    ...different,
  }
}

function comparisonOf(rows: readonly ComparedRow[], different: Partial<Comparison> = {}): Comparison {
  return {
    at: '2026-11-22T03:04:11.204Z',
    a: {
      ...COHORT,
      asked: 'incident:4f2a09',
      says: 'runs of incident STL-4F2A09',
      total: 41,
      sampled: 41,
      notPassed: 0,
    },
    b: COHORT,
    step: { phase: 'tool', name: 'search_orders' },
    rows,
    rowsTotal: rows.length,
    same: 4,
    outcome: [],
    hidden: [],
    chance: 0.3,
    ...different,
  }
}

test('a row says its value, the share in each group and the points between them', () => {
  const drawn = drawDifference(rowOf(), comparisonOf([]))
  expect(drawn.says).toBe('tool › search_orders · server.address: orders-db-2, A 92.7 %, B 9.0 %, difference +84 pt')
  expect(drawn.others).toEqual(['not set: A 7.3 %, B 91.0 %', '2 further values'])
  expect([points(-0.826), points(0)]).toEqual(['−83 pt', '+0 pt'])
})

// oxfmt-ignore
test.each([
  // what                     row                                                                    filter                             exclude
  ['a value',                 rowOf(),                                                               'server.address:is:orders-db-2',   'server.address:not:orders-db-2'],
  ['that it is not set',      rowOf({ values: [{ value: null, a: 9, b: 0 }] }),                      null,                              'server.address:any'],
  ['a text that was cut',     rowOf({ values: [{ value: 'SELECT…', a: 9, b: 0 }] }),                 'server.address:has:SELECT',       null],
  ['what follows from spans', rowOf({ of: 'run', span: null, key: 'steps before' }),                 null,                              null],
  ['a key with a colon',      rowOf({ key: 'a:b' }),                                                 null,                              null],
])('the runs behind %s', (_what, row, filter, exclude) => {
  const drawn = drawDifference(row, comparisonOf([]))
  expect([drawn.filter, drawn.exclude]).toEqual([filter, exclude])
})

test('the runs behind numbers are those on the side of A', () => {
  const of = (median: number) => ({ count: 20, median, p95: median, bins: [20] })
  const drawn = drawDifference(
    {
      ...rowOf(),
      kind: 'numbers',
      unit: null,
      key: 'size',
      a: of(40_000),
      b: of(2_000),
      from: 1,
      to: 2,
      isLogarithmic: false,
    },
    comparisonOf([]),
  )
  expect([drawn.filter, drawn.exclude]).toEqual(['size:over:21000', 'size:under:21000'])
  expect(drawn.a.words).toBe('median 40\u2009000')
})

describe('what is said above the rows', () => {
  // oxfmt-ignore
  test.each([
    ['differences',       comparisonOf([rowOf()]),                                      '1 attribute differs beyond chance. 4 attributes are the same in both.'],
    ['only chance',       comparisonOf([rowOf({ isBeyondChance: false })]),             'No difference beyond what chance makes of so few runs. 4 attributes are the same in both.'],
    ['none',              comparisonOf([]),                                             'No difference was found. 4 attributes are the same in both.'],
    ['an empty group',    comparisonOf([], { b: { ...COHORT, sampled: 0 } }),           'B has no runs to compare.'],
  ])('%s', (_what, comparison, says) => {
    expect(sumUp(comparison)).toBe(says)
  })

  test('how many of how many, and how few', () => {
    expect(sayCohort(COHORT)).toBe(
      'completed runs of support · 500 of 1\u2009204 runs compared; 12 did not pass the step',
    )
    expect(warnOf(comparisonOf([]))).toBeNull()
    expect(warnOf(comparisonOf([], { a: { ...COHORT, sampled: 1 } }))).toBe('Small sample: A has 1 run.')
  })

  test('what is hidden, and why', () => {
    const hidden = [{ of: 'span', span: 'GET', key: 'user.id', because: 'id-like', values: 40 }] as const
    expect(hiddenWords(comparisonOf([], { hidden }))).toEqual([
      { reason: '1 attribute: another value in nearly every run', names: ['GET · user.id'] },
    ])
  })
})

test('as evidence it keeps the values, both groups and the way back', () => {
  const evidence = evidenceOfRow(rowOf(), comparisonOf([]), '/compare?a=incident:4f2a09')
  expect(evidence).toMatchObject({
    kind: 'compare',
    title: 'tool › search_orders · server.address = orders-db-2: A 92.7 %, B 9.0 %',
    link: '/compare?a=incident:4f2a09',
    at: '2026-11-22T03:04:11.204Z',
  })
  expect(evidence.frozen.map(({ name }) => name)).toEqual([
    'attribute',
    'value',
    'A',
    'B',
    'difference',
    'query',
    'other 1',
    'other 2',
  ])
})
