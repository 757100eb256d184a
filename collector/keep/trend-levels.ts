/** Trends are kept at three levels of detail, the finer ones for less long: a range is answered from one of them. */
import { TREND_BUCKETS_MAX } from '../../contract/trends.ts'
import { hours, minutes, type Instant, type Millis } from '../../contract/units.ts'

export interface TrendLevel {
  /** How it is known in the tables. */
  readonly no: number
  readonly bucketMs: Millis
  readonly keptMs: Millis
}

export const TREND_LEVELS = [
  { no: 0, bucketMs: minutes(1), keptMs: hours(2 * 24) },
  { no: 1, bucketMs: minutes(10), keptMs: hours(30 * 24) },
  { no: 2, bucketMs: hours(2), keptMs: hours(400 * 24) },
] as const satisfies readonly TrendLevel[]

/** Half hours of incidents are made of these. */
export const INCIDENT_LEVEL = TREND_LEVELS[1]

/** What a range is cut into. `bucketMs` is a multiple of the level's; both ends lie on its grid. */
export interface TrendGrid {
  readonly level: TrendLevel
  readonly bucketMs: Millis
  readonly from: Instant
  readonly to: Instant
  readonly buckets: number
}

/** The finest that reaches back far enough and has no more buckets than can be drawn. */
export function gridOf(from: Instant, to: Instant, now: Instant): TrendGrid {
  const fits = (level: TrendLevel) =>
    now - from <= level.keptMs && (to - from) / level.bucketMs <= TREND_BUCKETS_MAX - 1
  const level = TREND_LEVELS.find(fits) ?? TREND_LEVELS[2]
  const bucketMs = level.bucketMs * Math.max(1, Math.ceil((to - from) / level.bucketMs / (TREND_BUCKETS_MAX - 1)))
  const start = bucketOf(from, bucketMs)
  const end = Math.max(start + bucketMs, Math.ceil(to / bucketMs) * bucketMs)
  return { level, bucketMs, from: start, to: end, buckets: (end - start) / bucketMs }
}

/** Where the bucket begins in which a moment lies. */
export function bucketOf(at: Instant, bucketMs: Millis): Instant {
  return Math.floor(at / bucketMs) * bucketMs
}
