import { describe, expect, test } from 'vitest'
import {
  fitCode,
  formatAge,
  formatClock,
  formatCount,
  formatDuration,
  formatLimit,
  formatMoment,
  formatShare,
  formatStep,
  formatMinute,
  formatSecond,
  formatTime,
  localiseTimes,
  shortCode,
  shortId,
  speakDuration,
} from '../../web/model/format.ts'
import { ticksBetween } from '../../web/model/ticks.ts'

// oxfmt-ignore
// oxfmt-ignore
test.each([
  [0,           '0.000 s'],
  [12_345.4,    '12.345 s'],
  [59_999.6,    '1 m 00.000 s'],
  [62_040,      '1 m 02.040 s'],
  [-1_500,      '−1.500 s'],
  [3_723_004,   '1 h 02 m 03.004 s'],
])('%d ms from the start of a run is %s', (at, says) => {
  expect(formatMoment(at)).toBe(says)
})

describe('durations', () => {
  test.each([
    // ms          exact          ticking        as a limit
    [0, '0 ms', '0 s', '0 ms'],
    [110, '110 ms', '0 s', '110 ms'],
    [999.4, '999 ms', '0 s', '999 ms'],
    [999.6, '1.0 s', '0 s', '1.0 s'],
    [2_800, '2.8 s', '2 s', '2.8 s'],
    [20_000, '20.0 s', '20 s', '20 s'],
    [59_960, '1 m 00 s', '59 s', '1 m 00 s'],
    [60_000, '1 m 00 s', '1 m 00 s', '1 m'],
    [180_000, '3 m 00 s', '3 m 00 s', '3 m'],
    [252_000, '4 m 12 s', '4 m 12 s', '4 m 12 s'],
    [3_600_000, '1 h 00 m', '1 h 00 m', '1 h'],
    [3_780_000, '1 h 03 m', '1 h 03 m', '63 m'],
    [187_200_000, '2 d 04 h', '2 d 04 h', '52 h'],
    [-5, '0 ms', '0 s', '0 ms'],
  ])('%d ms', (ms, exact, ticking, limit) => {
    expect([formatDuration(ms), formatAge(ms), formatLimit(ms)]).toEqual([exact, ticking, limit])
  })
})

test('a screen reader hears whole words', () => {
  expect([252_000, 1_000, 3_780_000, 12].map(speakDuration)).toEqual([
    '4 minutes 12 seconds',
    '1 second',
    '1 hour 3 minutes',
    '12 milliseconds',
  ])
})

test('a time of another day says its day and drops what nobody needs', () => {
  const at = new Date(2026, 10, 21, 3, 4, 11, 204).getTime()
  expect(formatTime(at, at + 1_000)).toBe('03:04:11.204')
  expect(formatTime(at, at + 86_400_000)).toBe('21 Nov 03:04')
  expect([formatSecond(at, at), formatMinute(at, at)]).toEqual(['03:04:11', '03:04'])
  expect(formatSecond(at, at + 86_400_000)).toBe(formatMinute(at, at + 86_400_000))
  expect(formatClock(at)).toBe('03:04:11')
})

test('times quoted in a sentence read like all others on the page', () => {
  const at = new Date(2026, 10, 22, 3, 4, 11, 204)
  expect(localiseTimes(`open since ${at.toISOString()}, at a.ts:3`, at.getTime())).toBe(
    'open since 03:04:11.204, at a.ts:3',
  )
})

test('a share never claims the whole while something is missing', () => {
  expect(formatShare(9_999, 10_000)).toBe('99.9 %')
  expect(formatShare(10_000, 10_000)).toBe('100 %')
  expect(formatShare(0, 0)).toBe('–')
  expect(formatCount(41_310)).toBe('41\u2009310')
})

test('names keep the parts that tell them apart', () => {
  expect(shortId('run_7xkx1vb12zzhehkr')).toBe('run_7xkx1vb12zzhehkr')
  expect(shortId('4bf92f3577b34da6a3ce929d0e0e4736')).toBe('4bf92f3577b3…4736')
  expect(shortCode({ file: '/srv/app/src/tools/search.ts', line: 88, function: null })).toBe('tools/search.ts:88')
  expect(fitCode({ file: 'src/tools/search.ts', line: 88, function: null })).toBe('src/tools/search.ts:88')
  expect(fitCode({ file: '/srv/releases/2026-11-22/server/orchestrate/create.ts', line: 68, function: null })).toBe(
    '…/server/orchestrate/create.ts:68',
  )
  expect(formatStep({ phase: 'tool', name: 'search_orders' })).toBe('tool › search_orders')
})

// oxfmt-ignore
describe('ticks are round, few and all different', () => {
  test.each([
    // from      to          at most   labels
    [0,          100,        5,        ['0', '20 ms', '40 ms', '60 ms', '80 ms', '100 ms']],
    [0,          3_000,      4,        ['0', '1 s', '2 s', '3 s']],
    [0,          1_500,      4,        ['0', '500 ms', '1.0 s', '1.5 s']],
    [50_000,     95_000,     4,        ['1 m 00 s', '1 m 15 s', '1 m 30 s']],
    [0,          240_000,    5,        ['0', '1 m', '2 m', '3 m', '4 m']],
    [3_500_000,  7_300_000,  3,        ['1 h 00 m', '1 h 30 m', '2 h 00 m']],
  ])('%d to %d', (from, to, max, labels) => {
    const ticks = ticksBetween(from, to, max).map((tick) => tick.label)
    expect(ticks).toEqual(labels)
    expect(new Set(ticks).size).toBe(ticks.length)
  })
})
