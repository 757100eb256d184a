/**
 * Durations counted in logarithmic bins, eight to a doubling: a percentile read from it is off by at most 9 %.
 * Counts can be added and taken back, so a sliding window is a sum of its slices.
 */
import type { Millis } from '../contract/units.ts'

const BINS_PER_DOUBLING = 8
/** 1 ms to about 12 days (2^30 ms); what lies beyond is counted in the outermost bins. */
export const BINS = 30 * BINS_PER_DOUBLING

export type DurationHistogram = Uint32Array

export function emptyHistogram(): DurationHistogram {
  return new Uint32Array(BINS)
}

export function binOf(ms: Millis): number {
  return Math.min(Math.floor(Math.log2(Math.max(1, ms)) * BINS_PER_DOUBLING), BINS - 1)
}

export function addDuration(histogram: DurationHistogram, ms: Millis): void {
  const at = binOf(ms)
  histogram[at] = (histogram[at] ?? 0) + 1
}

/** Adds `other` to `histogram`, or takes it back with `sign` -1. */
export function mergeHistogram(histogram: DurationHistogram, other: DurationHistogram, sign: 1 | -1): void {
  for (let bin = 0; bin < BINS; bin += 1) histogram[bin] = (histogram[bin] ?? 0) + sign * (other[bin] ?? 0)
}

/**
 * @param share 0.95 for the 95th percentile
 * @returns null below `samplesMin` samples
 */
export function percentile(histogram: DurationHistogram, share: number, samplesMin: number): Millis | null {
  const samples = countSamples(histogram)
  return samples < samplesMin ? null : (percentiles(histogram, samples, [share])[0] ?? null)
}

export function countSamples(histogram: DurationHistogram): number {
  let samples = 0
  for (let bin = 0; bin < histogram.length; bin++) samples += histogram[bin] ?? 0
  return samples
}

/** @param shares rising. @param samples how many there are in all, at least one */
export function percentiles(histogram: DurationHistogram, samples: number, shares: readonly number[]): Millis[] {
  const found: Millis[] = []
  let seen = 0
  for (let bin = 0; bin < histogram.length && found.length < shares.length; bin++) {
    seen += histogram[bin] ?? 0
    // The geometric middle of the bin: equally far, as a ratio, from both its ends.
    while (found.length < shares.length && seen >= Math.ceil(samples * (shares[found.length] ?? 1)))
      found.push(Math.round(2 ** ((bin + 0.5) / BINS_PER_DOUBLING)))
  }
  return found
}

/** How many were shorter than `2 ** exponent` ms: exact, because every doubling begins a bin. */
export function countBelow(histogram: DurationHistogram, exponent: number): number {
  let count = 0
  for (const added of histogram.subarray(0, Math.max(0, exponent) * BINS_PER_DOUBLING)) count += added
  return count
}
