/** The waterfall with its axis, its controls and the deliveries lane below, all on one time window. */
import { useSignal } from '@preact/signals'
import { useMemo, useRef } from 'preact/hooks'
import type { Millis } from '../../contract/units.ts'
import type { RunDetail } from '../../contract/runs.ts'
import { count, formatCount, formatLength } from '../model/format.ts'
import type { TimeWindow } from '../model/layout.ts'
import type { Timeline } from '../model/timeline.ts'
import { isProblem } from '../model/walk-rows.ts'
import { api } from '../paths.ts'
import { DeliveryLane } from './delivery-lane.tsx'
import { GAP_LEGEND_ID, GapBands, GapLabels, GapLegend } from './gap-parts.ts'
import { Icon } from './icon.tsx'
import { KeyHint } from './key-hint.tsx'
import { Overview } from './overview.tsx'
import { lazyPart } from './lazy.tsx'
import { rowElementId, type Scene } from './row-pool.ts'
import { useScreen } from './screen.ts'
import { CursorLine, type TimeCursor } from './time-cursor.tsx'
import { Axis } from './timeline-axis.tsx'
import { useFrames, useMeasure, useReveal, type Box } from './timeline-frames.ts'
import { useTimeline, ZOOM, type TimelineSettings } from './use-timeline.ts'
import { useTimelinePointer } from './use-timeline-pointer.ts'

// Few runs have them.
const LeftOutLine = lazyPart(async () => (await import('./run-parts.ts')).LeftOutLine)
const IdleFolds = lazyPart(async () => (await import('./run-parts.ts')).IdleFolds)

/** So much of a run is idle when it is offered to leave it out. */
const IDLE_SHARE_MIN = 0.5

interface TimelineProps extends Omit<TimelineSettings, 'pinned'> {
  /** Where the pointer is, or what is selected. */
  readonly cursor: TimeCursor
  /** Ask for the spans around a moment. */
  readonly load: (around: Millis) => void
}

export function TimelineCard({ cursor, load, ...settings }: TimelineProps) {
  const { run, timeline, selection, select, view } = settings
  const { live } = useScreen()
  const control = useTimeline({ ...settings, pinned: cursor.pinned })
  const { window, isFollowing, folded, visible, now, move, zoom, fit, follow, step, fold } = control
  const box = useSignal<Box>({ width: 0, rowHeight: 28, left: 0 })
  const card = useRef<HTMLElement>(null)
  const scroller = useRef<HTMLDivElement>(null)
  const list = useRef<HTMLDivElement>(null)
  const paintOverview = useRef<(at: Millis) => void>(() => {})
  const selected = selection.span
  const { gaps } = run
  const axis = { gaps, origin: timeline.origin, window }

  const scene = useRef<Scene | null>(null)
  // A new object is what tells the pool that something changed.
  scene.current = useMemo(
    () => ({ timeline, visible, folded, selected, window: window.value, ...box.value }),
    [timeline, visible, folded, selected, window.value, box.value],
  )
  useMeasure(card, scroller, box)
  useFrames(scroller, list, scene, (at) => {
    control.keepUp(at)
    paintOverview.current(at)
  })
  useReveal(scroller, visible, timeline, selected, box)
  const handlers = useTimelinePointer({ ...control, scroller, box, timeline, select, cursor })
  const idleMs = control.idle.reduce((sum, { from, to }) => sum + to - from, 0)
  const problems = useMemo(() => timeline.rows.filter(isProblem).length, [timeline])

  return (
    <section class="card timeline" ref={card}>
      <header>
        <h2>Timeline</h2>
        <SpansShown run={run} load={() => load(middleOf(window.peek()))} />
        <span class="grow" />
        {(problems > 0 || view.onlyProblems) && (
          <button type="button" class="button" aria-pressed={view.onlyProblems} onClick={control.toggleProblems}>
            Problems only <span class="count">{formatCount(problems)}</span>
          </button>
        )}
        {(view.isIdleFolded || idleMs > timeline.lastAt * IDLE_SHARE_MIN) && (
          <button
            type="button"
            class="button"
            aria-pressed={view.isIdleFolded}
            title="Leave out stretches in which no step was at work and nothing was sent"
            onClick={() => settings.show({ isIdleFolded: !view.isIdleFolded })}
          >
            Fold {formatLength(idleMs)} idle
          </button>
        )}
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
      {run.leftOut.length > 0 && <LeftOutLine run={run} />}
      {timeline.rows.length === 0 ? (
        <p class="empty">No span of this run has been received yet.</p>
      ) : (
        <>
          <Overview {...{ timeline, window, move, cursor, now }} paint={paintOverview} />
          <Axis window={window} box={box} cursor={cursor} move={move} />
          {gaps.length > 0 && <GapLabels {...axis} box={box} />}
          {control.folds.value.length > 0 && <IdleFolds folds={control.folds} window={window} box={box} />}
          <div class="wf-plot">
            {gaps.length > 0 && <GapBands {...axis} box={box} />}
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
            <CursorLine cursor={cursor} window={window} box={box} />
          </div>
        </>
      )}
      <DeliveryLane
        deliveries={run.deliveries}
        {...axis}
        cursor={cursor}
        selected={selection.message}
        select={(message) => select({ message })}
      />
      {gaps.length > 0 && <GapLegend gaps={gaps} now={live.tick.value} />}
    </section>
  )
}

/** A cut is always said, with the ways to the rest. */
function SpansShown({ run, load }: { run: RunDetail; load: () => void }) {
  const { spans, spansTotal } = run
  if (spansTotal === spans.length) return <span class="hint">{count(spans.length, 'span')}</span>
  return (
    <span class="hint">
      showing {formatCount(spans.length)} of {formatCount(spansTotal)} spans –{' '}
      <button type="button" class="link" onClick={load}>
        load around here
      </button>{' '}
      /{' '}
      <a href={api.wholeRun(run.id)} download={`${run.id}.json`}>
        download all
      </a>
    </span>
  )
}

function middleOf({ from, to }: TimeWindow): Millis {
  return Math.round((from + to) / 2)
}

function isShown(visible: readonly number[], timeline: Timeline, id: string): boolean {
  return visible.some((index) => timeline.rows[index]?.id === id)
}
