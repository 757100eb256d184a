/** The chosen theme: kept per browser, applied by `public/theme.js` before the first paint. */
import { signal, type ReadonlySignal } from '@preact/signals'

const KEY = 'laststep-theme'

export interface ThemeChoice<T extends string> {
  readonly choice: ReadonlySignal<T>
  choose(theme: T): void
}

/** @param themes the first one is the system's and is not stored. */
export function openTheme<T extends string>(themes: readonly [T, ...T[]]): ThemeChoice<T> {
  const [system] = themes
  const applied = document.documentElement.dataset['theme']
  const choice = signal<T>(themes.find((theme) => theme === applied) ?? system)
  return {
    choice,
    choose(theme) {
      choice.value = theme
      if (theme === system) delete document.documentElement.dataset['theme']
      else document.documentElement.dataset['theme'] = theme
      try {
        if (theme === system) localStorage.removeItem(KEY)
        else localStorage.setItem(KEY, theme)
      } catch {
        // Storage may be forbidden; the choice then lasts as long as the page.
      }
    },
  }
}
