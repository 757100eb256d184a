/**
 * The live feed's socket: it connects, resumes from its cursor, notices silence and tries again for ever.
 *
 *   connect ──frame──▶ live ──15 s silent──▶ close ──▶ wait 0.5 s·2ⁿ (≤ 30 s) ──▶ connect
 *                                              ▲ the tab becomes visible or the network comes back: now, not later
 */
import type { Clock, Timer } from '../../contract/clock.ts'
import type { Cursor, InvestigationFrame, LiveFrame } from '../../contract/live.ts'
import { fromIso, seconds, type Instant, type Millis } from '../../contract/units.ts'
import { HALF_OPEN, judgeLiveness, retryDelay, serverOffset, type Liveness } from '../model/connection.ts'

export interface FeedSettings {
  readonly clock: Clock
  /** Address to connect to, given the cursor to resume from. */
  readonly url: (after: Cursor | null) => string
  readonly frame: (frame: LiveFrame | InvestigationFrame) => void
  /** Called about once a second and whenever a frame arrives. */
  readonly liveness: (liveness: Liveness) => void
}

export interface Feed {
  /** Try now, whatever the backoff says. */
  retry(): void
  /** The server's clock minus ours. */
  offset(): Millis
  close(): void
}

/** Newest samples of the server's clock; at one beat in 5 s they span less than a minute. */
const SAMPLES_MAX = 8

export function openFeed({ clock, url, frame, liveness }: FeedSettings): Feed {
  let socket: WebSocket | null = null
  let retryTimer: Timer | null = null
  let attempt = 0
  let cursor: Cursor | null = null
  let openedAt: Instant = clock.now()
  let heardAt: Instant | null = null
  let asOf: Instant | null = null
  let samples: Millis[] = []

  const connect = () => {
    retryTimer?.cancel()
    retryTimer = null
    openedAt = clock.now()
    const current = new WebSocket(url(cursor))
    socket = current
    current.addEventListener('message', (event) => {
      if (socket === current) hear(readFrame(event.data))
    })
    current.addEventListener('close', () => {
      if (socket === current) retryLater()
    })
  }
  const retryLater = () => {
    socket = null
    retryTimer = clock.after(retryDelay(attempt++, Math.random()), connect)
  }
  const drop = () => {
    const current = socket
    socket = null
    current?.close()
  }
  const hear = (received: LiveFrame | InvestigationFrame | null) => {
    if (received === null) return
    attempt = 0
    heardAt = clock.now()
    // It has neither a cursor nor a time.
    if (received.type === 'investigation') return frame(received)
    cursor = received.type === 'reset' ? null : received.cursor
    if (received.type !== 'reset') {
      asOf = fromIso(received.serverTime)
      samples = [...samples, asOf - heardAt].slice(-SAMPLES_MAX)
    }
    frame(received)
    liveness(judgeLiveness(heardAt, asOf, heardAt))
  }
  const retryNow = () => {
    attempt = 0
    drop()
    connect()
  }
  // A retry budget spent in a background tab must not leave the page dead when it is looked at again.
  const wake = () => {
    if (document.visibilityState === 'visible' && (socket === null || clock.now() - (heardAt ?? openedAt) > HALF_OPEN))
      retryNow()
  }
  const watch = clock.every(seconds(1), () => {
    const now = clock.now()
    if (socket !== null && now - Math.max(openedAt, heardAt ?? 0) > HALF_OPEN) {
      drop()
      retryLater()
    }
    liveness(judgeLiveness(heardAt, asOf, now))
  })

  addEventListener('online', wake)
  document.addEventListener('visibilitychange', wake)
  connect()
  return {
    retry: retryNow,
    offset: () => serverOffset(samples),
    close() {
      watch.cancel()
      retryTimer?.cancel()
      removeEventListener('online', wake)
      document.removeEventListener('visibilitychange', wake)
      drop()
    },
  }
}

/** The door of the feed: what is not one of our frames is ignored, never trusted. */
function readFrame(data: unknown): LiveFrame | InvestigationFrame | null {
  if (typeof data !== 'string') return null
  try {
    const value = JSON.parse(data) as LiveFrame | InvestigationFrame
    return ['snapshot', 'changes', 'reset', 'beat', 'investigation'].includes(value.type) ? value : null
  } catch {
    return null
  }
}
