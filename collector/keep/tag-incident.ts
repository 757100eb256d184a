import { INCIDENT_TREND_BUCKETS, INCIDENT_TREND_BUCKET_MS, type IncidentTag } from '../../contract/stalls.ts'
import { hours, type Instant } from '../../contract/units.ts'

/** Two hours, which a person would call "just now". */
const LATE_BUCKETS = hours(2) / INCIDENT_TREND_BUCKET_MS
const ESCALATION = 3
/** Fewer are no trend. */
const ESCALATING_MIN = 5

/** @param trend stalls in each half hour of the last day */
export function tagOf(trend: readonly number[], firstAt: Instant, now: Instant): IncidentTag {
  if (now - firstAt < hours(24)) return 'new'
  const late = sum(trend.slice(-LATE_BUCKETS))
  const usual = (sum(trend.slice(0, -LATE_BUCKETS)) * LATE_BUCKETS) / (INCIDENT_TREND_BUCKETS - LATE_BUCKETS)
  return late >= ESCALATING_MIN && late > ESCALATION * usual ? 'escalating' : 'ongoing'
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
