import type { Clock } from '../contract/clock.ts'
import type { Millis } from '../contract/units.ts'

/**
 * Ask somebody else's server. What it says beyond its status is of no interest, however long it goes on, and it may not
 * send us to a place nobody configured.
 * @returns its answer, without a body; or why there is none, in words
 */
export async function fetchWithin(
  clock: Clock,
  timeout: Millis,
  url: string,
  init: Omit<RequestInit, 'redirect' | 'signal'>,
): Promise<Response | string> {
  const abort = new AbortController()
  const timer = clock.after(timeout, () => abort.abort())
  try {
    const response = await fetch(url, { ...init, redirect: 'manual', signal: abort.signal })
    await response.body?.cancel()
    return response
  } catch (error) {
    return abort.signal.aborted ? `no answer within ${timeout} ms` : reasonOf(error)
  } finally {
    timer.cancel()
  }
}

/** `fetch failed` says nothing; its cause does. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error && error.cause.message !== '' ? error.cause.message : error.message
}
