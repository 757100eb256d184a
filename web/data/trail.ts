/** The list a run was opened from, so that its page leads to the next one: kept for this tab, through a reload. */
const KEY = 'laststep-trail'

export interface Trail {
  /** Runs in the order of the list. */
  readonly ids: readonly string[]
  /** The list's own address. */
  readonly from: string
}

export interface TrailStore {
  /** Null when nobody came from a list. */
  read(): Trail | null
  leave(trail: Trail): void
}

export function openTrail(): TrailStore {
  let trail = stored()
  return {
    read: () => trail,
    leave(next) {
      trail = next
      try {
        sessionStorage.setItem(KEY, JSON.stringify(next))
      } catch {
        // Storage may be forbidden or full; the trail then lasts as long as the page.
      }
    },
  }
}

/** What another version of this page left there is no trail. */
function stored(): Trail | null {
  try {
    const value = JSON.parse(sessionStorage.getItem(KEY) ?? 'null') as Trail | null
    return value !== null && Array.isArray(value.ids) && typeof value.from === 'string' ? value : null
  } catch {
    return null
  }
}
