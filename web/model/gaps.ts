/** The gaps in Laststep's own hearing, on a run's time axis and in words. */
import type { GapView } from '../../contract/runs.ts'
import { fromIso, type Instant } from '../../contract/units.ts'
import { formatDuration, formatTime } from './format.ts'
import { LABEL_CHAR_PX, toPixels, type TimeWindow } from './layout.ts'

/** What is drawn of one gap, or of several too close to tell apart. */
export interface GapBand {
  /** Left edge, px; never outside what is on screen. */
  readonly x: number
  readonly width: number
  /** Null where there is no room to say it: the legend has it. */
  readonly label: { readonly text: string; readonly x: number } | null
}

export interface GapLegend {
  /** The latest, in order of time. */
  readonly lines: readonly string[]
  /** Gaps before those. */
  readonly more: number
}

/** Or a gap of a second in a run of an hour could not be seen. */
const BAND_MIN_PX = 3
const LEGEND_MAX = 5
const LABEL_GAP_PX = 4

/** `Laststep did not hear for 42 s (down)`. */
export function writeGap({ from, to, reason }: GapView): string {
  return `Laststep did not hear for ${formatDuration(fromIso(to) - fromIso(from))} (${reason})`
}

export function gapLegend(gaps: readonly GapView[], now: Instant): GapLegend {
  const latest = gaps.slice(-LEGEND_MAX)
  const lines = latest.map((gap) => {
    return `${writeGap(gap)}, ${formatTime(fromIso(gap.from), now)} to ${formatTime(fromIso(gap.to), now)}`
  })
  return { lines, more: gaps.length - latest.length }
}

/** @param gaps in order of time */
export function gapBands(gaps: readonly GapView[], origin: Instant, window: TimeWindow, width: number): GapBand[] {
  const boxes: { x: number; end: number; text: string }[] = []
  for (const gap of gaps) {
    const x = Math.max(0, toPixels(fromIso(gap.from) - origin, window, width))
    const end = Math.min(width, toPixels(fromIso(gap.to) - origin, window, width))
    if (end < 0 || x > width) continue
    const last = boxes.at(-1)
    if (last !== undefined && x < last.end) last.end = Math.max(last.end, end)
    else boxes.push({ x, end: Math.max(end, x + BAND_MIN_PX), text: writeGap(gap) })
  }
  let takenTo = 0
  return boxes.map(({ x, end, text }) => {
    const room = text.length * LABEL_CHAR_PX
    // From its left edge, or as far to the left of that as the right edge of the screen asks for.
    const at = Math.max(takenTo, Math.min(x + LABEL_GAP_PX, width - room - LABEL_GAP_PX))
    const fits = at + room <= width && at <= end
    if (fits) takenTo = at + room + LABEL_GAP_PX
    return { x, width: end - x, label: fits ? { text, x: at } : null }
  })
}
