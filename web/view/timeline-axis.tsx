/** The waterfall's time axis. A drag along it chooses the window. */
import { useSignal, type ReadonlySignal, type Signal } from '@preact/signals'
import { partsOf, spanWindow, toMillis, toPixels, type TimeWindow } from '../model/layout.ts'
import { ticksBetween } from '../model/ticks.ts'
import { CursorLabel, type TimeCursor } from './time-cursor.tsx'
import type { Box } from './timeline-frames.ts'

interface AxisProps {
  readonly window: ReadonlySignal<TimeWindow>
  readonly box: Signal<Box>
  readonly cursor: TimeCursor
  readonly move: (window: TimeWindow) => void
}

/** Less is a click. */
const DRAG_MIN_PX = 4

export function Axis({ window, box, cursor, move }: AxisProps) {
  /** What has been dragged over, px. */
  const drag = useSignal<readonly [number, number] | null>(null)
  const { width } = box.value
  const x = (at: number) => toPixels(at, window.value, width)
  const ticks = partsOf(window.value)
    .flatMap(({ from, to }) => ticksBetween(from, to, Math.max(1, Math.floor((x(to) - x(from)) / 90))))
    .filter((tick) => tick.at >= 0)
  const at = (x: number) => toMillis(x, window.peek(), box.peek().width)
  const left = (event: PointerEvent & { readonly currentTarget: HTMLElement }) =>
    event.clientX - event.currentTarget.getBoundingClientRect().left
  const [a, b] = drag.value ?? [0, 0]
  return (
    <div class="wf-axis" aria-hidden="true">
      <span class="wf-axis-name">Span</span>
      <div
        class="wf-ticks"
        onPointerDown={(event) => {
          if (event.button !== 0) return
          event.currentTarget.setPointerCapture(event.pointerId)
          drag.value = [left(event), left(event)]
        }}
        onPointerMove={(event) => {
          cursor.point(at(left(event)))
          if (drag.peek() !== null) drag.value = [drag.peek()?.[0] ?? 0, left(event)]
        }}
        onPointerUp={() => {
          const [start, end] = drag.peek() ?? [0, 0]
          drag.value = null
          if (Math.abs(end - start) > DRAG_MIN_PX) move(spanWindow(at(start), at(end)))
        }}
        onPointerCancel={() => (drag.value = null)}
        onPointerLeave={() => cursor.point(null)}
      >
        {ticks.map((tick) => (
          <span key={tick.at} style={{ transform: `translateX(${x(tick.at)}px)` }}>
            {tick.label}
          </span>
        ))}
        {drag.value !== null && (
          <i class="wf-drag" style={{ transform: `translateX(${Math.min(a, b)}px)`, width: `${Math.abs(b - a)}px` }} />
        )}
        <CursorLabel cursor={cursor} window={window} box={box} />
      </div>
    </div>
  )
}
