/**
 * Whether something comes more often than it did, by counts alone: two Poisson rates, compared exactly.
 *
 * Given how many there were in all, how many of them fell on one side is binomial, with the share of that side's exposure
 * as its chance if nothing changed (Przyborowski and Wilenski 1940). No count is too small for that; R has it as `poisson.test`.
 */
import { betaQuantile, betaShare, gammaQuantile } from './special-functions.ts'

/** How often something came, and out of how many times it could have. */
export interface Sample {
  readonly events: number
  readonly exposure: number
}

/** Null where there is no end. */
export type Interval = readonly [low: number, high: number | null]

export interface RateChange {
  /** Two-sided: twice the smaller tail, so that it is below 0.05 just when the interval leaves out 1. */
  readonly p: number
  /** Rate after by rate before; null when there was none before. */
  readonly ratio: number | null
  /** Of the ratio, 95 %. */
  readonly interval: Interval
}

/** Of a 95 % interval this much lies outside on either side. */
const TAIL = 0.025

/**
 * The 95 % interval of a rate (Garwood 1936).
 * @param scatter see `scatterOf`
 */
export function rateInterval({ events, exposure }: Sample, scatter = 1): Interval {
  if (exposure === 0) return [0, null]
  const count = events / scatter
  const low = count === 0 ? 0 : gammaQuantile(TAIL, count)
  return [(low * scatter) / exposure, (gammaQuantile(1 - TAIL, count + 1) * scatter) / exposure]
}

/** @param scatter see `scatterOf` */
export function compareRates(before: Sample, after: Sample, scatter = 1): RateChange {
  const [b, a] = [before.events / scatter, after.events / scatter]
  const chance = after.exposure / (before.exposure + after.exposure)
  const atLeast = a === 0 ? 1 : betaShare(chance, a, b + 1)
  const atMost = b === 0 ? 1 : betaShare(1 - chance, b, a + 1)
  const odds = (share: number): number => (share / (1 - share)) * (before.exposure / after.exposure)
  return {
    p: Math.min(1, 2 * Math.min(atLeast, atMost)),
    ratio: b === 0 ? null : (a / after.exposure) * (before.exposure / b),
    interval: [
      a === 0 ? 0 : odds(betaQuantile(TAIL, a, b + 1)),
      b === 0 ? null : odds(betaQuantile(1 - TAIL, a + 1, b)),
    ],
  }
}

/**
 * By how much counts scatter more than chance lets them: Pearson's X² by its degrees of freedom over stretches of one
 * rate each, never below 1. What comes in bursts counts for as many events as there were bursts: whoever divides by it
 * keeps the test honest (quasi-likelihood: Wedderburn 1974; McCullagh and Nelder 1989, §4.5).
 * @param sides the stretches of each side, which has a rate of its own
 */
export function scatterOf(sides: readonly (readonly Sample[])[]): number {
  let [squares, freedom] = [0, 0]
  for (const stretches of sides) {
    const told = stretches.filter(({ exposure }) => exposure > 0)
    const { events, exposure } = total(stretches)
    if (events === 0 || exposure === 0) continue
    freedom += told.length - 1
    for (const stretch of told) {
      const expected = (events * stretch.exposure) / exposure
      squares += (stretch.events - expected) ** 2 / expected
    }
  }
  return freedom <= 0 ? 1 : Math.max(1, squares / freedom)
}

export function total(samples: readonly Sample[]): Sample {
  return samples.reduce(
    (sum, { events, exposure }) => ({ events: sum.events + events, exposure: sum.exposure + exposure }),
    { events: 0, exposure: 0 },
  )
}

/** Of several questions asked at once: each p as large as it must be for the chance of one wrong answer among them (Holm 1979). */
export function correctForMany(ps: readonly number[]): number[] {
  const corrected = ps.map(() => 1)
  const ranked = ps.map((p, index) => ({ p, index })).sort((a, b) => a.p - b.p)
  let least = 0
  for (const [rank, { p, index }] of ranked.entries()) {
    least = Math.max(least, Math.min(1, (ranked.length - rank) * p))
    corrected[index] = least
  }
  return corrected
}
