/** The waterfall with its axis, its controls and the deliveries lane below, all on one time window. */
import { useSignal, type Signal } from '@preact/signals'
import { useMemo, useRef } from 'preact/hooks'
import type { RunDetail } from '../../contract/runs.ts'
import type { Millis } from '../../contract/units.ts'
import { formatCount } from '../model/format.ts'
import { firstWindow, fitWindow, followWindow, toPixels, zoomWindow, type TimeWindow } from '../model/layout.ts'
import { ticksBetween } from '../model/ticks.ts'
import { visibleRows, type Timeline } from '../model/timeline.ts'
import type { RunSelection } from '../paths.ts'
import { DeliveryLane } from './delivery-lane.tsx'
import { GAP_LEGEND_ID, GapBands, GapLabels, GapLegend } from './gap-bands.tsx'
import { Icon } from './icon.tsx'
import { KeyHint } from './key-hint.tsx'
import { useKeys } from './keyboard.ts'
import { rowElementId, type Scene } from './row-pool.ts'
import { useScreen } from './screen.ts'
import { useFrames, useMeasure, useReveal, type Box } from './timeline-frames.ts'
import { useTimelinePointer } from './use-timeline-pointer.ts'

interface TimelineProps {
  readonly run: RunDetail
  readonly timeline: Timeline
  readonly selection: RunSelection
  readonly select: (selection: Partial<RunSelection>) => void
}

const ZOOM = 1.6

export function TimelineCard({ run, timeline, selection, select }: TimelineProps) {
  const { live } = useScreen()
  const now = (): Millis => live.now() - timeline.origin
  const window = useSignal<TimeWindow>(firstWindow(timeline, now()))
  const isFollowing = useSignal(run.endedAt === null)
  const folded = useSignal<ReadonlySet<string>>(new Set())
  const box = useSignal<Box>({ width: 0, rowHeight: 28 })
  const card = useRef<HTMLElement>(null)
  const scroller = useRef<HTMLDivElement>(null)
  const list = useRef<HTMLDivElement>(null)
  const visible = useMemo(() => visibleRows(timeline, folded.value), [timeline, folded.value])
  const selected = selection.span
  const { gaps } = run
  const axis = { gaps, origin: timeline.origin, window }

  const scene = useRef<Scene | null>(null)
  // A new object is what tells the pool that something changed.
  scene.current = useMemo(
    () => ({ timeline, visible, folded: folded.value, selected, window: window.value, ...box.value }),
    [timeline, visible, folded.value, selected, window.value, box.value],
  )
  useMeasure(card, scroller, box)
  useFrames(scroller, list, scene, () => {
    const at = scene.current?.timeline
    if (at === undefined || !isFollowing.peek() || !at.isGrowing) return
    window.value = followWindow(window.peek(), live.now() - at.origin)
  })

  const move = (next: TimeWindow) => {
    isFollowing.value = false
    window.value = next
  }
  const zoom = (factor: number, around?: Millis) => {
    const { from, to } = window.peek()
    move(zoomWindow(window.peek(), factor, around ?? (from + to) / 2))
  }
  const fit = () => {
    isFollowing.value = run.endedAt === null
    window.value = fitWindow(timeline, now())
  }
  const follow = () => {
    isFollowing.value = !isFollowing.peek()
  }
  const step = (by: 1 | -1) => {
    const at = visible.findIndex((index) => timeline.rows[index]?.id === selected)
    const next = visible[Math.min(visible.length - 1, Math.max(0, at + by))]
    const row = next === undefined ? undefined : timeline.rows[next]
    if (row) select({ span: row.id })
  }
  const fold = (isFolded: boolean, id = selected) => {
    if (id === null) return
    const next = new Set(folded.peek())
    if (isFolded) next.add(id)
    else next.delete(id)
    folded.value = next
  }
  useReveal(scroller, visible, timeline, selected, box)
  useKeys({
    'zoom-in': () => zoom(ZOOM),
    'zoom-out': () => zoom(1 / ZOOM),
    fit,
    follow,
    next: () => step(1),
    previous: () => step(-1),
  })
  const handlers = useTimelinePointer({ scroller, window, box, zoom, move, visible, timeline, select, folded, fold })

  return (
    <section class="card timeline" ref={card}>
      <header>
        <h2>Timeline</h2>
        <span class="hint">
          {run.spansTotal > run.spans.length
            ? `showing ${formatCount(run.spans.length)} of ${formatCount(run.spansTotal)} spans`
            : `${formatCount(run.spans.length)} spans`}
        </span>
        <span class="grow" />
        {timeline.isGrowing && (
          <button type="button" class="button" aria-pressed={isFollowing.value} onClick={follow}>
            Follow <KeyHint action="follow" />
          </button>
        )}
        <button type="button" class="button is-square" aria-label="Zoom out" onClick={() => zoom(1 / ZOOM)}>
          <Icon name="minus" />
        </button>
        <button type="button" class="button is-square" aria-label="Zoom in" onClick={() => zoom(ZOOM)}>
          <Icon name="plus" />
        </button>
        <button type="button" class="button" onClick={fit}>
          Fit <KeyHint action="fit" />
        </button>
      </header>
      {timeline.rows.length === 0 ? (
        <p class="empty">No span of this run has been received yet.</p>
      ) : (
        <>
          <Axis window={window} box={box} />
          <GapLabels {...axis} box={box} />
          <div class="wf-plot">
            <GapBands {...axis} box={box} />
            <div
              class="wf"
              ref={scroller}
              role="treegrid"
              aria-label="Spans of this run"
              aria-describedby={gaps.length > 0 ? GAP_LEGEND_ID : undefined}
              aria-rowcount={visible.length}
              aria-activedescendant={
                selected !== null && isShown(visible, timeline, selected) ? rowElementId(selected) : undefined
              }
              tabIndex={0}
              data-frozen={live.liveness.value.state === 'reconnecting' || live.isPaused.value || undefined}
              onKeyDown={(event) => {
                if (event.key === 'ArrowDown') step(1)
                else if (event.key === 'ArrowUp') step(-1)
                else if (event.key === 'ArrowRight') fold(false)
                else if (event.key === 'ArrowLeft') fold(true)
                else return
                event.preventDefault()
              }}
              {...handlers}
            >
              <div class="wf-list" role="rowgroup" ref={list} />
            </div>
          </div>
        </>
      )}
      <DeliveryLane
        deliveries={run.deliveries}
        {...axis}
        selected={selection.message}
        select={(message) => select({ message })}
      />
      <GapLegend gaps={gaps} now={live.tick.value} />
    </section>
  )
}

function Axis({ window, box }: { window: Signal<TimeWindow>; box: Signal<Box> }) {
  const { from, to } = window.value
  const { width } = box.value
  const ticks = ticksBetween(from, to, Math.max(2, Math.floor(width / 90))).filter((tick) => tick.at >= 0)
  return (
    <div class="wf-axis" aria-hidden="true">
      <span class="wf-axis-name">Span</span>
      <div class="wf-ticks">
        {ticks.map((tick) => (
          <span key={tick.at} style={{ transform: `translateX(${toPixels(tick.at, window.value, width)}px)` }}>
            {tick.label}
          </span>
        ))}
      </div>
    </div>
  )
}

function isShown(visible: readonly number[], timeline: Timeline, id: string): boolean {
  return visible.some((index) => timeline.rows[index]?.id === id)
}
