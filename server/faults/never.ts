/** What faults wait for. */

/** Settles only by the signal: rejects with its reason. */
export function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const leave = () => reject(signal.reason as Error)
    if (signal.aborted) leave()
    else signal.addEventListener('abort', leave, { once: true })
  })
}

/** Nobody resolves it, and cancelling does not end it. */
export function forever(): Promise<never> {
  return new Promise(() => {})
}
