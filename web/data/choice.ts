/** What a reader chose, kept per browser. */
import type { ReadonlySignal, Signal } from '@preact/signals'

export interface Choice<T> {
  readonly choice: ReadonlySignal<T>
  choose(value: T): void
}

/**
 * @param read makes a value of what was stored, by this version or another; null when it makes no sense
 * @param held where the value lives; it holds what is chosen when nothing was
 */
export function openChoice<T>(name: string, read: (stored: unknown) => T | null, held: Signal<T>): Choice<T> {
  const key = `laststep-${name}`
  const stored = load(key)
  const known = stored === null ? null : read(stored)
  if (known !== null) held.value = known
  return {
    choice: held,
    choose(value) {
      held.value = value
      try {
        localStorage.setItem(key, JSON.stringify(value))
      } catch {
        // Storage may be forbidden; the choice then lasts as long as the page.
      }
    },
  }
}

function load(key: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(key) ?? 'null')
  } catch {
    return null
  }
}
