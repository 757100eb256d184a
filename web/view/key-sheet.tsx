/** The sheet behind `?`, made from the same list the keyboard reads. */
import type { Signal } from '@preact/signals'
import { KEYMAP, type KeyEntry } from '../model/keymap.ts'
import { Sheet } from './sheet.tsx'

const PLACES = [...new Set(Object.values(KEYMAP).map((entry) => entry.where))]
const KEY_WORDS: Readonly<Record<string, string>> = { Escape: 'Esc', 'Ctrl+k': 'Ctrl K' }

export function KeySheet({ isOpen }: { isOpen: Signal<boolean> }) {
  return (
    <Sheet title="Keys" id="keys-title" isOpen={isOpen}>
      {PLACES.map((place) => (
        <section key={place}>
          <h3>{place}</h3>
          <dl>
            {Object.values<KeyEntry>(KEYMAP)
              .filter((entry) => entry.where === place)
              .map((entry) => (
                <div key={entry.keys}>
                  <dt>
                    {entry.keys.split(' ').map((key) => (
                      <kbd key={key}>{KEY_WORDS[key] ?? key}</kbd>
                    ))}
                    {entry.also && <kbd>{entry.also}</kbd>}
                  </dt>
                  <dd>{entry.says}</dd>
                </div>
              ))}
          </dl>
        </section>
      ))}
    </Sheet>
  )
}
