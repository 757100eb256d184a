/** Copying: a small button beside a value, a menu with the forms of a whole thing, and the keys for the thing at hand. */
import { signal, useSignal, type ReadonlySignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { CopyForm, CopyKind, CopyThing } from '../model/copy-forms.ts'
import { Icon } from './icon.tsx'
import { useKeys } from './keyboard.ts'
import { say } from './said.tsx'
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

interface OpenedMenu {
  readonly thing: CopyThing
  readonly forms: readonly CopyForm[]
  readonly from: HTMLElement
}

/** The one menu of the page: what it copies, and the element it was opened from. */
const opened = signal<OpenedMenu | null>(null)
/** What the keys copy when no row has the focus; the view shown last is asked first. */
const things: { current: CopyThing }[] = []
/** Rows on screen that can be copied. */
const rows = new WeakMap<Element, () => CopyThing>()

export const openedCopyMenu: ReadonlySignal<OpenedMenu | null> = opened

/** What is being added to an investigation. */
export const pinned = signal<CopyThing | null>(null)

export function pin(thing: CopyThing | null): void {
  if (thing === null) say('There is nothing here to add to an investigation')
  pinned.value = thing
}

export async function openCopyMenu(thing: CopyThing, from: HTMLElement): Promise<void> {
  const forms = await formsOf(thing)
  if (forms.length > 0) opened.value = { thing, forms, from }
}

/** None, and a word about it, when they cannot be loaded. */
export async function formsOf({ load }: CopyThing): Promise<readonly CopyForm[]> {
  try {
    return await load()
  } catch {
    say('What copies could not be loaded: reload the page')
    return []
  }
}

export function closeCopyMenu(): void {
  opened.value = null
}

/** What is on this page, for the keys `c l`, `c i`, `c m`, `c j` and for the palette. */
export function useCopyThing(thing: CopyThing): void {
  const held = useRef(thing)
  held.current = thing
  useEffect(() => {
    things.push(held)
    return () => void things.splice(things.indexOf(held), 1)
  }, [])
}

/** Give to an element that can have the focus: the keys then copy what it stands for. */
export function copyRef(thing: () => CopyThing): (element: Element | null) => void {
  return (element) => void (element && rows.set(element, thing))
}

/** The focused row or figure, or else what the page is about; null on a page about nothing in particular. */
export function thingAtHand(focused: Element | null): CopyThing | null {
  const row = focused?.closest('[data-row], figure')
  return (row && rows.get(row)?.()) ?? things.at(-1)?.current ?? null
}

/** Copies, and says so. */
export function useCopyAloud(): (form: Pick<CopyForm, 'name' | 'text'>) => Promise<void> {
  const { copy } = useScreen()
  return async ({ name, text }) => say((await copy(text())) ? `${name} copied` : 'The browser refused to copy')
}

/** Called once, by the app. */
export function useCopyKeys(): void {
  const copyAloud = useCopyAloud()
  const copyAs = async (kind: CopyKind): Promise<void> => {
    const thing = thingAtHand(document.activeElement)
    const form = (thing === null ? [] : await formsOf(thing)).find((one) => one.kind === kind)
    if (form === undefined) say('There is nothing here to copy like that')
    else await copyAloud(form)
  }
  useKeys({
    'copy-its-link': () => void copyAs('link'),
    'copy-its-id': () => void copyAs('id'),
    'copy-its-markdown': () => void copyAs('markdown'),
    'copy-its-json': () => void copyAs('json'),
  })
}

export function CopyMenu({ thing, label = 'Copy as…' }: { thing: CopyThing; label?: string }) {
  const isOpen = opened.value?.thing.what === thing.what
  return (
    <button
      type="button"
      class="button"
      aria-haspopup="menu"
      aria-expanded={isOpen}
      onClick={(event) => void openCopyMenu(thing, event.currentTarget)}
    >
      <Icon name="copy" /> {label}
    </button>
  )
}

interface TriggerProps {
  readonly thing: () => CopyThing
  readonly what: string
  /** In a list the keys do it for the row that has the focus: a second stop on each row would only be in the way. */
  readonly isStop?: boolean
}

/** The menu's small door, at the end of a line or a row. */
export function CopyTrigger({ thing, what, isStop = true }: TriggerProps) {
  return (
    <button
      type="button"
      class="copy copy-trigger"
      aria-label={`Copy ${what} as…`}
      title="Copy as…"
      aria-haspopup="menu"
      tabIndex={isStop ? undefined : -1}
      onClick={(event) => void openCopyMenu(thing(), event.currentTarget)}
    >
      <Icon name="copy" />
    </button>
  )
}
