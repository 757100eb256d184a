/** The waterfall's ties to the page: how wide it is, when it is drawn, and what must be in sight. */
import type { Signal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { Millis } from '../../contract/units.ts'
import type { Timeline } from '../model/timeline.ts'
import { openRowPool, type Scene } from './row-pool.ts'
import { useScreen } from './screen.ts'

/** The box the bars are in, as measured. */
export interface Box {
  readonly width: number
  readonly rowHeight: number
  /** Where the bars begin, px from the left of the page; kept, for asking lays the page out. */
  readonly left: number
}

/** The scroller's own width counts, not the card's: borders and the scroll bar cost up to 15 px. */
export function useMeasure(
  card: { current: HTMLElement | null },
  scroller: { current: HTMLElement | null },
  box: Signal<Box>,
): void {
  useEffect(() => {
    const element = scroller.current
    if (!element) return
    const measure = () => {
      const style = getComputedStyle(element)
      const names = Number.parseFloat(style.getPropertyValue('--wf-names')) || 0
      const rowHeight = Number.parseFloat(style.getPropertyValue('--wf-row')) || 28
      card.current?.style.setProperty('--wf-gutter', `${element.offsetWidth - element.clientWidth}px`)
      const width = element.clientWidth - names
      const left = element.getBoundingClientRect().left + names
      const held = box.peek()
      if (width !== held.width || rowHeight !== held.rowHeight || left !== held.left)
        box.value = { width, rowHeight, left }
    }
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    measure()
    return () => observer.disconnect()
  }, [])
}

/**
 * One animation frame after another while the card is on screen; a still scene costs a comparison.
 * @param before what to do first, told the frame's own time
 */
export function useFrames(
  scroller: { current: HTMLElement | null },
  list: { current: HTMLElement | null },
  scene: { current: Scene | null },
  before: (at: Millis) => void,
): void {
  const { live } = useScreen()
  const prepare = useRef(before)
  prepare.current = before
  useEffect(() => {
    if (!scroller.current || !list.current) return
    const pool = openRowPool(scroller.current, list.current)
    let frame = requestAnimationFrame(function draw(at) {
      prepare.current(at)
      const current = scene.current
      if (current && current.width > 0) pool.draw(current, live.now() - current.timeline.origin)
      frame = requestAnimationFrame(draw)
    })
    return () => {
      cancelAnimationFrame(frame)
      pool.dispose()
    }
  }, [])
}

/** Selecting scrolls only when the row is out of view, and then by the least amount. */
export function useReveal(
  scroller: { current: HTMLElement | null },
  visible: readonly number[],
  timeline: Timeline,
  selected: string | null,
  box: Signal<Box>,
): void {
  const at = visible.findIndex((index) => timeline.rows[index]?.id === selected)
  useEffect(() => {
    const element = scroller.current
    if (!element || at < 0) return
    const { rowHeight } = box.peek()
    const top = at * rowHeight
    if (top < element.scrollTop) element.scrollTop = top
    else if (top + rowHeight > element.scrollTop + element.clientHeight)
      element.scrollTop = top + rowHeight - element.clientHeight
    // Also when it comes later than it was chosen; not when rows before it move it.
  }, [selected, at < 0, box.value])
}
