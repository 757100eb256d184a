import { keysOf, type KeyAction } from '../model/keymap.ts'
import { useScreen } from './screen.ts'

/** The keys of an action beside what does the same; nothing where they are switched off. */
export function KeyHint({ action }: { action: KeyAction }) {
  const { keys } = useScreen()
  const held = keysOf(action, keys.choice.value)
  if (held === null) return null
  return (
    <kbd class="wide-only" aria-hidden="true">
      {held}
    </kbd>
  )
}
