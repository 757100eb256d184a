/** One listener for the whole page; views say what an action does while they are shown. */
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import type { ReadonlySignal } from '@preact/signals'
import { readKey, type KeyAction, type KeyChoice, type Prefix } from '../model/keymap.ts'

type Handlers = Partial<Record<KeyAction, () => void>>

/** The view shown last is asked first. */
const layers: { current: Handlers }[] = []
let prefix: Prefix = null

/** Handle these actions while the calling view is on screen. */
export function useKeys(handlers: Handlers): void {
  const layer = useRef(handlers)
  layer.current = handlers
  useEffect(() => {
    layers.push(layer)
    return () => void layers.splice(layers.indexOf(layer), 1)
  }, [])
}

/** Listen; once, by the app. */
export function useKeyboard(choice: ReadonlySignal<KeyChoice>): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => hear(event, choice.peek())
    addEventListener('keydown', listen)
    return () => removeEventListener('keydown', listen)
  }, [choice])
}

/** @returns what was typed while the field it is meant for was still on its way; to the page it would be shortcuts */
export function useTypedAhead(isComing: boolean): string {
  const typed = useRef('')
  useLayoutEffect(() => {
    if (!isComing) return
    const hear = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return
      if (event.key.length === 1) typed.current += event.key
      else if (event.key === 'Backspace') typed.current = typed.current.slice(0, -1)
      else if (event.key !== 'Enter') return
      event.preventDefault()
      event.stopPropagation()
    }
    addEventListener('keydown', hear, true)
    return () => removeEventListener('keydown', hear, true)
  }, [isComing])
  return typed.current
}

/** Move the focus along the rows of the lists on screen. */
export function focusRow(step: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>('[data-row]')]
  const at = rows.findIndex((row) => row === document.activeElement)
  const next = rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : at + step]
  next?.focus()
}

/** What a key would do now, for those who would rather read it. */
export function actionsNow(): ReadonlySet<KeyAction> {
  return new Set(layers.flatMap(({ current }) => Object.keys(current) as KeyAction[]))
}

/** As if its key had been pressed. @returns false when nothing on screen does it */
export function act(action: KeyAction): boolean {
  const layer = layers.findLast(({ current }) => current[action])
  layer?.current[action]?.()
  return layer !== undefined
}

function hear(event: KeyboardEvent, choice: KeyChoice): void {
  const isHeld = event.ctrlKey || event.metaKey
  // What is held together types nothing, so it works from within a field as well.
  if (event.defaultPrevented || event.altKey || (!isHeld && isTyping(event.target))) return
  // An open dialog or menu has the keyboard to itself; Esc closes it by the browser's own hand.
  if (document.querySelector('dialog[open], [popover]:popover-open') !== null) return
  const read = readKey(isHeld ? `Ctrl+${event.key}` : event.key, event.timeStamp, prefix, choice)
  prefix = read.prefix
  if (read.action !== null && act(read.action)) event.preventDefault()
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && target.matches('input:not([type=checkbox]), textarea, select, [contenteditable]')
  )
}
