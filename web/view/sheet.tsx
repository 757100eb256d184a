/** A sheet over the page: it closes by Esc, by its button, and by a click beside it. */
import type { Signal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { Icon } from './icon.tsx'

interface SheetSettings {
  readonly title: string
  readonly id: string
  readonly isOpen: Signal<boolean>
  readonly children: ComponentChildren
}

export function Sheet({ title, id, isOpen, children }: SheetSettings) {
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
      aria-labelledby={id}
      onClose={close}
      onClick={(event) => event.target === event.currentTarget && close()}
    >
      <header>
        <h2 id={id}>{title}</h2>
        <button type="button" class="button is-square" aria-label="Close" onClick={close}>
          <Icon name="close" />
        </button>
      </header>
      {children}
    </dialog>
  )
}
