/** Keys of one character can be other ones, or none: who dictates, or leans on the keyboard, presses them by accident. */
import { useSignal } from '@preact/signals'
import { isFixed, KEY_ACTIONS, KEYMAP, problemOfKeys, USUAL_KEYS, type KeyAction } from '../model/keymap.ts'
import { useScreen } from './screen.ts'

export function KeySettings() {
  const { keys } = useScreen()
  const { areOn, own } = keys.choice.value
  const isChanged = Object.keys(own).length > 0
  return (
    <section class="card settings" aria-labelledby="keys">
      <header>
        <h2 id="keys">Keys</h2>
        <span class="hint">in this browser</span>
        <span class="grow" />
        <button
          type="button"
          class="button"
          disabled={!isChanged}
          onClick={() => keys.choose({ ...USUAL_KEYS, areOn })}
        >
          Usual keys
        </button>
      </header>
      <div class="setting">
        <label class="switch">
          <input type="checkbox" checked={areOn} onChange={() => keys.choose({ areOn: !areOn, own })} />
          Keys of one character do something
        </label>
        <p class="hint">They are never read while you type. Enter, Esc, Tab and the arrows work in any case.</p>
      </div>
      <ul class="keys" role="list">
        {KEY_ACTIONS.filter((action) => !isFixed(action)).map((action) => (
          <li key={action}>
            <KeyField action={action} />
          </li>
        ))}
      </ul>
    </section>
  )
}

function KeyField({ action }: { action: KeyAction }) {
  const { keys } = useScreen()
  const choice = keys.choice.value
  const held = choice.own[action] ?? KEYMAP[action].keys
  const problem = useSignal<string | null>(null)
  const change = (written: string) => {
    const text = written.trim().replace(/\s+/g, ' ')
    problem.value = problemOfKeys(action, text, choice)
    if (problem.value !== null) return
    const { [action]: _before, ...rest } = choice.own
    keys.choose({ ...choice, own: text === KEYMAP[action].keys ? rest : { ...rest, [action]: text } })
  }
  return (
    <label class={`key-field ${held === KEYMAP[action].keys ? '' : 'is-own'}`}>
      <input
        key={held}
        type="text"
        class="mono"
        defaultValue={held}
        maxLength={3}
        disabled={!choice.areOn}
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        aria-describedby={problem.value === null ? undefined : `problem-${action}`}
        aria-invalid={problem.value !== null}
        onChange={(event) => change(event.currentTarget.value)}
      />
      <span>
        {KEYMAP[action].says} <span class="hint">{KEYMAP[action].where}</span>
      </span>
      {problem.value !== null && (
        <span class="field-problem" id={`problem-${action}`} role="alert">
          {problem.value}
        </span>
      )}
    </label>
  )
}
