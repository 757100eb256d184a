/**
 * The whole run above the waterfall, and the window the waterfall shows of it: dragged, moved by arrow keys on its edges,
 * or typed in seconds.
 */
import { useSignal, type ReadonlySignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { seconds, type Millis } from '../../contract/units.ts'
import { formatMoment } from '../model/format.ts'
import { fitWindow, followWindow, spanWindow, toMillis, toPixels, type TimeWindow } from '../model/layout.ts'
import { OVERVIEW_LAYERS, overviewBars, type OverviewBar } from '../model/overview.ts'
import type { Timeline } from '../model/timeline.ts'
import { useScreen } from './screen.ts'
import { CursorLine, type TimeCursor } from './time-cursor.tsx'

interface OverviewProps {
  readonly timeline: Timeline
  readonly window: ReadonlySignal<TimeWindow>
  readonly move: (window: TimeWindow) => void
  readonly cursor: TimeCursor
  readonly now: () => Millis
  /** Filled in: called once a frame with the frame's own time. */
  readonly paint: { current: (at: Millis) => void }
}

const HEIGHT = 44
/** While bars grow they are drawn again so often at most, ms, and not before they have grown by a pixel. */
const REPAINT_EVERY = 250
const DRAG_MIN_PX = 4
/** Share of the window that one press moves an edge by. */
const NUDGE = 0.05

type Edge = 'from' | 'to'

export function Overview({ timeline, window, move, cursor, now, paint }: OverviewProps) {
  const { theme } = useScreen()
  const whole = useSignal(fitWindow(timeline, now()))
  const box = useSignal({ width: 0 })
  const plot = useRef<HTMLDivElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const drag = useRef<{ readonly edge: Edge | null; readonly x: number; isDragging: boolean } | null>(null)
  const painted = useRef<{ readonly scene: readonly unknown[]; readonly at: Millis; readonly tip: number } | null>(null)
  useEffect(() => {
    const element = plot.current
    if (!element) return
    const observer = new ResizeObserver(() => (box.value = { width: element.clientWidth }))
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  // Spans that came since may end later than all before them.
  useEffect(() => void (whole.value = fitWindow(timeline, now())), [timeline])
  paint.current = (at) => {
    if (timeline.isGrowing) whole.value = followWindow(whole.peek(), now())
    const { width } = box.peek()
    const scene = [timeline, whole.peek(), width, theme.choice.peek()]
    const held = painted.current
    const isSame = held !== null && held.scene.every((each, index) => each === scene[index])
    if (!canvas.current || width === 0) return
    const tip = timeline.isGrowing ? Math.floor(toPixels(now(), whole.peek(), width)) : 0
    if (isSame && (tip === held.tip || at - held.at < REPAINT_EVERY)) return
    painted.current = { scene, at, tip }
    draw(canvas.current, overviewBars(timeline, whole.peek(), { width, height: HEIGHT }, now()), width)
  }

  const momentAt = (event: PointerEvent): Millis => {
    const left = plot.current?.getBoundingClientRect().left ?? 0
    return toMillis(Math.min(box.peek().width, Math.max(0, event.clientX - left)), whole.peek(), box.peek().width)
  }
  const setEdge = (edge: Edge, at: Millis) => move(spanWindow(at, window.peek()[edge === 'from' ? 'to' : 'from']))
  const nudge = (edge: Edge, event: KeyboardEvent) => {
    const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key]
    if (by === undefined) return
    event.preventDefault()
    const { from, to } = window.peek()
    const at = window.peek()[edge] + by * (to - from) * NUDGE * (event.shiftKey ? 4 : 1)
    setEdge(edge, at)
  }
  const { from, to } = window.value
  const { width } = box.value
  const clamp = (at: Millis) => Math.min(width, Math.max(0, toPixels(at, whole.value, width)))
  const [left, right] = [clamp(from), clamp(to)]
  return (
    <div class="overview">
      <WindowFields window={window} move={move} />
      <div
        class="overview-plot"
        ref={plot}
        onPointerDown={(event) => {
          if (event.button !== 0) return
          const edge = event.target instanceof HTMLElement ? event.target.dataset['edge'] : undefined
          drag.current = { edge: edge === 'from' || edge === 'to' ? edge : null, x: event.clientX, isDragging: false }
          event.currentTarget.setPointerCapture(event.pointerId)
        }}
        onPointerMove={(event) => {
          const at = momentAt(event)
          cursor.point(at)
          const start = drag.current
          if (start === null) return
          if (!start.isDragging && Math.abs(event.clientX - start.x) <= DRAG_MIN_PX) return
          start.isDragging = true
          if (start.edge !== null) return setEdge(start.edge, at)
          const { left: edge } = event.currentTarget.getBoundingClientRect()
          move(spanWindow(toMillis(start.x - edge, whole.peek(), width), at))
        }}
        onPointerUp={(event) => {
          const start = drag.current
          drag.current = null
          if (start === null || start.isDragging || start.edge !== null) return
          const [at, half] = [momentAt(event), (to - from) / 2]
          move({ from: at - half, to: at + half })
        }}
        onPointerCancel={() => (drag.current = null)}
        onPointerLeave={() => cursor.point(null)}
      >
        <canvas ref={canvas} class={`overview-canvas is-${judgedTone(timeline)}`} aria-hidden="true" />
        <div class="overview-rest" style={{ width: `${left}px` }} />
        <div class="overview-rest is-after" style={{ width: `${Math.max(0, width - right)}px` }} />
        {(['from', 'to'] as const).map((edge) => (
          <div
            key={edge}
            class="overview-edge"
            role="slider"
            tabIndex={0}
            data-edge={edge}
            aria-label={edge === 'from' ? 'Window begins' : 'Window ends'}
            aria-valuemin={Math.round(whole.value.from)}
            aria-valuemax={Math.round(whole.value.to)}
            aria-valuenow={Math.round(window.value[edge])}
            aria-valuetext={`${formatMoment(window.value[edge])} after the start`}
            style={{ transform: `translateX(${edge === 'from' ? left : right}px)` }}
            onKeyDown={(event) => nudge(edge, event)}
          />
        ))}
        <CursorLine cursor={cursor} window={whole} box={box} />
      </div>
    </div>
  )
}

/** For whoever cannot drag, or knows the moment. */
function WindowFields({ window, move }: Pick<OverviewProps, 'window' | 'move'>) {
  const field = (edge: Edge, label: string) => {
    // Nothing is minus zero seconds after the start.
    const text = (window.value[edge] / seconds(1)).toFixed(1).replace(/^-0\.0$/, '0.0')
    return (
      <input
        key={text}
        type="number"
        step="any"
        aria-label={label}
        defaultValue={text}
        onChange={(event) => {
          const at = seconds(event.currentTarget.valueAsNumber)
          if (!Number.isNaN(at)) move(spanWindow(at, window.peek()[edge === 'from' ? 'to' : 'from']))
        }}
      />
    )
  }
  return (
    <div class="overview-fields">
      {field('from', 'Window from, seconds after the start')} – {field('to', 'Window to, seconds after the start')} s
    </div>
  )
}

/** The row that is judged lends the overview its colour. */
function judgedTone({ rows }: Timeline): string {
  return rows.find(({ tone }) => tone !== 'plain' && tone !== 'failed')?.tone ?? 'plain'
}

/** A canvas cannot read custom properties, so the colours travel as ordinary ones: see `.overview-canvas`. */
function draw(canvas: HTMLCanvasElement, layers: ReturnType<typeof overviewBars>, width: number): void {
  const context = canvas.getContext('2d')
  if (!context) return
  const scale = devicePixelRatio
  const [wide, high] = [Math.round(width * scale), Math.round(HEIGHT * scale)]
  if (canvas.width !== wide) canvas.width = wide
  if (canvas.height !== high) canvas.height = high
  context.setTransform(scale, 0, 0, scale, 0, 0)
  context.clearRect(0, 0, width, HEIGHT)
  const { color, caretColor, columnRuleColor, outlineColor } = getComputedStyle(canvas)
  const colours = { plain: color, unknown: caretColor, judged: columnRuleColor, failed: outlineColor }
  for (const layer of OVERVIEW_LAYERS) fill(context, layers[layer], colours[layer])
}

function fill(context: CanvasRenderingContext2D, bars: readonly OverviewBar[], colour: string): void {
  context.fillStyle = colour
  for (const { x, y, width, height } of bars) context.fillRect(x, y, width, height)
}
