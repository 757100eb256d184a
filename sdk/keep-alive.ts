import type { Clock } from '../contract/clock.ts'
import type { Millis } from '../contract/units.ts'

/** What is used of `WebSocket` of `ws`. */
export interface PingedSocket {
  readonly readyState: number
  ping(data: string): void
  terminate(): void
  on(event: string, listener: () => void): unknown
}

const OPEN = 1

/** Ping a socket every period, and end it when it has not answered for a whole one, however open it looks. */
export function keepAlive(socket: PingedSocket, period: Millis, clock: Clock): void {
  let heardPong = true
  const look = () => {
    if (!heardPong) return socket.terminate()
    heardPong = false
    if (socket.readyState === OPEN) socket.ping('heartbeat')
  }
  // A moment later: pongs that came while our own loop was blocked are read first.
  const beat = clock.every(period, () => void clock.after(0, look))
  socket.on('pong', () => (heardPong = true))
  socket.on('close', beat.cancel)
}
