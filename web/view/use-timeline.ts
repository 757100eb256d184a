/** What one does with a timeline: where its window is, which rows are shown, and the keys and orders that change either. */
import { useComputed, useSignal, useSignalEffect, type ReadonlySignal, type Signal } from '@preact/signals'
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks'
import type { SpanId } from '../../contract/ids.ts'
import type { RunDetail } from '../../contract/runs.ts'
import { fromIso, type Millis } from '../../contract/units.ts'
import {
  firstWindow,
  fitWindow,
  followWindow,
  lengthOf,
  panWindow,
  windowAround,
  zoomWindow,
  type TimeFold,
  type TimeWindow,
} from '../model/layout.ts'
import { idleStretches } from '../model/idle.ts'
import type { Timeline } from '../model/timeline.ts'
import { ancestorsOf, extentOf, nextProblem, siblingOf, visibleRows } from '../model/walk-rows.ts'
import type { RunSelection, RunView } from '../paths.ts'
import { useKeys } from './keyboard.ts'
import { useScreen } from './screen.ts'

export interface TimelineSettings {
  readonly run: RunDetail
  readonly timeline: Timeline
  readonly selection: RunSelection
  readonly select: (selection: Partial<RunSelection>, view?: Partial<RunView>) => void
  /** The moment of what is selected, where that is one. */
  readonly pinned: Millis | null
  /** What the address says. */
  readonly view: RunView
  /** Change the address; the page one came from stays the one before. */
  readonly show: (view: Partial<RunView>) => void
  /** Is told what part of the axis is on screen. */
  readonly seen: { current: TimeWindow | null }
}

export interface TimelineControl {
  readonly window: ReadonlySignal<TimeWindow>
  /** Long stretches in which nothing is known to have happened, and those of them that the axis leaves out. */
  readonly idle: readonly TimeFold[]
  readonly folds: Signal<readonly TimeFold[]>
  readonly isFollowing: Signal<boolean>
  readonly folded: ReadonlySet<SpanId>
  readonly visible: readonly number[]
  readonly now: () => Millis
  /** By hand: the view follows no more. */
  readonly move: (window: TimeWindow) => void
  readonly zoom: (factor: number, around?: Millis) => void
  readonly fit: () => void
  readonly follow: () => void
  readonly step: (by: 1 | -1) => void
  readonly fold: (isFolded: boolean, id?: SpanId | null) => void
  readonly toggleProblems: () => void
  /** Once a frame. @param at the frame's own time, ms */
  readonly keepUp: (at: Millis) => void
}

export const ZOOM = 1.6
/** Share of the window that one press of a key moves it by. */
const PAN = 0.2
/** The address keeps a window that has stood still for so long, ms: browsers refuse to write it every frame. */
const SETTLED_AFTER = 300

export function useTimeline({
  run,
  timeline,
  selection,
  select,
  pinned,
  view,
  show,
  seen,
}: TimelineSettings): TimelineControl {
  const { live } = useScreen()
  const now = (): Millis => live.now() - timeline.origin
  const isOpen = run.endedAt === null
  const part = useSignal<TimeWindow>(view.window ?? firstWindow(timeline, now()))
  const idle = useMemo(() => idleStretches(timeline, momentsOf(run, timeline)), [timeline])
  const folds = useSignal<readonly TimeFold[]>([])
  // Another run of news may have broken one of them; what was unfolded by hand stays as long as they are the same.
  const known = idle.map(({ from, to }) => `${from}-${to}`).join()
  useLayoutEffect(() => void (folds.value = view.isIdleFolded ? idle : []), [view.isIdleFolded, known])
  const window = useComputed(() => ({ ...part.value, folds: folds.value }))
  useSignalEffect(() => void (seen.current = part.value))
  const isFollowing = useSignal(view.isFollowing ?? (isOpen && view.window === null))
  const folded = useMemo(() => new Set(view.folded), [view.folded.join()])
  const { onlyProblems } = view
  const visible = useMemo(() => visibleRows(timeline, folded, onlyProblems), [timeline, folded, onlyProblems])
  const selected = selection.span
  /** Null while the window is the page's own choice, which the address need not keep. */
  const moved = useRef<TimeWindow | null>(view.window)
  const settling = useRef<{ readonly window: TimeWindow | null; readonly since: Millis } | null>(null)

  const move = (next: TimeWindow) => {
    isFollowing.value = false
    part.value = next
    moved.current = next
  }
  const zoom = (factor: number, around?: Millis) => {
    const { from, to } = window.peek()
    move(zoomWindow(window.peek(), factor, around ?? (from + to) / 2))
  }
  const pan = (by: number) => {
    move(panWindow(window.peek(), by * lengthOf(window.peek())))
  }
  const fit = () => {
    isFollowing.value = isOpen
    part.value = fitWindow(timeline, now())
    moved.current = null
  }
  const follow = () => {
    isFollowing.value = !isFollowing.peek()
    moved.current = isFollowing.peek() ? null : part.peek()
  }
  const fold = (isFolded: boolean, id: SpanId | null = selected) => {
    if (id === null || folded.has(id) === isFolded) return
    show({ folded: isFolded ? [...folded, id] : [...folded].filter((each) => each !== id) })
  }
  const step = (by: 1 | -1) => {
    const at = visible.findIndex((index) => timeline.rows[index]?.id === selected)
    const next = timeline.rows[visible[Math.min(visible.length - 1, Math.max(0, at + by))] ?? -1]
    if (next) select({ span: next.id })
  }
  const goTo = (id: SpanId | undefined) => {
    if (id === undefined) return
    const above = ancestorsOf(timeline, id)
    select({ span: id }, { folded: [...folded].filter((each) => !above.has(each)) })
  }
  const zoomToSpan = () => {
    const [own, whole] = [false, true].map((withBelow) => extentOf(timeline, selected, now(), withBelow))
    if (!own || !whole) return
    const [near, far] = [windowAround(own), windowAround(whole)]
    // An open span has grown since the first press.
    const { from, to } = window.peek()
    const isNear = from === near.from && Math.abs(to - near.to) < (near.to - near.from) * 0.1
    move(isNear ? far : near)
  }
  const toggleProblems = () => show({ onlyProblems: !onlyProblems })
  useKeys({
    'zoom-in': () => zoom(ZOOM),
    'zoom-out': () => zoom(1 / ZOOM),
    'pan-left': () => pan(-PAN),
    'pan-right': () => pan(PAN),
    'zoom-span': zoomToSpan,
    fit,
    follow,
    next: () => step(1),
    previous: () => step(-1),
    'next-sibling': () => goTo(siblingOf(timeline, selected, 1)?.id),
    'previous-sibling': () => goTo(siblingOf(timeline, selected, -1)?.id),
    'next-problem': () => goTo(nextProblem(timeline, selected)?.id),
  })
  useRevealMoment(pinned ?? timeline.rows.find(({ id }) => id === selected)?.start ?? null, () => {
    const own = pinned === null ? extentOf(timeline, selected, now(), false) : { from: pinned, to: pinned }
    const { from, to } = window.peek()
    if (own === null || (own.from <= to && own.to >= from)) return
    move(panWindow(part.peek(), own.from - (from + (to - from) * PAN)))
  })
  const keepUp = (at: Millis) => {
    if (isFollowing.peek() && timeline.isGrowing) part.value = followWindow(part.peek(), now())
    const isLeftBehind = isOpen && !isFollowing.peek()
    const said = { window: isFollowing.peek() ? null : moved.current, isFollowing: isLeftBehind ? false : null }
    if (isSame(said, view)) return void (settling.current = null)
    if (settling.current?.window !== said.window || settling.current === null)
      settling.current = { window: said.window, since: at }
    else if (at - settling.current.since >= SETTLED_AFTER) {
      settling.current = null
      show(said)
    }
  }
  return {
    window,
    idle,
    folds,
    isFollowing,
    folded,
    visible,
    now,
    move,
    zoom,
    fit,
    follow,
    step,
    fold,
    toggleProblems,
    keepUp,
  }
}

/** Of what goes to the user, on the same axis. */
function momentsOf({ deliveries }: RunDetail, { origin }: Timeline): Millis[] {
  return deliveries.flatMap(({ states }) => states.map(({ at }) => fromIso(at) - origin))
}

/** What is chosen later than the window was must be in it; the window of a link is the link's own. */
function useRevealMoment(chosen: Millis | null, reveal: () => void): void {
  const isFirst = useRef(true)
  useEffect(() => {
    if (!isFirst.current && chosen !== null) reveal()
    isFirst.current = false
  }, [chosen])
}

/** The address keeps whole milliseconds. */
function isSame(a: Pick<RunView, 'window' | 'isFollowing'>, b: Pick<RunView, 'window' | 'isFollowing'>): boolean {
  if (a.isFollowing !== b.isFollowing) return false
  if (a.window === null || b.window === null) return a.window === b.window
  return Math.round(a.window.from) === b.window.from && Math.round(a.window.to) === b.window.to
}
