/** Trends in words and lines: the sums behind each figure. */
import { describe, expect, test } from 'vitest'
import { TREND_COUNTS, type TrendCount, type TrendSeries, type Trends } from '../../contract/trends.ts'
import type { Deploy } from '../../contract/deploys.ts'
import { hours, minutes, toIso } from '../../contract/units.ts'
import { lengthMarks, timeMarks } from '../../web/model/time-axis.ts'
import { drawFigures, formatPercent, isEmpty, markDeploys, type FigureId } from '../../web/model/trends.ts'
import { besideBefore, rangeBefore } from '../../web/model/compare-trends.ts'
import { api, paths } from '../../web/paths.ts'
import { readTrendsView } from '../../web/read-address.ts'
import { makeDeploy } from '../kit/made-deploy.ts'

const START = Date.parse('2026-11-22T00:00:00.000Z')
const BUCKETS = 4

type Counts = { readonly [count in TrendCount]?: readonly number[] }

function series(counts: Counts, different: Partial<TrendSeries> = {}): TrendSeries {
  const zeros = Array.from({ length: BUCKETS }, () => 0)
  const all = Object.fromEntries(TREND_COUNTS.map((count) => [count, counts[count] ?? zeros]))
  return {
    name: null,
    isRest: false,
    counts: all as TrendSeries['counts'],
    inFlight: zeros,
    stalls: zeros,
    phases: [],
    ...different,
  }
}

function trends(all: readonly TrendSeries[], different: Partial<Trends> = {}): Trends {
  return {
    from: toIso(START),
    to: toIso(START + hours(BUCKETS)),
    bucketMs: hours(1),
    buckets: Array.from({ length: BUCKETS }, (_, index) => toIso(START + hours(index))),
    split: null,
    series: all,
    steps: [],
    deploys: [],
    values: { agent: [], version: [], environment: [] },
    ...different,
  }
}

const deploy = (at: number, version = '1.4.2'): Deploy => makeDeploy({ version, at: toIso(at) })
const figure = (id: FigureId, of: Trends) => {
  const found = drawFigures(of, 'p95').find((each) => each.id === id)
  if (found === undefined) throw new Error(`expected a figure ${id}`)
  return found
}

describe('completion', () => {
  test('is of the runs that ended or stand still; those that run are no failure, and an hour without runs is a gap', () => {
    const of = trends([
      series({
        started: [10, 0, 10, 10],
        completed: [9, 0, 8, 2],
        failed: [1],
        standing: [0, 0, 2],
        cancelled: [0, 0, 0, 1],
      }),
    ])
    const { lines, sentence, bottom } = figure('completion', of)
    expect(lines[0]?.values).toEqual([90, null, 80, (100 * 2) / 3])
    expect(sentence).toBe('82.6 % of 23 runs completed.')
    expect(bottom).toBe(50)
  })

  // oxfmt-ignore
  test.each([
    // completed of 100 in each hour   since the deploy in the third hour
    [[98, 98, 96, 96],                 ', down 2.0 pt since 1.4.2'],
    [[96, 96, 98, 98],                 ', up 2.0 pt since 1.4.2'],
    [[97, 97, 97, 97],                 ', as before 1.4.2'],
  ])('%j of a hundred%s', (completed, says) => {
    const of = series({ started: [100, 100, 100, 100], completed, failed: completed.map((count) => 100 - count) })
    expect(figure('completion', trends([of], { deploys: [deploy(START + hours(2))] })).sentence).toContain(says)
    // Too few before it: nothing is said.
    expect(figure('completion', trends([of], { deploys: [deploy(START)] })).sentence).not.toContain('since')
  })

  test('an axis that does not begin at nothing says where', () => {
    expect(figure('completion', trends([series({ completed: [97, 99, 98, 97], failed: [3, 1, 2, 3] })])).bottom).toBe(
      90,
    )
    expect(figure('completion', trends([series({})])).bottom).toBe(0)
  })
})

test('stalls are drawn by step, or by what runs are split by', () => {
  const steps = [
    { phase: 'tool' as const, step: 'search', isRest: false, stalls: [3, 0, 0, 0] },
    { phase: null, step: null, isRest: true, stalls: [1, 0, 0, 0] },
  ]
  const all = [series({}, { name: '1', stalls: [4, 0, 0, 0] }), series({}, { name: '2' })]
  expect(figure('stalls', trends(all, { steps }))).toMatchObject({
    sentence: '4 stalls, most in tool › search (75.0 %).',
    lines: [
      { name: 'tool › search', whole: '3', only: { step: 'tool › search' } },
      { name: 'other steps', whole: '1', only: {} },
    ],
  })
  expect(figure('stalls', trends(all, { steps, split: 'version' })).lines).toMatchObject([
    { name: '1', only: { version: '1' } },
  ])
  expect(figure('stalls', trends([series({})])).sentence).toBe('No run stood still.')
})

test('times are of each phase, or of whole runs when they are split', () => {
  const whole = { samples: 40, p50: 100, p95: 2_000, p99: 3_000 }
  const line = {
    samples: [40, 0, 0, 0],
    p50: [100, null, null, null],
    p95: [2_000, null, null, null],
    p99: [3_000, null, null, null],
  }
  const phases = [
    { phase: 'tool' as const, whole, ...line },
    { phase: 'terminal' as const, whole: { ...whole, p95: 9_000 }, ...line },
  ]
  const of = trends([series({}, { name: 'a', phases })])
  expect(figure('times', of)).toMatchObject({
    sentence: 'p95: first tool 2.0 s, end of the run 9.0 s.',
    isLogarithmic: true,
    lines: [
      { name: 'first tool', values: [2_000, null, null, null] },
      { name: 'end of the run', whole: '9.0 s' },
    ],
  })
  expect(drawFigures(of, 'p50').find(({ id }) => id === 'times')?.lines[0]?.values[0]).toBe(100)
  expect(figure('times', { ...of, split: 'agent' })).toMatchObject({
    sentence: 'p95: a 9.0 s.',
    lines: [{ name: 'a' }],
  })
})

// oxfmt-ignore
test.each([
  // due,          confirmed     the sentence
  [[0, 0],         [0, 0],       'No message had to be confirmed.'],
  [[10, 10],       [10, 10],     'All 20 required messages were confirmed.'],
  [[1000, 1000],   [1000, 999],  '1 of 2\u2009000 required messages were not confirmed (0.05 %).'],
])('%j due, %j confirmed: %s', (due, confirmed, says) => {
  const { sentence, lines } = figure('loss', trends([series({ due, confirmed })]))
  expect(sentence).toBe(says)
  expect(lines[0]?.values[0]).toBe(due[0] === 0 ? null : 0)
})

test('runs in flight and undelivered ones', () => {
  const of = trends([series({ completed: [98], undelivered: [2] }, { inFlight: [3, 9, 5, 4] })])
  expect(figure('in-flight', of).sentence).toBe('4 at the end, 9 at most.')
  expect(figure('undelivered', of).sentence).toBe('2 runs completed, and the answer was not confirmed (2 %).')
  expect(isEmpty(of)).toBe(false)
  expect(isEmpty(trends([series({ started: [1] })]))).toBe(false)
  expect(isEmpty(trends([series({})]))).toBe(true)
})

// oxfmt-ignore
test.each([[0, '0 %'], [100, '100 %'], [99.96, '100 %'], [97.24, '97.2 %'], [50, '50 %'], [0.0312, '0.031 %'], [0.5, '0.5 %']])(
  '%d is %s', (value, says) => {
    expect(formatPercent(value)).toBe(says)
  })

test('deploys that would lie over each other are told together', () => {
  const marks = markDeploys(
    [
      deploy(START),
      deploy(START + minutes(1), '1.4.3'),
      deploy(START + hours(2), '2'),
      deploy(START + hours(2) + 1, '2'),
    ],
    START,
    START + hours(4),
  )
  expect(marks).toEqual([
    { at: START, says: '2 deploys' },
    { at: START + hours(2), says: '2' },
  ])
})

// oxfmt-ignore
test.each([
  // a range of       at most   a mark every
  [hours(1),          8,        minutes(10)],
  [hours(24),         8,        hours(3)],
  [hours(24 * 7),     8,        hours(24)],
  [hours(24 * 400),   8,        hours(24 * 56)],
  [hours(24),         4,        hours(6)],
])('an axis of %d ms with at most %d marks has one every %d ms', (range, most, step) => {
  const marks = timeMarks(START + minutes(7), START + minutes(7) + range, most)
  expect(marks.length).toBeLessThanOrEqual(most + 1)
  expect(marks.length).toBeGreaterThan(most / 4)
  for (const [index, { at }] of marks.entries()) if (index > 0) expect(at - (marks[index - 1]?.at ?? 0)).toBe(step)
})

test('what is drawn survives the way through the address; the percentile asks the server nothing', () => {
  const view = {
    from: 'now-7d',
    to: 'now',
    split: 'agent',
    agent: '',
    environment: 'e&f',
    version: '1',
    percentile: 'p99',
    isCompared: true,
  } as const
  expect(readTrendsView(Object.fromEntries(new URL(paths.trends(view), 'http://h').searchParams))).toEqual(view)
  expect(paths.trends(readTrendsView({}))).toBe('/trends')
  expect(api.trends(view)).toBe('/api/trends?from=now-7d&to=now&split=agent&environment=e%26f&version=1')
  expect(readTrendsView({ split: 'colour', percentile: 'p42' })).toMatchObject({ split: null, percentile: 'p95' })
})

describe('beside the time before', () => {
  const shown = trends([series({ started: [10, 10, 10, 10], completed: [9, 10, 10, 10], failed: [1] })])
  const range = { from: toIso(START - hours(BUCKETS)), to: toIso(START) }

  test('that is as long, and ends where the shown time begins', () => {
    expect(rangeBefore(shown)).toEqual(range)
    expect(rangeBefore(trends([], { buckets: [] }))).toBeNull()
  })

  test('a figure with one line has that of before beside it; all say what it was', () => {
    const earlier = trends([series({ started: [10, 10], completed: [5, 10], failed: [5] })], range)
    const [completion, stalls] = besideBefore(drawFigures(shown, 'p95'), drawFigures(earlier, 'p95'))
    expect(completion?.lines.map(({ name, values, whole, isBefore }) => [name, values, whole, isBefore])).toEqual([
      ['all runs', [90, 100, 100, 100], '97.5 %', undefined],
      // As far as there is anything of it.
      ['before', [50, 100, null, null], '75.0 %', true],
    ])
    expect(completion?.sentence).toBe('97.5 % of 40 runs completed. Before: 75.0 % of 20 runs completed.')
    expect(completion?.bottom).toBe(50)
    expect(stalls?.sentence).toBe('No run stood still. Before: No run stood still.')
    expect(stalls?.lines).toEqual([])
  })

  test('split, only the sentence says it: lines twice as many would tell nothing', () => {
    const split = trends([series({ completed: [1] }, { name: 'a' }), series({ completed: [1] }, { name: 'b' })], {
      split: 'agent',
    })
    const [completion] = besideBefore(drawFigures(split, 'p95'), drawFigures(split, 'p95'))
    expect(completion?.lines).toHaveLength(2)
    expect(completion?.sentence).toContain('Before: ')
  })
})

// oxfmt-ignore
test.each([
  // lengths        marks
  [[],              [1, 10, 100, 1e3, 10e3, 60e3]],
  [[0],             [1, 10]],
  [[100],           [100, 1e3]],
  [[292, 9_300],    [100, 1e3, 10e3]],
  [[5e9],           [36_000e3, 360_000e3]],
])('an axis of the lengths %j is marked at %j', (lengths, marks) => {
  expect(lengthMarks(lengths)).toEqual(marks)
})
