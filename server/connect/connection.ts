/**
 * One user's WebSocket once it is ready: sends frames and learns how far each one got.
 *
 * ```
 *   send ──▶ queued ──▶ written          the send callback: the kernel took the bytes, nothing more
 *     └─ ping "run:seq" ──▶ transported  its pong: the peer's WebSocket stack consumed everything before the ping
 *                        ──▶ received    the client's cumulative ack: its code saw the frame
 *                        ──▶ handled     the ack's `rendered`
 * ```
 */
import type { WebSocket } from 'ws'
import type { Delivery } from '@laststep/sdk'
import type { Clock, Timer } from '../../contract/clock.ts'
import type { ClientFrame } from '../../contract/frames.ts'
import { seconds, type Millis } from '../../contract/units.ts'
import { isCriticalEvent, isTerminalEvent, type EventType } from '../../contract/events.ts'

/** A frame of a run on its way to one connection. */
export interface Message {
  readonly runId: string
  readonly seq: number
  readonly type: EventType
  readonly text: string
}

export interface Connection {
  readonly id: string
  readonly userId: string
  /** A frame that belongs to no run. */
  say(text: string): void
  send(message: Message, delivery: Delivery): void
  acknowledge(ack: Extract<ClientFrame, { type: 'ack' }>): void
  close(code: number, reason: string): void
  /** Without a close frame: for a peer that does not answer one. */
  drop(): void
  /** Resolves when the socket has closed, by whomever. */
  readonly gone: Promise<void>
}

export interface ConnectionSettings {
  readonly id: string
  readonly userId: string
  readonly socket: WebSocket
  readonly clock: Clock
  /** Send a close frame; the connection does not know who else may close it. */
  close(code: number, reason: string): void
}

/** Below the 30 s after which the strictest proxies cut an idle connection. */
const HEARTBEAT_MS: Millis = seconds(25)
/** Events that are not critical share a fence. */
const FENCE_DELAY_MS: Millis = 250
/** A client that lets this much pile up is disconnected rather than waited for. */
const BACKLOG_BYTES_MAX = 4 * 2 ** 20
/** Messages whose fate is still followed, per connection. */
const FOLLOWED_MAX = 1_024

export function createConnection({ id, userId, socket, clock, close }: ConnectionSettings): Connection {
  /** In the order of sending, which is the order of arrival. */
  let followed: Followed[] = []
  let pendingFence: Timer | null = null
  let unfenced: Message | null = null
  let heardPong = true

  socket.on('pong', (payload) => {
    heardPong = true
    const fence = readFence(payload.toString())
    const last = fence && followed.findLastIndex(({ runId, seq }) => runId === fence.runId && seq === fence.seq)
    if (last === null) return
    for (const message of followed.slice(0, last + 1)) advance(message, 'transported')
  })

  const heartbeat = clock.every(HEARTBEAT_MS, () => {
    // No pong for a whole period: the peer is gone though the socket looks open.
    if (!heardPong) return socket.terminate()
    heardPong = false
    if (socket.readyState === socket.OPEN) socket.ping('heartbeat')
  })

  const gone = new Promise<void>((resolve) => {
    socket.once('close', () => {
      heartbeat.cancel()
      pendingFence?.cancel()
      resolve()
    })
  })

  return {
    id,
    userId,
    say: (text) => {
      if (socket.readyState === socket.OPEN) socket.send(text, () => {})
    },
    send(message, delivery) {
      // After a close `send` without a callback is a silent no-op; asking first gives the loss its name.
      if (socket.readyState !== socket.OPEN) return delivery.drop('closed')
      if (socket.bufferedAmount > BACKLOG_BYTES_MAX) {
        delivery.drop('backpressure')
        return socket.terminate()
      }
      delivery.reach('queued')
      socket.send(message.text, (error) => (error ? delivery.fail(error) : delivery.reach('written')))
      followed.push({ ...message, delivery, confirmed: null })
      if (followed.length > FOLLOWED_MAX) followed = followed.slice(FOLLOWED_MAX / 2)
      fence(message)
    },
    acknowledge({ run_id, up_to, rendered }) {
      const isCovered = ({ runId, seq }: Message) => runId === run_id && seq <= up_to
      for (const message of followed.filter(isCovered)) {
        advance(message, 'received')
        if (rendered !== undefined && message.seq <= rendered) advance(message, 'handled')
      }
      // Clients tell of rendering after receipt, or never; what is only received is followed for as long as there is room.
      followed = followed.filter(({ confirmed }) => confirmed !== 'handled')
    },
    close,
    drop: () => socket.terminate(),
    gone,
  }

  /** A pong proves everything sent before its ping, so one fence covers all that came since the last. */
  function fence(message: Message): void {
    unfenced = message
    if (isCriticalEvent(message.type) || isTerminalEvent(message.type)) sendFence()
    else pendingFence ??= clock.after(FENCE_DELAY_MS, sendFence)
  }

  function sendFence(): void {
    pendingFence?.cancel()
    pendingFence = null
    if (unfenced && socket.readyState === socket.OPEN) socket.ping(`${unfenced.runId}:${unfenced.seq}`)
    unfenced = null
  }
}

/** States confirmed by the other side, in order; one that is reached covers those before it. */
const CONFIRMATIONS = ['transported', 'received', 'handled'] as const
type Confirmation = (typeof CONFIRMATIONS)[number]

/** A message whose fate is not settled. */
interface Followed extends Message {
  readonly delivery: Delivery
  confirmed: Confirmation | null
}

function advance(message: Followed, to: Confirmation): void {
  const { confirmed } = message
  if (confirmed !== null && CONFIRMATIONS.indexOf(confirmed) >= CONFIRMATIONS.indexOf(to)) return
  message.confirmed = to
  message.delivery.reach(to)
}

function readFence(payload: string): { runId: string; seq: number } | null {
  const match = /^(run_\w+):(\d+)$/.exec(payload)
  return match?.[1] && match[2] ? { runId: match[1], seq: Number(match[2]) } : null
}
