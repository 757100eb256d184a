/** The rows of a list that scrolls with the page, of which only those near the screen are in the document. */
import { useSignal, type ReadonlySignal } from '@preact/signals'
import { useLayoutEffect } from 'preact/hooks'
import { windowOf, type RowWindow } from '../model/row-window.ts'

export interface ListWindow extends RowWindow {
  readonly rowHeight: number
}

/** @param probe an unseen element as high as a row: density, zoom and width of the page decide how high that is */
export function useRowWindow(
  list: { readonly current: HTMLElement | null },
  probe: { readonly current: HTMLElement | null },
  count: number,
): ReadonlySignal<ListWindow> {
  const shown = useSignal<ListWindow>({ first: 0, end: 0, rowHeight: 28 })
  useLayoutEffect(() => {
    const [at, row] = [list.current, probe.current]
    if (at === null || row === null) return
    const look = () => {
      const rowHeight = row.offsetHeight || shown.peek().rowHeight
      const next = windowOf(-at.getBoundingClientRect().top, innerHeight, rowHeight, count)
      const { first, end, rowHeight: before } = shown.peek()
      if (first !== next.first || end !== next.end || before !== rowHeight) shown.value = { ...next, rowHeight }
    }
    look()
    const heights = new ResizeObserver(look)
    heights.observe(row)
    // What stands above the list moves it as well.
    heights.observe(document.body)
    const options = { passive: true }
    addEventListener('scroll', look, options)
    addEventListener('resize', look, options)
    return () => {
      heights.disconnect()
      removeEventListener('scroll', look)
      removeEventListener('resize', look)
    }
  }, [count])
  return shown
}
