/** Where things go on the time axis. Pure: a window and a width in, pixels out. */
import type { Millis } from '../../contract/units.ts'
import { barEnd, type Timeline, type TimelineRow } from './timeline.ts'

/** The part of the axis on screen, in ms from the run's start. */
export interface TimeWindow {
  readonly from: Millis
  readonly to: Millis
  /** Left out of the axis, mostly; in order, apart from each other. */
  readonly folds?: readonly TimeFold[]
}

export interface TimeFold {
  readonly from: Millis
  readonly to: Millis
  /** The share of it that takes no room. */
  readonly cut: number
}

export interface BarBox {
  /** Left edge, px. */
  readonly x: number
  /** From here on the bar is hatched; equals `x + width` for an ended span. */
  readonly solidWidth: number
  readonly width: number
  readonly limitX: number | null
  readonly labelX: number
  /** `after` starts at `labelX`; `before` and `inside` end there, `inside` lying on the bar for want of room. */
  readonly label: 'after' | 'before' | 'inside'
}

/** A bar is never thinner, or nobody could see or hit it. */
const BAR_MIN_PX = 3
const LABEL_GAP_PX = 6
/** A label's width is guessed, not measured: measuring would lay the page out again. 12 px text, a generous guess. */
export const LABEL_CHAR_PX = 6.8
const WINDOW_MIN_MS = 5
/** Share of the window kept free to the right of now, for growth and labels; a jump restores the larger one. */
const AIR = { min: 0.17, max: 0.25 }

/** Everything, and a little air on the right for labels and growth. */
export function fitWindow(timeline: Timeline, now: Millis): TimeWindow {
  const end = Math.max(WINDOW_MIN_MS, timeline.lastAt, timeline.isGrowing ? now : 0)
  const isOpen = timeline.rows.some((row) => row.span !== null && row.end === null)
  return { from: -end * 0.01, to: end / (1 - (isOpen ? AIR.max : AIR.min)) }
}

/**
 * What to show first. A finished run fits. In an open one the current step counts: from a little before it began to a
 * little after now, unless the whole run is not much longer than that.
 */
export function firstWindow(timeline: Timeline, now: Millis): TimeWindow {
  const whole = fitWindow(timeline, now)
  const step = timeline.rows.find((row) => row.limit !== null) ?? timeline.rows.findLast((row) => row.end === null)
  if (!timeline.isGrowing || !step) return whole
  const length = Math.max(now - step.start, 1)
  const close = { from: step.start - length * 0.1, to: now + length * 0.4 }
  return whole.to - whole.from <= 4 * (close.to - close.from) ? whole : close
}

/** Zoom by `factor` (> 1 is closer) around a fixed moment. */
export function zoomWindow(window: TimeWindow, factor: number, around: Millis): TimeWindow {
  const { folds } = window
  const room = lengthOf(window)
  const length = Math.max(WINDOW_MIN_MS, room / factor)
  const at = squeeze(around, folds)
  const share = (at - squeeze(window.from, folds)) / room
  return { from: stretch(at - length * share, folds), to: stretch(at + length * (1 - share), folds) }
}

/** @param by in ms of the axis as it is drawn */
export function panWindow({ from, to, folds }: TimeWindow, by: Millis): TimeWindow {
  return { from: stretch(squeeze(from, folds) + by, folds), to: stretch(squeeze(to, folds) + by, folds) }
}

/** As it is drawn, in ms: without what is left out. */
export function lengthOf({ from, to, folds }: TimeWindow): Millis {
  return squeeze(to, folds) - squeeze(from, folds)
}

/** What there is between the folds, for marks that belong to no fold. */
export function partsOf({ from, to, folds = [] }: TimeWindow): TimeWindow[] {
  const edges = [from, ...folds.flatMap((fold) => [fold.from, fold.to]), to].map((at) =>
    Math.min(to, Math.max(from, at)),
  )
  return edges.flatMap((start, index) => {
    const end = edges[index + 1] ?? start
    return index % 2 === 0 && end > start ? [{ from: start, to: end }] : []
  })
}

/** From time to the axis as it is drawn. */
function squeeze(at: Millis, folds: TimeWindow['folds'] = []): Millis {
  return folds.reduce((sum, { from, to, cut }) => sum - Math.max(0, Math.min(at, to) - from) * cut, at)
}

/** And back. */
function stretch(at: Millis, folds: TimeWindow['folds'] = []): Millis {
  return folds.reduce(
    (sum, { from, to, cut }) => sum + Math.max(0, Math.min(sum - from, (to - from) * (1 - cut))) * (cut / (1 - cut)),
    at,
  )
}

/** All of a stretch of time, with air around it. */
export function windowAround({ from, to }: TimeWindow): TimeWindow {
  const length = Math.max(WINDOW_MIN_MS, to - from)
  return { from: from - length * 0.05, to: from + length / (1 - AIR.min) }
}

/** Between two moments, whichever is the earlier. */
export function spanWindow(a: Millis, b: Millis): TimeWindow {
  const from = Math.min(a, b)
  return { from, to: Math.max(a, b, from + WINDOW_MIN_MS) }
}

/** Keep `now` in sight. The axis jumps now and then instead of creeping every frame, so it can be read. */
export function followWindow(window: TimeWindow, now: Millis): TimeWindow {
  const length = window.to - window.from
  if (now <= window.to - length * AIR.min) return window
  // A window that shows the start keeps it and widens; one in the middle slides along.
  return window.from <= 0
    ? { from: window.from, to: window.from + (now - window.from) / (1 - AIR.max) }
    : panWindow(window, now + length * AIR.max - window.to)
}

export function toPixels(at: Millis, window: TimeWindow, width: number): number {
  return ((squeeze(at, window.folds) - squeeze(window.from, window.folds)) / lengthOf(window)) * width
}

export function toMillis(x: number, window: TimeWindow, width: number): Millis {
  const { from, folds } = window
  return stretch(squeeze(from, folds) + (x / Math.max(1, width)) * lengthOf(window), folds)
}

/** @param label the words that go with the bar; their room decides where they stand. */
export function placeBar(row: TimelineRow, window: TimeWindow, width: number, now: Millis, label: string): BarBox {
  const x = toPixels(row.start, window, width)
  const end = toPixels(barEnd(row, now), window, width)
  const barWidth = row.span === null ? 0 : Math.max(BAR_MIN_PX, end - x)
  const heard = toPixels(Math.min(row.heard, barEnd(row, now)), window, width)
  const solidWidth = row.end === null ? Math.min(barWidth, Math.max(BAR_MIN_PX, heard - x)) : barWidth
  return {
    x,
    solidWidth,
    width: barWidth,
    limitX: row.limit === null ? null : toPixels(row.limit, window, width),
    ...placeLabel(x, x + barWidth, width, label.length * LABEL_CHAR_PX + 2 * LABEL_GAP_PX),
  }
}

/** After the bar; else before it; else on it, at the end one can see. */
function placeLabel(start: number, end: number, width: number, room: number): Pick<BarBox, 'label' | 'labelX'> {
  if (end + room <= width) return { label: 'after', labelX: Math.max(0, end) + LABEL_GAP_PX }
  if (start >= room) return { label: 'before', labelX: Math.min(start, width) - LABEL_GAP_PX }
  return { label: 'inside', labelX: Math.min(end, width) - LABEL_GAP_PX }
}
