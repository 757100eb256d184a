/** What a key or a button just did, said once where everybody sees and hears it; it fades by itself. */
import { signal } from '@preact/signals'

const said = signal({ text: '', times: 0 })

export function say(text: string): void {
  said.value = { text, times: said.peek().times + 1 }
}

export function Said() {
  const { text, times } = said.value
  return (
    <p class="said-line" role="status">
      {/* The same words again are a new element: it fades anew, and is read out again. */}
      {text !== '' && <span key={times}>{text}</span>}
    </p>
  )
}
