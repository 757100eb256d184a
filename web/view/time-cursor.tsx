/** The moment one looks at: one line through everything that stands on the run's time axis. */
import { useComputed, useSignal, type ReadonlySignal } from '@preact/signals'
import { useLayoutEffect, useMemo } from 'preact/hooks'
import type { Millis } from '../../contract/units.ts'
import { formatMoment } from '../model/format.ts'
import { toPixels, type TimeWindow } from '../model/layout.ts'
import type { Box } from './timeline-frames.ts'

export interface TimeCursor {
  /** In ms from the start of the axis; null while there is none. */
  readonly at: ReadonlySignal<Millis | null>
  /** What is selected; it holds while nobody points at another. */
  readonly pinned: Millis | null
  /** The hand is at this moment, or has left. */
  point(at: Millis | null): void
}

export function useTimeCursor(pinned: Millis | null): TimeCursor {
  const pointed = useSignal<Millis | null>(null)
  const held = useSignal(pinned)
  useLayoutEffect(() => void (held.value = pinned), [pinned])
  const at = useComputed(() => pointed.value ?? held.value)
  return useMemo(() => ({ at, pinned, point: (moment: Millis | null) => void (pointed.value = moment) }), [pinned])
}

interface CursorProps {
  readonly cursor: TimeCursor
  readonly window: ReadonlySignal<TimeWindow>
  readonly box: ReadonlySignal<Pick<Box, 'width'>>
}

/** In the part of the parent that the axis takes up. */
export function CursorLine({ cursor, window, box }: CursorProps) {
  const x = cursorX(cursor, window, box)
  return (
    <div class="cursor-plot" aria-hidden="true">
      {x !== null && <i style={{ transform: `translateX(${x}px)` }} />}
    </div>
  )
}

/** When it is, on the axis. */
export function CursorLabel({ cursor, window, box }: CursorProps) {
  const x = cursorX(cursor, window, box)
  const { value: at } = cursor.at
  if (x === null || at === null) return null
  const isRight = x > box.value.width / 2
  return (
    <b class="cursor-label" style={{ transform: `translateX(${x}px)${isRight ? ' translateX(-100%)' : ''}` }}>
      {formatMoment(at)}
    </b>
  )
}

function cursorX({ at }: TimeCursor, window: CursorProps['window'], box: CursorProps['box']): number | null {
  if (at.value === null || box.value.width === 0) return null
  const x = toPixels(at.value, window.value, box.value.width)
  return x < 0 || x > box.value.width ? null : x
}
