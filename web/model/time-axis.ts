/** Marks on an axis of days and hours, in the reader's zone. */
import { hours, minutes, type Instant, type Millis } from '../../contract/units.ts'
import { formatDay, formatMinute } from './format.ts'

const DAY = hours(24)
const STEPS: readonly Millis[] = [
  ...[1, 2, 5, 10, 15, 30].map(minutes),
  ...[1, 2, 3, 6, 12].map(hours),
  ...[1, 2, 7, 14, 28, 56].map((days) => days * DAY),
]

export interface TimeMark {
  readonly at: Instant
  readonly says: string
}

/** At most so many, at round times of the reader's day. */
export function timeMarks(from: Instant, to: Instant, most: number): TimeMark[] {
  const step = STEPS.find((each) => (to - from) / each <= most) ?? (to - from) / most
  // Half hours and days begin where the reader's clock says.
  const offset = new Date(from).getTimezoneOffset() * minutes(1)
  const marks: TimeMark[] = []
  for (let at = Math.ceil((from - offset) / step) * step + offset; at <= to; at += step)
    marks.push({ at, says: sayTime(at, step) })
  return marks
}

/** The day instead of midnight. */
function sayTime(at: Instant, step: Millis): string {
  const clock = formatMinute(at, at)
  return step >= DAY || clock === '00:00' ? formatDay(at) : clock
}
