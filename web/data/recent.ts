/** The runs somebody looked at here, the latest first: ids and nothing else, kept per browser. */
import { signal, type ReadonlySignal } from '@preact/signals'

const KEY = 'laststep-recent-runs'
const IDS_MAX = 8

export interface Recent {
  readonly ids: ReadonlySignal<readonly string[]>
  note(id: string): void
}

export function openRecent(): Recent {
  const ids = signal<readonly string[]>(readKept())
  return {
    ids,
    note(id) {
      ids.value = [id, ...ids.peek().filter((other) => other !== id)].slice(0, IDS_MAX)
      try {
        localStorage.setItem(KEY, JSON.stringify(ids.peek()))
      } catch {
        // Storage may be forbidden; they are then remembered as long as the page.
      }
    },
  }
}

/** Whatever stands there was written by some version of this page, or by a hand. */
function readKept(): readonly string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]')
    return Array.isArray(kept) ? kept.filter((id) => typeof id === 'string').slice(0, IDS_MAX) : []
  } catch {
    return []
  }
}
