/**
 * Rows never move under a hand. While a list is held (pointer, focus or selection in it) it keeps the rows it shows, in
 * their order; what should change waits and is counted.
 */
export interface Waiting {
  /** Rows that would appear. */
  readonly arrived: number
  /** Rows that would go. */
  readonly left: number
  /** The same rows in another order. */
  readonly moved: boolean
}

export const NOTHING_WAITS: Waiting = { arrived: 0, left: 0, moved: false }

export function waitingChanges(shown: readonly string[], wanted: readonly string[]): Waiting {
  const shownIds = new Set(shown)
  const wantedIds = new Set(wanted)
  const arrived = wanted.filter((id) => !shownIds.has(id)).length
  const left = shown.filter((id) => !wantedIds.has(id)).length
  const moved = arrived === 0 && left === 0 && shown.some((id, index) => id !== wanted[index])
  return { arrived, left, moved }
}

/** `5 new · 2 finished`; empty when nothing waits. Counts stop at 99. */
export function describeWaiting({ arrived, left, moved }: Waiting): string {
  const parts: string[] = []
  if (arrived > 0) parts.push(`${capped(arrived)} new`)
  if (left > 0) parts.push(`${capped(left)} finished`)
  return parts.length === 0 && moved ? 'new order' : parts.join(' · ')
}

function capped(count: number): string {
  return count > 99 ? '99+' : String(count)
}
