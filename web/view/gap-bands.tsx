/** When Laststep itself did not hear: hatched bands over one time axis, and the words for them. */
import type { ReadonlySignal } from '@preact/signals'
import type { GapView } from '../../contract/runs.ts'
import type { Instant } from '../../contract/units.ts'
import { count } from '../model/format.ts'
import { gapBands, gapLegend } from '../model/gaps.ts'
import type { TimeWindow } from '../model/layout.ts'
import { GAP_LEGEND_ID } from './gap-parts.ts'
import type { Box } from './timeline-frames.ts'

interface BandsProps {
  readonly gaps: readonly GapView[]
  readonly origin: Instant
  readonly window: ReadonlySignal<TimeWindow>
  readonly box: ReadonlySignal<Pick<Box, 'width'>>
}

/** Bands below what stands on the axis, in the part of the parent that the axis takes up. */
export function GapBands({ gaps, origin, window, box }: BandsProps) {
  const { width } = box.value
  if (gaps.length === 0 || width === 0) return null
  return (
    <div class="gap-bands" aria-hidden="true">
      {gapBands(gaps, origin, window.value, width).map((band) => (
        <span key={band.x} style={{ transform: `translateX(${band.x}px)`, width: `${band.width}px` }} />
      ))}
    </div>
  )
}

/** What the bands are, above them where there is room. */
export function GapLabels({ gaps, origin, window, box }: BandsProps) {
  const { width } = box.value
  if (gaps.length === 0) return null
  const bands = width === 0 ? [] : gapBands(gaps, origin, window.value, width)
  return (
    <div class="gap-labels" aria-hidden="true">
      <span class="wf-axis-name" />
      <div class="gap-strip">
        {bands.map((band) => (
          <span
            key={band.x}
            class="gap-mark"
            style={{ transform: `translateX(${band.x}px)`, width: `${band.width}px` }}
          />
        ))}
        {bands.map(
          ({ label }) =>
            label && (
              <span key={label.x} style={{ transform: `translateX(${label.x}px)` }}>
                {label.text}
              </span>
            ),
        )}
      </div>
    </div>
  )
}

/** The same for everyone, in words; a screen reader is led here from the waterfall and the lane. */
export function GapLegend({ gaps, now }: { gaps: readonly GapView[]; now: Instant }) {
  if (gaps.length === 0) return null
  const { lines, more } = gapLegend(gaps, now)
  return (
    <div class="gap-legend" id={GAP_LEGEND_ID}>
      <span class="gap-swatch" aria-hidden="true" />
      <ul role="list" aria-label="Gaps in what Laststep heard">
        {more > 0 && <li>{count(more, 'earlier gap')}</li>}
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </div>
  )
}
