/** All spans of a run at once, as thin bars: where the trouble is, and which part of it the waterfall shows. */
import type { Millis } from '../../contract/units.ts'
import { toPixels, type TimeWindow } from './layout.ts'
import { barEnd, type Timeline, type TimelineRow } from './timeline.ts'

export interface OverviewBar {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** Bars of one colour, drawn in this order: what matters covers the rest. `unknown`: from the last word to now. */
export const OVERVIEW_LAYERS = ['plain', 'unknown', 'judged', 'failed'] as const
export type OverviewLayer = (typeof OVERVIEW_LAYERS)[number]

/** A short span stays visible, px, and trouble stays visible among thousands. */
const WIDTH_MIN = { plain: 2, unknown: 0, judged: 4, failed: 4 } as const satisfies Record<OverviewLayer, number>
const HEIGHT_MIN = { plain: 1, unknown: 1, judged: 3, failed: 3 } as const satisfies Record<OverviewLayer, number>
/** A handful of spans need not be hairlines. */
const ROW_MAX_PX = 4

export function overviewBars(
  timeline: Timeline,
  whole: TimeWindow,
  { width, height }: { readonly width: number; readonly height: number },
  now: Millis,
): Readonly<Record<OverviewLayer, readonly OverviewBar[]>> {
  const layers: Record<OverviewLayer, OverviewBar[]> = { plain: [], unknown: [], judged: [], failed: [] }
  const { rows } = timeline
  const pitch = Math.min(ROW_MAX_PX, height / Math.max(1, rows.length))
  const thickness = Math.max(1, Math.floor(pitch) - (pitch >= 3 ? 1 : 0))
  for (const [index, row] of rows.entries()) {
    if (row.span === null) continue
    const add = (layer: OverviewLayer, from: Millis, to: Millis) => {
      const x = toPixels(from, whole, width)
      const end = toPixels(to, whole, width)
      const tall = Math.max(HEIGHT_MIN[layer], thickness)
      const y = Math.min(height - tall, Math.floor(index * pitch))
      layers[layer].push({ x, y, width: Math.max(WIDTH_MIN[layer], end - x), height: tall })
    }
    const end = barEnd(row, now)
    const known = row.end === null ? Math.min(row.heard, end) : end
    add(layerOf(row), row.start, known)
    if (known < end) add('unknown', known, end)
  }
  return layers
}

function layerOf({ tone }: TimelineRow): OverviewLayer {
  if (tone === 'failed') return 'failed'
  return tone === 'plain' ? 'plain' : 'judged'
}
