/** The statistics of deploys, against published values and exact arithmetic. */
import { describe, expect, test } from 'vitest'
import { compareRates, correctForMany, rateInterval, scatterOf, type Sample } from '../../collector/rate-ratio.ts'
import { betaShare, gammaShare, logGamma } from '../../collector/special-functions.ts'

const sample = (events: number, exposure: number): Sample => ({ events, exposure })

describe('the interval of a rate', () => {
  // oxfmt-ignore
  test.each([
    // events  exposure    low         high        from
    [0,        1,          0,          3.688879,   'Garwood 1936: 0, 3.69'],
    [1,        1,          0.025318,   5.571643,   'Garwood 1936: 0.0253, 5.57'],
    [10,       1,          4.795389,   18.390356,  'Garwood 1936: 4.80, 18.4'],
    [137,      24.19893,   4.753125,   6.692709,   'R: poisson.test(137, 24.19893)'],
  ])('%d events in %f: %f to %f (%s)', (events, exposure, low, high) => {
    const [from, to] = rateInterval(sample(events, exposure))
    expect(from).toBeCloseTo(low, 5)
    expect(to).toBeCloseTo(high, 5)
  })

  test('leaves out as much on either side as it says, by the sum of the chances themselves', () => {
    // P(X ≤ k) of a Poisson distribution, summed term by term.
    const atMost = (k: number, mean: number): number => {
      let [term, sum] = [Math.exp(-mean), 0]
      for (let at = 0; at <= k; at++) {
        sum += term
        term *= mean / (at + 1)
      }
      return sum
    }
    for (const events of [1, 3, 12, 60]) {
      const [low, high] = rateInterval(sample(events, 100))
      expect(1 - atMost(events - 1, 100 * low)).toBeCloseTo(0.025, 9)
      expect(atMost(events, 100 * (high ?? 0))).toBeCloseTo(0.025, 9)
    }
  })

  test('without anything to count there is none; what scatters has a wider one', () => {
    expect(rateInterval(sample(0, 0))).toEqual([0, null])
    const [low, high] = rateInterval(sample(40, 1_000))
    const [lower, higher] = rateInterval(sample(40, 1_000), 4)
    expect(lower).toBeLessThan(low)
    expect(higher ?? 0).toBeGreaterThan(high ?? 0)
  })
})

describe('two rates', () => {
  test('the ratio and its interval are those of R: poisson.test(c(11, 6+8+7), c(800, 1083+1050+878))', () => {
    const { ratio, interval } = compareRates(sample(21, 3_011), sample(11, 800))
    expect(ratio).toBeCloseTo(1.971488, 6)
    expect(interval[0]).toBeCloseTo(0.8584264, 6)
    expect(interval[1]).toBeCloseTo(4.2772659, 6)
  })

  // oxfmt-ignore
  test.each([
    // before      after        of how many fell on the side after, with which chance
    [3, 100,       3, 100],
    [0, 500,       7, 500],
    [2, 1_000,     19, 1_000],
    [21, 3_011,    11, 800],
    [60, 1_200,    20, 400],
    [30, 10,       4, 30],
    [5, 7,         0, 7],
  ])('%d of %d before, %d of %d after: p is twice the smaller tail, exactly', (b, before, a, after) => {
    const { p } = compareRates(sample(b, before), sample(a, after))
    expect(p).toBeCloseTo(exactP(b, before, a, after), 10)
  })

  test('p is below 0.05 just when the interval leaves out 1', () => {
    for (let after = 0; after <= 40; after++) {
      const { p, interval } = compareRates(sample(12, 300), sample(after, 300))
      const isOut = interval[0] > 1 || (interval[1] ?? Infinity) < 1
      expect([after, isOut]).toEqual([after, p < 0.05])
    }
  })

  test('none before has no ratio and no upper end; none at all says nothing', () => {
    const { ratio, interval, p } = compareRates(sample(0, 400), sample(9, 400))
    expect([ratio, interval[1]]).toEqual([null, null])
    expect(interval[0]).toBeGreaterThan(1)
    expect(p).toBeCloseTo(2 / 2 ** 9, 12)
    expect(compareRates(sample(0, 400), sample(0, 400))).toEqual({ p: 1, ratio: null, interval: [0, null] })
  })

  test('large counts are as exact as small ones', () => {
    // Half of a symmetric distribution, and the mean of a Gamma: ½ + 1/(3√(2πa)) (DLMF 8.11.12).
    expect(betaShare(0.5, 1e5, 1e5)).toBeCloseTo(0.5, 7)
    expect(gammaShare(1e6, 1e6)).toBeCloseTo(0.5 + 1 / (3 * Math.sqrt(2e6 * Math.PI)), 7)
    expect(logGamma(171)).toBeCloseTo(706.573062245787, 9)
    const { ratio, p } = compareRates(sample(50_000, 1e6), sample(50_000, 1e6))
    expect([ratio, p]).toEqual([1, 1])
  })
})

describe('scatter', () => {
  const even = (events: number): Sample[] => Array.from({ length: 12 }, () => sample(events, 100))
  test('of what is spread evenly is 1, also when it came more often on one side', () => {
    expect(scatterOf([even(2), even(9)])).toBe(1)
    expect(scatterOf([even(0), even(0)])).toBe(1)
    expect(scatterOf([[], []])).toBe(1)
  })

  test('of one burst is as many as came: it counts as one', () => {
    const burst = even(0).map(({ exposure }, index) => sample(index === 5 ? 60 : 0, exposure))
    // X² of 60 in one of 12 stretches is 60 × 11, with 11 degrees of freedom.
    expect(scatterOf([even(0), burst])).toBeCloseTo(60, 9)
    expect(compareRates(sample(0, 1_200), sample(60, 1_200)).p).toBeLessThan(1e-15)
    expect(compareRates(sample(0, 1_200), sample(60, 1_200), 60).p).toBe(1)
  })

  test('a stretch without runs says nothing', () => {
    const halves = [...even(4).slice(0, 6), ...Array.from({ length: 6 }, () => sample(0, 0))]
    expect(scatterOf([halves])).toBe(1)
  })
})

test('of many questions each p is corrected as Holm 1979 does; R: p.adjust(c(.01, .04, .03, .005), "holm")', () => {
  expect(correctForMany([0.01, 0.04, 0.03, 0.005])).toEqual([0.03, 0.06, 0.06, 0.02])
  expect(correctForMany([0.9, 0.8])).toEqual([1, 1])
  expect(correctForMany([])).toEqual([])
})

/** Twice the smaller tail of the binomial distribution, in whole numbers to the last step. */
function exactP(b: number, before: number, a: number, after: number): number {
  const n = a + b
  const chance = (k: number): bigint => choose(n, k) * BigInt(after) ** BigInt(k) * BigInt(before) ** BigInt(n - k)
  const all = BigInt(before + after) ** BigInt(n)
  const tail = (from: number, to: number): bigint => {
    let sum = 0n
    for (let k = from; k <= to; k++) sum += chance(k)
    return sum
  }
  const [atMost, atLeast] = [tail(0, a), tail(a, n)]
  const smaller = atMost < atLeast ? atMost : atLeast
  return Math.min(1, (2 * Number((smaller * 10n ** 18n) / all)) / 1e18)
}

function choose(n: number, k: number): bigint {
  let result = 1n
  for (let at = 1; at <= k; at++) result = (result * BigInt(n - k + at)) / BigInt(at)
  return result
}
