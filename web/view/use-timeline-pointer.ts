import type { ReadonlySignal, Signal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { Millis } from '../../contract/units.ts'
import { lengthOf, panWindow, toMillis, type TimeWindow } from '../model/layout.ts'
import type { Timeline } from '../model/timeline.ts'
import type { RunSelection } from '../paths.ts'
import type { TimeCursor } from './time-cursor.tsx'
import type { Box } from './timeline-frames.ts'

interface PointerSettings {
  readonly scroller: { current: HTMLElement | null }
  readonly window: ReadonlySignal<TimeWindow>
  readonly box: Signal<Box>
  readonly zoom: (factor: number, around: Millis) => void
  readonly move: (window: TimeWindow) => void
  readonly visible: readonly number[]
  readonly timeline: Timeline
  readonly select: (selection: Partial<RunSelection>) => void
  readonly folded: ReadonlySet<string>
  readonly fold: (isFolded: boolean, id: string) => void
  readonly cursor: TimeCursor
}

/** Click selects, the twisty folds, a drag of more than 4 px pans, Ctrl or ⌘ with the wheel zooms at the pointer. */
export function useTimelinePointer({
  scroller,
  window,
  box,
  zoom,
  move,
  visible,
  timeline,
  select,
  folded,
  fold,
  cursor,
}: PointerSettings) {
  /** Under the pointer; over the names it is before what is shown. */
  const momentAt = (event: MouseEvent): Millis => {
    const { width, left } = box.peek()
    return toMillis(event.clientX - left, window.peek(), width)
  }
  const drag = useRef<{ x: number; from: TimeWindow; isDragging: boolean } | null>(null)
  const wheel = (event: WheelEvent) => {
    const pans = event.shiftKey
    if (!event.ctrlKey && !event.metaKey && !pans) return
    event.preventDefault()
    const { width } = box.peek()
    if (pans) return move(panWindow(window.peek(), ((event.deltaY || event.deltaX) / width) * lengthOf(window.peek())))
    zoom(Math.exp(-event.deltaY / 300), momentAt(event))
  }
  const latest = useRef(wheel)
  latest.current = wheel
  useEffect(() => {
    // Preact's own wheel listeners are passive and could not keep the page from zooming.
    const listener = (event: WheelEvent) => latest.current(event)
    scroller.current?.addEventListener('wheel', listener, { passive: false })
    return () => scroller.current?.removeEventListener('wheel', listener)
  }, [])
  return {
    onPointerDown(event: PointerEvent) {
      if (event.pointerType === 'mouse' && isOnTrack(event.target))
        drag.current = { x: event.clientX, from: window.peek(), isDragging: false }
    },
    onPointerLeave: () => cursor.point(null),
    onPointerMove(event: PointerEvent) {
      cursor.point(momentAt(event))
      const start = drag.current
      if (!start || (event.buttons & 1) === 0) return void (drag.current = null)
      const by = event.clientX - start.x
      if (!start.isDragging && Math.abs(by) <= 4) return
      start.isDragging = true
      move(panWindow(start.from, (-by / box.peek().width) * lengthOf(start.from)))
    },
    onClick(event: MouseEvent) {
      const wasDragged = drag.current?.isDragging === true
      drag.current = null
      const element = event.target instanceof Element ? event.target.closest<HTMLElement>('.wf-row') : null
      const row = timeline.rows[visible[Number(element?.dataset['at'] ?? -1)] ?? -1]
      if (wasDragged || !row) return
      if (event.target instanceof Element && event.target.closest('.wf-twisty')) fold(!folded.has(row.id), row.id)
      else if (row.span !== null) select({ span: row.id })
    },
  }
}

function isOnTrack(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('.wf-track') !== null
}
