/** Copying: a small button beside a value, and a menu with the forms of a whole thing. */
import { useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import { Icon } from './icon.tsx'
import { useScreen } from './screen.ts'

/** `what` names the thing for people who cannot see the value beside the button. */
export function CopyButton({ text, what }: { text: string; what: string }) {
  const { copy } = useScreen()
  const isCopied = useSignal(false)
  // The tick stays while the hand does.
  const forget = () => (isCopied.value = false)
  return (
    <button
      class="copy"
      type="button"
      aria-label={isCopied.value ? `${what} copied` : `Copy ${what}`}
      title={`Copy ${what}`}
      onClick={async () => (isCopied.value = await copy(text))}
      onPointerLeave={forget}
      onBlur={forget}
    >
      <Icon name={isCopied.value ? 'tick' : 'copy'} />
    </button>
  )
}

export interface CopyForm {
  readonly name: string
  readonly text: () => string
}

export function CopyMenu({ forms }: { forms: readonly CopyForm[] }) {
  const { copy } = useScreen()
  const details = useRef<HTMLDetailsElement>(null)
  const said = useSignal('')
  const close = () => {
    if (details.current) details.current.open = false
  }
  return (
    <div class="menu">
      <details
        ref={details}
        onToggle={(event) => event.currentTarget.open && (said.value = '')}
        onFocusOut={(event) => !event.currentTarget.contains(event.relatedTarget as Node | null) && close()}
        onKeyDown={(event) => {
          if (event.key !== 'Escape' || !event.currentTarget.open) return
          event.preventDefault()
          close()
          event.currentTarget.querySelector('summary')?.focus()
        }}
      >
        <summary class="button">
          <Icon name="copy" /> Copy as…
        </summary>
        <ul role="list">
          {forms.map((form) => (
            <li key={form.name}>
              <button
                type="button"
                onClick={async () => {
                  said.value = (await copy(form.text())) ? `${form.name} copied` : 'The browser refused to copy'
                  close()
                }}
              >
                {form.name}
              </button>
            </li>
          ))}
        </ul>
      </details>
      <span class="said" role="status">
        {said.value}
      </span>
    </div>
  )
}
