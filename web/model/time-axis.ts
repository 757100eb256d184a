/** Marks on an axis of days and hours, in the zone that was chosen, and on one of lengths of time. */
import { hours, minutes, type Instant, type Millis } from '../../contract/units.ts'
import { formatDay, formatMinute } from './format.ts'
import { zone } from './zone.ts'

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
  const offset = zone.value === 'utc' ? 0 : new Date(from).getTimezoneOffset() * minutes(1)
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

/** What people count lengths of time in, about a tenfold apart. */
const LENGTHS: readonly Millis[] = [1, 10, 100, 1e3, 10e3, 60e3, 600e3, 3_600e3, 36_000e3, 360_000e3]

/** Marks on an axis of lengths, from the last below all of them to the first above; a minute's where there are none. */
export function lengthMarks(lengths: readonly Millis[]): readonly Millis[] {
  const [least, most] = lengths.length === 0 ? [1, 60e3] : [Math.min(...lengths), Math.max(...lengths)]
  const first = Math.min(
    LENGTHS.length - 2,
    Math.max(
      0,
      LENGTHS.findLastIndex((length) => length <= least),
    ),
  )
  const last = LENGTHS.findIndex((length) => length >= most)
  return LENGTHS.slice(first, Math.max(last === -1 ? LENGTHS.length : last + 1, first + 2))
}
