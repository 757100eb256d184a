/**
 * The copy menu itself, once on the page and above everything: a row may change or leave the list while it is open, and
 * it stays where it was opened.
 */
import { useLayoutEffect, useRef } from 'preact/hooks'
import { KEYMAP } from '../model/keymap.ts'
import type { CopyKind } from '../model/copy-forms.ts'
import { closeCopyMenu, openedCopyMenu, pin, useCopyAloud } from './copy.tsx'
import { placeBeside } from './place-beside.ts'

export function CopySheet() {
  const open = openedCopyMenu.value
  const menu = useRef<HTMLDivElement>(null)
  const copyAloud = useCopyAloud()
  useLayoutEffect(() => {
    const element = menu.current
    if (open === null || element === null) return
    element.showPopover()
    placeBeside(element, open.from.getBoundingClientRect())
    element.querySelector('button')?.focus()
  }, [open])
  if (open === null) return null
  return (
    <div
      ref={menu}
      class="copy-sheet"
      popover="auto"
      role="menu"
      aria-label={`Copy ${open.thing.what}`}
      onToggle={(event) => event.newState === 'closed' && closeCopyMenu()}
      onKeyDown={(event) => {
        if (move(event.currentTarget, event.key)) event.preventDefault()
        // A menu is left with Tab as with Esc: the focus goes back to where it was opened.
        else if (event.key === 'Tab') event.currentTarget.hidePopover()
      }}
    >
      {open.forms.map((form) => (
        <button
          key={form.kind}
          type="button"
          role="menuitem"
          tabIndex={-1}
          onClick={() => {
            menu.current?.hidePopover()
            open.from.focus()
            void copyAloud(form)
          }}
        >
          {form.name}
          <kbd class="wide-only">{keysOf(form.kind)}</kbd>
        </button>
      ))}
      <button
        type="button"
        role="menuitem"
        tabIndex={-1}
        onClick={() => {
          menu.current?.hidePopover()
          open.from.focus()
          pin(open.thing)
        }}
      >
        Add to an investigation
        <kbd class="wide-only">{KEYMAP.pin.keys}</kbd>
      </button>
    </div>
  )
}

/** @returns false when the key moves nothing */
function move(menu: HTMLElement, key: string): boolean {
  const items = [...menu.querySelectorAll('button')]
  const at = items.findIndex((item) => item === document.activeElement)
  const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[key]
  if (next === undefined) return false
  items.at(next % items.length)?.focus()
  return true
}

function keysOf(kind: CopyKind): string {
  const action = `copy-its-${kind}`
  return action in KEYMAP ? KEYMAP[action as keyof typeof KEYMAP].keys : ''
}
