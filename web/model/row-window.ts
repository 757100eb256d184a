/** Which rows of a long list stand in the page: those on screen, some to spare, and those around the focus. */

/** Ready above and below what is seen. */
const SPARE = 6
/** The window moves by so many rows at once: most frames of a scroll then change nothing. */
const STEP = 6

export interface RowWindow {
  readonly first: number
  /** The one after the last. */
  readonly end: number
}

/** @param above px of the list that are scrolled away; negative while its top is below that of the screen */
export function windowOf(above: number, height: number, rowHeight: number, count: number): RowWindow {
  const top = Math.floor(above / rowHeight / STEP) * STEP - SPARE
  const end = top + Math.ceil(height / rowHeight) + STEP + 2 * SPARE
  const first = Math.max(0, Math.min(top, count))
  return { first, end: Math.max(first, Math.min(end, count)) }
}

/** In the order of the list. The row with the focus stays, and those beside it, to which keys lead. */
export function rowsAround({ first, end }: RowWindow, focused: number, count: number): number[] {
  const rows = new Set<number>()
  for (let at = first; at < end; at++) rows.add(at)
  if (focused >= 0) for (let at = Math.max(0, focused - 1); at <= Math.min(count - 1, focused + 1); at++) rows.add(at)
  return [...rows].toSorted((a, b) => a - b)
}
