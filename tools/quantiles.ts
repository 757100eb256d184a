import type { Millis } from '../contract/units.ts'

export interface Quantiles {
  readonly p50: Millis
  readonly p95: Millis
  readonly p99: Millis
  readonly max: Millis
}

/** Nearest rank: each is a time that was measured. Zeros for none. */
export function quantilesOf(values: readonly Millis[]): Quantiles {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number): Millis => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) }
}
