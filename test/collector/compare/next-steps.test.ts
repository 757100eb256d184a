import { expect, test } from 'vitest'
import { nextSteps } from '../../../collector/compare/next-steps.ts'
import { measureNumbers, quantile } from '../../../collector/compare/measure-numbers.ts'
import type { DigestStep, RunDigest } from '../../../collector/compare/run-digest.ts'

const step = (name: string, startedAt: number, endedAt: number | null): DigestStep => ({
  step: name,
  phase: name.startsWith('tool') ? 'tool' : 'reasoning',
  startedAt,
  endedAt,
})

function runOf(passed: DigestStep | null, after: readonly DigestStep[], endedAt: number | null): RunDigest {
  const before = step('reasoning › plan', 0, 50)
  return { id: 'r', facts: [], passed, steps: [before, ...(passed ? [passed] : []), ...after], endedAt }
}

test('the steps that follow, in the order in which they usually come, each with how often and how soon', () => {
  const passed = step('tool › search', 100, 200)
  const answer = (at: number) => step('reasoning › answer', at, at + 10)
  const runs = [
    ...Array.from({ length: 9 }, (_, n) => runOf(passed, [answer(210 + n)], 300)),
    // It searches for something else first, and thinks twice.
    runOf(passed, [step('tool › ship', 205, 240), answer(250), answer(270)], 400),
  ]
  expect(nextSteps(runs)).toEqual({
    took: { p50Ms: 100, p95Ms: 100 },
    next: [
      { step: 'tool › ship', phase: 'tool', runs: 1, directly: 1, p50Ms: 5, p95Ms: 5 },
      { step: 'reasoning › answer', phase: 'reasoning', runs: 10, directly: 9, p50Ms: 14, p95Ms: 50 },
    ],
    end: { runs: 10, p50Ms: 100, p95Ms: 200 },
  })
})

// oxfmt-ignore
test.each([
  ['a run that never came to it',    runOf(null, [step('tool › ship', 300, 310)], 400)],
  ['a run that is still in it',      runOf(step('tool › search', 100, null), [], null)],
])('%s says nothing of what comes next', (_what, run) => {
  expect(nextSteps([run])).toEqual({ took: null, next: [], end: null })
})

test('a step that ran beside it does not follow it', () => {
  const run = runOf(step('tool › search', 100, 200), [step('tool › beside', 150, 400)], 500)
  expect(nextSteps([run]).next).toEqual([])
})

// oxfmt-ignore
test.each([
  // what                       A              B                distance
  ['apart',                     [1, 2, 3],     [10, 11],        1],
  ['the same',                  [1, 2, 3],     [3, 2, 1],       0],
  ['half of them',              [1, 2],        [2, 3],          0.5],
  ['ties on both sides',        [1, 1, 1, 2],  [1, 2, 2, 2],    0.5],
  ['one is empty',              [],            [1],             0],
])('numbers %s', (_what, a, b, distance) => {
  expect(measureNumbers(a, b).distance).toBeCloseTo(distance)
  expect(measureNumbers(b, a).distance).toBeCloseTo(distance)
})

test('every number falls into a bin, whatever the scale', () => {
  for (const values of [[0, 0, 0], [5], [-3, 0, 9], [1, 10, 100_000]]) {
    const { a, isLogarithmic } = measureNumbers(values, [values[0] ?? 0])
    expect(a.bins.reduce((sum, count) => sum + count, 0)).toBe(values.length)
    expect(isLogarithmic).toBe(values.includes(100_000))
  }
  expect([quantile([], 0.5), quantile([1, 2, 3], 0.5), quantile([1, 2, 3], 0.95)]).toEqual([null, 2, 3])
})
