/** Screens that take turns on a wall. Whoever touches anything wants to look at this one: then they stop. */
import { useSignal, useSignalEffect, type ReadonlySignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { useLocation } from 'preact-iso/router'
import { paths, type Wall, type WallScreen } from '../paths.ts'
import { useScreen } from './screen.ts'

interface Turns {
  readonly isTurning: ReadonlySignal<boolean>
  readonly next: WallScreen
  goOn(): void
}

const TOUCHES = ['keydown', 'pointerdown', 'wheel', 'touchstart'] as const

export function useTurns(wall: Wall): Turns {
  const { live } = useScreen()
  const { route } = useLocation()
  const isTurning = useSignal(wall.rotate.length > 1)
  const { screen, rotate, every } = wall
  const next = rotate[(rotate.indexOf(screen) + 1) % rotate.length] ?? screen
  const shownAt = useRef({ screen, at: live.tick.peek() })
  if (shownAt.current.screen !== screen) shownAt.current = { screen, at: live.tick.peek() }

  useEffect(() => {
    const stop = () => (isTurning.value = false)
    // A page that is drawn under a pointer at rest hears of a move by nothing.
    const moved = (event: PointerEvent) => (event.movementX !== 0 || event.movementY !== 0) && stop()
    for (const touch of TOUCHES) addEventListener(touch, stop, { capture: true, passive: true })
    addEventListener('pointermove', moved)
    return () => {
      for (const touch of TOUCHES) removeEventListener(touch, stop, { capture: true })
      removeEventListener('pointermove', moved)
    }
  }, [])
  // While the page hears nothing its clock stands still, and so does the turning.
  useSignalEffect(() => {
    const now = live.tick.value
    if (!isTurning.value || now - shownAt.current.at < every) return
    shownAt.current = { screen, at: now }
    route(paths.wall({ ...wall, screen: next }), true)
  })
  return {
    isTurning,
    next,
    goOn() {
      shownAt.current = { screen, at: live.tick.peek() }
      isTurning.value = true
    },
  }
}
