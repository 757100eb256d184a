/** Durations since the start, for the metrics, and of the last hour, for people. */
import { minutes, type Instant, type Millis } from '../../contract/units.ts'
import {
  addDuration,
  emptyHistogram,
  mergeHistogram,
  percentile,
  type DurationHistogram,
} from '../duration-histogram.ts'

export interface Latency {
  note(ms: Millis, now: Instant): void
  /** Of the last hour; null without a sample in it. */
  p99(now: Instant): Millis | null
  /** Samples in the last hour. */
  recent(now: Instant): number
  /** Since the start. */
  readonly total: Readonly<DurationHistogram>
  readonly count: number
  readonly sumMs: Millis
}

const SLICE: Millis = minutes(10)
const SLICES = 6

export function openLatency(): Latency {
  const total = emptyHistogram()
  const slices = new Map<number, { readonly histogram: DurationHistogram; count: number }>()
  let count = 0
  let sumMs = 0

  const recent = (now: Instant) => {
    const oldest = Math.floor(now / SLICE) - SLICES
    for (const number of slices.keys()) if (number <= oldest) slices.delete(number)
    return [...slices.values()]
  }

  return {
    note(ms, now) {
      const number = Math.floor(now / SLICE)
      let slice = slices.get(number)
      if (slice === undefined) {
        recent(now)
        slices.set(number, (slice = { histogram: emptyHistogram(), count: 0 }))
      }
      addDuration(slice.histogram, ms)
      addDuration(total, ms)
      slice.count += 1
      count += 1
      sumMs += ms
    },
    p99(now) {
      const sum = emptyHistogram()
      for (const { histogram } of recent(now)) mergeHistogram(sum, histogram, 1)
      return percentile(sum, 0.99, 1)
    },
    recent: (now) => recent(now).reduce((sum, slice) => sum + slice.count, 0),
    total,
    get count() {
      return count
    },
    get sumMs() {
      return sumMs
    },
  }
}
