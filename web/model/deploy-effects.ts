/** What became of an incident with each deploy, as rows: words, and an interval on an axis. */
import type { Deploy, DeployEffect, DeployFind, Exposure } from '../../contract/deploys.ts'
import { fromIso, type Instant } from '../../contract/units.ts'
import { formatMinute } from './format.ts'

export const FIND_WORDS: Readonly<Record<DeployFind, string>> = {
  suspect: 'suspect',
  fewer: 'fewer since',
  unclear: 'no clear change',
  'too-few': 'not enough to tell',
}

/** How many times as many the axis reaches, either way; the same share of it is the same factor. */
const TIMES_MAX = 16

/** Where the axis has its marks, as shares of it. */
export const AXIS_MARKS = ([1 / TIMES_MAX, 1 / 4, 1, 4, TIMES_MAX] as const).map((times) => ({
  at: shareOf(times),
  says: times < 1 ? `÷${1 / times}` : times === 1 ? 'as many' : `×${times}`,
}))

export interface IntervalBar {
  readonly from: number
  readonly to: number
  /** Null when there was none before: then it is more than any number. */
  readonly value: number | null
}

/** Shares of the axis; null when nothing can be said. What lies beyond the axis ends with it. */
export function drawInterval({ ratio }: Pick<DeployEffect, 'ratio'>): IntervalBar | null {
  if (ratio === null) return null
  const { value, low, high } = ratio
  return { from: shareOf(low), to: shareOf(high ?? Infinity), value: value === null ? null : shareOf(value) }
}

function shareOf(times: number): number {
  const share = 0.5 + Math.log(times) / (2 * Math.log(TIMES_MAX))
  return Math.min(1, Math.max(0, share))
}

/** `0.42 → 3.1`: stalls of 100 runs, before and after. */
export function ratesOf({ before, after }: Pick<DeployEffect, 'before' | 'after'>): string {
  return `${perHundred(before)} → ${perHundred(after)}`
}

function perHundred({ rate }: Exposure): string {
  if (rate === null) return '–'
  const stalls = 100 * rate
  return stalls >= 100 ? String(Math.round(stalls)) : String(Number(stalls.toPrecision(2)))
}

/** `14:02, announced by ana`; `14:02, first seen`. */
export function whenOf({ at, source, by }: Deploy, now: Instant): string {
  const how = source === 'seen' ? 'first seen' : by === null ? 'announced' : `announced by ${by}`
  return `${formatMinute(fromIso(at), now)}, ${how}`
}
