/** The sheet behind `?`, made from the same list the keyboard reads. */
import type { Signal } from '@preact/signals'
import { allKeysOf, KEY_ACTIONS, KEYMAP } from '../model/keymap.ts'
import { paths } from '../paths.ts'
import { useScreen } from './screen.ts'
import { Sheet } from './sheet.tsx'

const PLACES = [...new Set(KEY_ACTIONS.map((action) => KEYMAP[action].where))]
const KEY_WORDS: Readonly<Record<string, string>> = { Escape: 'Esc', 'Ctrl+k': 'Ctrl K' }

export function KeySheet({ isOpen }: { isOpen: Signal<boolean> }) {
  const { keys } = useScreen()
  const choice = keys.choice.value
  const shown = KEY_ACTIONS.map((action) => ({ ...KEYMAP[action], action, held: allKeysOf(action, choice) }))
  return (
    <Sheet title="Keys" id="keys-title" isOpen={isOpen}>
      {PLACES.map((place) => (
        <section key={place}>
          <h3>{place}</h3>
          <dl>
            {shown
              .filter(({ where, held }) => where === place && held.length > 0)
              .map(({ action, held, says }) => (
                <div key={action}>
                  <dt>
                    {held
                      .join(' ')
                      .split(' ')
                      .map((key) => (
                        <kbd key={key}>{KEY_WORDS[key] ?? key}</kbd>
                      ))}
                  </dt>
                  <dd>{says}</dd>
                </div>
              ))}
          </dl>
        </section>
      ))}
      <p class="hint in-card">
        {choice.areOn ? '' : 'Keys of one character are switched off. '}
        <a href={paths.settings('keys')} onClick={() => (isOpen.value = false)}>
          Change the keys
        </a>
      </p>
    </Sheet>
  )
}
