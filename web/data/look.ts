/** How the page looks, by the reader's choice: kept per browser, applied by `public/look.js` before the first paint. */
import { signal, type ReadonlySignal } from '@preact/signals'

export interface Look<T extends string> {
  readonly choice: ReadonlySignal<T>
  choose(look: T): void
}

/** @param looks the first one is what holds without a choice, and is not stored */
export function openLook<T extends string>(name: 'theme' | 'density', looks: readonly [T, ...T[]]): Look<T> {
  const [usual] = looks
  const { dataset } = document.documentElement
  const choice = signal<T>(looks.find((look) => look === dataset[name]) ?? usual)
  return {
    choice,
    choose(look) {
      choice.value = look
      if (look === usual) delete dataset[name]
      else dataset[name] = look
      try {
        if (look === usual) localStorage.removeItem(`laststep-${name}`)
        else localStorage.setItem(`laststep-${name}`, look)
      } catch {
        // Storage may be forbidden; the choice then lasts as long as the page.
      }
    },
  }
}
