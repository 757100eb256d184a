/** Two lists of numbers side by side. */
import type { NumberSummary, NumbersRow } from '../../contract/compare.ts'

const BINS = 10
/** Beyond it even bins would show one bar and a long line. */
const LOGARITHMIC_FROM = 100

export type Measured = Pick<NumbersRow, 'a' | 'b' | 'from' | 'to' | 'isLogarithmic'> & { readonly distance: number }

export function measureNumbers(a: readonly number[], b: readonly number[]): Measured {
  const [sortedA, sortedB] = [a.toSorted(byValue), b.toSorted(byValue)]
  const from = Math.min(sortedA[0] ?? Infinity, sortedB[0] ?? Infinity)
  const to = Math.max(sortedA.at(-1) ?? -Infinity, sortedB.at(-1) ?? -Infinity)
  const isLogarithmic = from > 0 && to / from >= LOGARITHMIC_FROM
  const binOf = (value: number): number => {
    const part = isLogarithmic ? Math.log(value / from) / Math.log(to / from) : (value - from) / (to - from)
    return Number.isFinite(part) ? Math.min(BINS - 1, Math.floor(part * BINS)) : 0
  }
  return {
    distance: distanceOf(sortedA, sortedB),
    a: summarise(sortedA, binOf),
    b: summarise(sortedB, binOf),
    from,
    to,
    isLogarithmic,
  }
}

/** Nearest rank, of a sorted list. */
export function quantile(sorted: readonly number[], share: number): number | null {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null
}

function summarise(sorted: readonly number[], binOf: (value: number) => number): NumberSummary {
  const bins = Array.from({ length: BINS }, () => 0)
  for (const value of sorted) bins[binOf(value)] = (bins[binOf(value)] ?? 0) + 1
  return { count: sorted.length, median: quantile(sorted, 0.5), p95: quantile(sorted, 0.95), bins }
}

/** Kolmogorov–Smirnov: how far apart the shares below any one number are at most. 0 when one list is empty. */
function distanceOf(a: readonly number[], b: readonly number[]): number {
  if (a.length === 0 || b.length === 0) return 0
  let [atA, atB, distance] = [0, 0, 0]
  while (atA < a.length && atB < b.length) {
    const value = Math.min(a[atA] ?? Infinity, b[atB] ?? Infinity)
    while (a[atA] === value) atA += 1
    while (b[atB] === value) atB += 1
    distance = Math.max(distance, Math.abs(atA / a.length - atB / b.length))
  }
  return distance
}

function byValue(a: number, b: number): number {
  return a - b
}
