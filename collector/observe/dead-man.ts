/**
 * The dead man's switch: somebody else's clock is wound up every 30 s for as long as verdicts can be trusted. When the
 * collector hangs, dies, or knows that it is not ready, the winding stops and the other side raises the alarm.
 */
import type { Clock } from '../../contract/clock.ts'
import { seconds, type Instant, type Millis } from '../../contract/units.ts'

export interface DeadManSettings {
  readonly url: string
  readonly clock: Clock
  readonly isReady: () => boolean
  readonly log: { warn(details: object, message: string): void }
  readonly timeout?: Millis
}

export interface DeadMan {
  readonly pings: number
  readonly failures: number
  readonly pingedAt: Instant | null
  /** Why the last ping was not taken; null when it was. */
  readonly error: string | null
  stop(): void
}

/** Whoever waits for it should allow two: an alarm a minute after the fault. */
export const PING_EVERY: Millis = seconds(30)
const TIMEOUT: Millis = seconds(10)

/** The first ping goes out at once, when all is well. */
export function startDeadMan({ url, clock, isReady, log, timeout = TIMEOUT }: DeadManSettings): DeadMan {
  let pings = 0
  let failures = 0
  let pingedAt: Instant | null = null
  let error: string | null = null

  const ping = async (): Promise<void> => {
    if (!isReady()) return
    const failed = await send(url, clock, timeout)
    if (failed === null) {
      pings += 1
      pingedAt = clock.now()
    } else {
      failures += 1
      if (error === null) log.warn({ url: URL.parse(url)?.host, error: failed }, 'the dead man was not pinged')
    }
    error = failed
  }

  void ping()
  const timer = clock.every(PING_EVERY, () => void ping())
  return {
    get pings() {
      return pings
    },
    get failures() {
      return failures
    },
    get pingedAt() {
      return pingedAt
    },
    get error() {
      return error
    },
    stop: () => timer.cancel(),
  }
}

/** @returns null when it was taken, else why not */
async function send(url: string, clock: Clock, timeout: Millis): Promise<string | null> {
  const abort = new AbortController()
  const timer = clock.after(timeout, () => abort.abort())
  try {
    const response = await fetch(url, {
      headers: { 'user-agent': 'laststep' },
      redirect: 'manual',
      signal: abort.signal,
    })
    await response.body?.cancel()
    return response.ok ? null : `the receiver answered ${response.status}`
  } catch (error) {
    if (abort.signal.aborted) return `no answer within ${timeout} ms`
    if (!(error instanceof Error)) return String(error)
    return error.cause instanceof Error && error.cause.message !== '' ? error.cause.message : error.message
  } finally {
    timer.cancel()
  }
}
