import { useComputed, type ReadonlySignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import { useScreen } from './screen.ts'

/** Pause holds the view, never the data: while it lasts, what was shown stays, and the first to come is still let in. */
export function usePausable<T>(latest: ReadonlySignal<T | null>): ReadonlySignal<T | null> {
  const { live } = useScreen()
  const shown = useRef<T | null>(null)
  return useComputed(() => {
    if (!live.isPaused.value || shown.current === null) shown.current = latest.value
    return shown.current
  })
}
