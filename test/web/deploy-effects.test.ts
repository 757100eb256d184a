/** How what became of an incident with a deploy is drawn and said. */
import { expect, test } from 'vitest'
import { AXIS_MARKS, drawInterval, ratesOf, whenOf } from '../../web/model/deploy-effects.ts'
import { makeDeploy } from '../kit/made-deploy.ts'

// oxfmt-ignore
test.each([
  // times as many: value, low, high   from, to, value on an axis from a sixteenth to sixteen times
  [1,       0.25,      4,              0.25,    0.75,   0.5],
  [4,       1,         16,             0.5,     1,      0.75],
  [0.0625,  0.01,      0.25,           0,       0.25,   0],
  [99,      20,        500,            1,       1,      1],
  [null,    4,         null,           0.75,    1,      null],
  [0,       0,         1,              0,       0.5,    0],
])('%s times as many (%s to %s) lies from %s to %s, at %s', (value, low, high, from, to, at) => {
  const bar = drawInterval({ ratio: { value, low, high } })
  expect(bar?.from).toBeCloseTo(from, 12)
  expect(bar?.to).toBeCloseTo(to, 12)
  if (at === null) expect(bar?.value).toBeNull()
  else expect(bar?.value).toBeCloseTo(at, 12)
})

test('what is not known is not drawn; the axis says what its ends are', () => {
  expect(drawInterval({ ratio: null })).toBeNull()
  expect(AXIS_MARKS).toEqual([
    { at: 0, says: '÷16' },
    { at: 0.25, says: '÷4' },
    { at: 0.5, says: 'as many' },
    { at: 0.75, says: '×4' },
    { at: 1, says: '×16' },
  ])
})

// oxfmt-ignore
test.each([
  // rate before, after    says
  [0.00419,   0.0314,      '0.42 → 3.1'],
  [0,         1.5,         '0 → 150'],
  [null,      0.5,         '– → 50'],
])('%s and then %s stalls of a run: %s', (before, after, says) => {
  const exposure = (rate: number | null) => ({ from: '', to: '', runs: 1, stalls: 1, rate, interval: null })
  expect(ratesOf({ before: exposure(before), after: exposure(after) })).toBe(says)
})

test.each([
  [{ source: 'seen' }, 'first seen'],
  [{ source: 'api' }, 'announced'],
  [{ source: 'command', by: 'ana' }, 'announced by ana'],
] as const)('a deploy %j was %s', (different, how) => {
  const deploy = makeDeploy(different)
  expect(whenOf(deploy, Date.parse(deploy.at))).toMatch(new RegExp(`^\\d\\d:\\d\\d, ${how}$`))
})
