/**
 * One connection of the live feed and how far it has read.
 *
 * The kernel takes megabytes for a client that reads nothing, so what was written says little. About once a second a ping
 * follows a frame: its answer says that everything before it was read. Who owes an answer for too long gets no more frames
 * until it comes, and then one that says how things are by then.
 */
import { LIVE_TOO_SLOW } from '../../contract/live.ts'
import { seconds, type Instant, type Millis } from '../../contract/units.ts'
import type { LiveSocket } from './live-socket.ts'
import type { WireFrame } from './wire-frame.ts'

export interface LiveReader {
  /** The last batch that was sent. */
  position: number
  /** For how long it has owed the answer to a ping; 0 when it owes none. */
  owesFor(now: Instant): Millis
  /** Whether it read what it was sent lately. */
  keepsUp(now: Instant): boolean
  send(frame: WireFrame, now: Instant): void
  /** Ask for a sign of life, unless one is owed already. */
  ping(now: Instant): void
  close(code: number, reason: string): void
  cut(): void
}

const PING_EVERY = seconds(1)
const LAG_MAX = seconds(2)
/** By then the page itself has said that it is not live. */
export const OWED_MAX = seconds(10)
export const TOO_SLOW_CLOSE = { code: LIVE_TOO_SLOW, reason: 'fell behind; come back with your cursor' }

/** @param caughtUp called when it has read all that it was sent before the last ping */
export function openLiveReader(socket: LiveSocket, caughtUp: (reader: LiveReader) => void): LiveReader {
  let pingedAt: Instant = 0
  let isOwed = false

  const reader: LiveReader = {
    position: 0,
    owesFor: (now) => (isOwed ? now - pingedAt : 0),
    keepsUp: (now) => reader.owesFor(now) <= LAG_MAX,
    send(frame, now) {
      socket.write(frame)
      if (now - pingedAt >= PING_EVERY) reader.ping(now)
    },
    ping(now) {
      if (isOwed) return
      isOwed = true
      pingedAt = now
      socket.ping()
    },
    close: (code, reason) => socket.close(code, reason),
    cut: () => socket.cut(),
  }
  socket.onPong(() => {
    isOwed = false
    caughtUp(reader)
  })
  return reader
}
