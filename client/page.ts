/**
 * The browser, as far as this package knows it. Everything is optional: in a worker, or in Node, there is no page, and
 * what was handed over counts as shown.
 */
interface Browser {
  readonly document?: {
    readonly visibilityState: string
    addEventListener(type: 'visibilitychange', call: () => void): void
    removeEventListener(type: 'visibilitychange', call: () => void): void
  }
  /** `object`: the navigator of Node has nothing of this. */
  readonly navigator?: object & { sendBeacon?(url: string, text: string): boolean }
  requestAnimationFrame?(call: () => void): void
}

const browser: Browser = globalThis

export function isHidden(): boolean {
  return browser.document?.visibilityState === 'hidden'
}

/** Call each time the page hides: the last moment at which a phone lets a page speak. @returns how to stop that */
export function onHide(call: () => void): () => void {
  const { document } = browser
  const look = () => isHidden() && call()
  document?.addEventListener('visibilitychange', look)
  return () => document?.removeEventListener('visibilitychange', look)
}

/**
 * Call once what is on the page by now has been painted. A hidden page paints nothing, so it waits until somebody
 * looks. The first frame is only about to be painted; in the second the first has been.
 */
export function whenPainted(call: () => void): void {
  const { requestAnimationFrame: onFrame, document } = browser
  if (document && onFrame) onFrame(() => onFrame(call))
  else call()
}

/** Send without waiting, also while the page goes away. Best effort: whether it arrived is not told. */
export function post(url: string, text: string): void {
  if (browser.navigator?.sendBeacon?.(url, text)) return
  fetch(url, { method: 'POST', body: text, keepalive: true }).catch(() => {})
}
