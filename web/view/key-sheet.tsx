/** The sheet behind `?`, made from the same list the keyboard reads. */
import type { Signal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { KEYMAP } from '../model/keymap.ts'
import { Icon } from './icon.tsx'

const PLACES = [...new Set(Object.values(KEYMAP).map((entry) => entry.where))]

export function KeySheet({ isOpen }: { isOpen: Signal<boolean> }) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    if (isOpen.value) dialog.current?.showModal()
    else dialog.current?.close()
  }, [isOpen.value])
  const close = () => (isOpen.value = false)
  return (
    <dialog
      ref={dialog}
      class="sheet"
      aria-labelledby="keys-title"
      onClose={close}
      onClick={(event) => event.target === event.currentTarget && close()}
    >
      <header>
        <h2 id="keys-title">Keys</h2>
        <button type="button" class="button is-square" aria-label="Close" onClick={close}>
          <Icon name="close" />
        </button>
      </header>
      {PLACES.map((place) => (
        <section key={place}>
          <h3>{place}</h3>
          <dl>
            {Object.values(KEYMAP)
              .filter((entry) => entry.where === place)
              .map((entry) => (
                <div key={entry.keys}>
                  <dt>
                    {entry.keys.split(' ').map((key) => (
                      <kbd key={key}>{key === 'Escape' ? 'Esc' : key}</kbd>
                    ))}
                  </dt>
                  <dd>{entry.says}</dd>
                </div>
              ))}
          </dl>
        </section>
      ))}
    </dialog>
  )
}
