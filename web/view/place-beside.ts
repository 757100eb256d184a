const MARGIN = 8

/** Below what it was opened from, its end under that one's end; above where there is no room, and always within the window. */
export function placeBeside(popover: HTMLElement, from: DOMRect): void {
  const { offsetWidth: width, offsetHeight: height } = popover
  const below = from.bottom + 4
  const top = below + height + MARGIN <= innerHeight ? below : Math.max(MARGIN, from.top - 4 - height)
  const left = Math.min(Math.max(MARGIN, from.right - width), innerWidth - width - MARGIN)
  popover.style.inset = `${top}px auto auto ${left}px`
}
