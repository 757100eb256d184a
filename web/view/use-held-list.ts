/** The live rule for lists (ux/SPEC §4.6): rows never move under a pointer, the focus, a selection or a scroll. */
import { useComputed, useSignal, useSignalEffect, type ReadonlySignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { seconds } from '../../contract/units.ts'
import { NOTHING_WAITS, waitingChanges, type Waiting } from '../model/held-list.ts'
import { useScreen } from './screen.ts'

/** A hand that leaves may come back; lists wait this long before they move. */
const RELEASE_AFTER = seconds(2)

export interface HeldList {
  readonly shown: ReadonlySignal<readonly string[]>
  readonly waiting: ReadonlySignal<Waiting>
  /** Let what waits in, once, though the hold goes on. */
  show(): void
}

/** True while a hand is on the region, and a moment longer. One hold for all lists in it: they push each other. */
export function useHold(region: { readonly current: HTMLElement | null }): ReadonlySignal<boolean> {
  const { live } = useScreen()
  const isTouched = useSignal(false)
  const leftAt = useSignal(Number.NEGATIVE_INFINITY)
  useEffect(() => {
    const element = region.current
    if (!element) return
    let isPointed = false
    const judge = () => {
      const next = isPointed || scrollY > 0 || element.contains(document.activeElement) || isSelecting(element)
      if (isTouched.peek() && !next) leftAt.value = live.now()
      isTouched.value = next
    }
    const pointer = (event: Event) => {
      isPointed = event.type !== 'pointerleave'
      judge()
    }
    // The focus has moved on only after `focusout` has run its course.
    const later = () => queueMicrotask(judge)
    const listeners: readonly [EventTarget, string, (event: Event) => void][] = [
      [element, 'pointerenter', pointer],
      [element, 'pointermove', pointer],
      [element, 'pointerleave', pointer],
      [element, 'focusin', judge],
      [element, 'focusout', later],
      [document, 'selectionchange', judge],
      [globalThis, 'scroll', judge],
    ]
    for (const [target, type, listener] of listeners) target.addEventListener(type, listener, { passive: true })
    return () => {
      for (const [target, type, listener] of listeners) target.removeEventListener(type, listener)
    }
  }, [])
  return useComputed(() => isTouched.value || live.tick.value - leftAt.value < RELEASE_AFTER)
}

/** @param wanted the ids the list should show, in an order that depends on no ticking value. */
export function useHeldList(wanted: ReadonlySignal<readonly string[]>, isHeld: ReadonlySignal<boolean>): HeldList {
  const shown = useSignal<readonly string[]>(wanted.peek())
  const show = () => {
    if (!isSame(shown.peek(), wanted.peek())) shown.value = wanted.peek()
  }
  useSignalEffect(() => {
    // Nothing can move in a list that shows nothing.
    const mayMove = !isHeld.value || shown.peek().length === 0
    if (!isSame(shown.peek(), wanted.value) && mayMove) show()
  })
  const waiting = useComputed(() => (isHeld.value ? waitingChanges(shown.value, wanted.value) : NOTHING_WAITS))
  return { shown, waiting, show }
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((id, index) => id === b[index])
}

function isSelecting(element: HTMLElement): boolean {
  const selection = getSelection()
  return selection !== null && !selection.isCollapsed && element.contains(selection.anchorNode)
}
