/** Where somebody was in a list when they left it, for those who come back: kept while the page is open. */
import { useLocation } from 'preact-iso/router'
import { useEffect, useMemo } from 'preact/hooks'
import type { Selection } from '../model/row-selection.ts'

export interface Place {
  /** How far the page was scrolled, px. */
  readonly top: number
  /** The row that had the focus. */
  readonly row: string | null
  readonly selected: Selection
}

const PLACES_MAX = 20
const places = new Map<string, Place>()

/**
 * @param address of the list, without what is beside it
 * @returns the place to go on from, for those who came back; null for those who come anew, as over a link
 */
export function usePlace(address: string, leave: () => Place): Place | null {
  // The router says it and its types do not: over a link or a key, or by the browser's Back.
  const { wasPush } = useLocation() as ReturnType<typeof useLocation> & { readonly wasPush: boolean }
  const place = useMemo(() => (wasPush ? null : (places.get(address) ?? null)), [address])
  useEffect(
    () => () => {
      places.delete(address)
      places.set(address, leave())
      const oldest = places.keys().next().value
      if (places.size > PLACES_MAX && oldest !== undefined) places.delete(oldest)
    },
    [address],
  )
  return place
}

/** The list is asked for anew. */
export function forgetPlace(address: string): void {
  places.delete(address)
}
