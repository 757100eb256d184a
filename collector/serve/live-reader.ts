/** One connection of the live feed and how far it has read. */
import { LIVE_TOO_SLOW } from '../../contract/live.ts'
import { seconds, type Instant, type Millis } from '../../contract/units.ts'
import type { ChangeRing } from './change-ring.ts'

/** What a reader needs of a WebSocket. */
export interface ReaderSocket {
  /** Bytes taken from us that the network has not taken yet. */
  readonly bufferedAmount: number
  send(text: string, taken: (error?: Error | null) => void): void
  ping(): void
  close(code: number, reason: string): void
  terminate(): void
}

export interface LiveReader {
  /** The last batch that was sent. */
  position: number
  /** For how long it has left its bytes unread; 0 when it keeps up. */
  behindFor(now: Instant): Millis
  send(text: string): void
  /**
   * Send what it lacks, as far as it takes the bytes.
   * @returns false when a batch it lacks has left the ring: it must start anew
   */
  catchUp(ring: ChangeRing, now: Instant): boolean
  /** Ask for a sign of life; cuts the connection when too many went unanswered. */
  ping(): void
  /** It answered a ping. */
  answered(): void
  close(code: number, reason: string): void
  cut(): void
}

/** Unsent bytes at which a reader is behind. */
const BEHIND_BYTES = 1 * 2 ** 20
/** For how long it may be behind. */
export const BEHIND_MS_MAX = seconds(2)
const PINGS_UNANSWERED_MAX = 3

export const BEHIND_CLOSE = { code: LIVE_TOO_SLOW, reason: 'fell behind; come back with your cursor' }

/** @param taken called when the network has taken what was sent, the moment to send on */
export function openLiveReader(socket: ReaderSocket, taken: (reader: LiveReader) => void): LiveReader {
  let behindSince: Instant | null = null
  let unanswered = 0

  const reader: LiveReader = {
    position: 0,
    behindFor(now) {
      if (socket.bufferedAmount <= BEHIND_BYTES) behindSince = null
      else behindSince ??= now
      return behindSince === null ? 0 : Math.max(1, now - behindSince)
    },
    send(text) {
      socket.send(text, (error) => {
        if (!error) taken(reader)
      })
    },
    catchUp(ring, now) {
      while (reader.position < ring.latest && reader.behindFor(now) === 0) {
        const text = ring.at(reader.position + 1)
        if (text === null) return false
        reader.position += 1
        reader.send(text)
      }
      return true
    },
    ping() {
      unanswered += 1
      if (unanswered > PINGS_UNANSWERED_MAX) socket.terminate()
      else socket.ping()
    },
    answered: () => {
      unanswered = 0
    },
    close: (code, reason) => socket.close(code, reason),
    cut: () => socket.terminate(),
  }
  return reader
}
