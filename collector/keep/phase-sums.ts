/** How long runs took to each phase, bucket after bucket: only the bucket at hand is held as a histogram. */
import { TREND_PHASES, type PhaseTrend } from '../../contract/trends.ts'
import type { Millis } from '../../contract/units.ts'
import { BINS, countSamples, percentiles } from '../duration-histogram.ts'
import { eachBin } from './trend-bins.ts'

const SHARES = [0.5, 0.95, 0.99] as const
const SAMPLES_MIN = 5

export interface PhaseSums {
  /** Some of the bucket at hand. */
  add(bins: Uint8Array): void
  /** All of this bucket was added; what comes is of a later one. */
  close(bucket: number): void
  /** Nothing for a phase that none of the runs reached. */
  phases(): PhaseTrend[]
}

export function openPhaseSums(buckets: number): PhaseSums {
  const present = new Uint32Array(TREND_PHASES.length * BINS)
  const whole = new Uint32Array(TREND_PHASES.length * BINS)
  const lines = TREND_PHASES.map(() => ({
    samples: Array.from({ length: buckets }, () => 0),
    byShare: SHARES.map(() => Array.from({ length: buckets }, (): Millis | null => null)),
  }))
  let isTouched = false
  const ofPhase = (all: Uint32Array, index: number) => all.subarray(index * BINS, (index + 1) * BINS)

  return {
    add(bins) {
      if (bins.length === 0) return
      isTouched = true
      eachBin(bins, (bin, count) => {
        present[bin] = (present[bin] ?? 0) + count
        whole[bin] = (whole[bin] ?? 0) + count
      })
    },

    close(bucket) {
      if (!isTouched) return
      for (const [index, { samples, byShare }] of lines.entries()) {
        const own = ofPhase(present, index)
        const count = countSamples(own)
        samples[bucket] = count
        if (count < SAMPLES_MIN) continue
        const found = percentiles(own, count, SHARES)
        for (const [at, line] of byShare.entries()) line[bucket] = found[at] ?? null
      }
      present.fill(0)
      isTouched = false
    },

    phases: () =>
      lines.flatMap(({ samples, byShare }, index) => {
        const own = ofPhase(whole, index)
        const count = countSamples(own)
        const [p50 = [], p95 = [], p99 = []] = byShare
        const found = count < SAMPLES_MIN ? [] : percentiles(own, count, SHARES)
        const [w50 = null, w95 = null, w99 = null] = found
        const phase = TREND_PHASES[index]
        if (count === 0 || phase === undefined) return []
        return [{ phase, whole: { samples: count, p50: w50, p95: w95, p99: w99 }, samples, p50, p95, p99 }]
      }),
  }
}
