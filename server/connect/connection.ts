/**
 * One user's WebSocket once it is ready: sends frames and learns how far each one got. A frame is `queued` here and
 * `written` when the send callback says that the kernel took it; the rest is `followMessages` of the SDK.
 *
 * The runtime uses that directly and not the SDK's wrap of `ws`: the hub knows each frame's run, seq, span and attempt,
 * which the wrap would have to read back out of the text, once per connection.
 */
import type { WebSocket } from 'ws'
import { followMessages, keepAlive, type Delivery } from '@laststep/sdk'
import type { Clock } from '../../contract/clock.ts'
import type { ClientFrame } from '../../contract/frames.ts'
import { seconds, type Millis } from '../../contract/units.ts'
import { isTerminalEvent, type EventType } from '../../contract/events.ts'

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
  /** Send a close frame; who ended it is kept where all ends come together. */
  close(code: number, reason: string): void
  /** End it at once. */
  terminate(): void
}

/** A half-open socket shows within two of them; the strictest proxies cut a connection that is idle for 30 s. */
const HEARTBEAT_MS: Millis = seconds(15)
/** A client that lets this much pile up is disconnected rather than waited for. */
const BACKLOG_BYTES_MAX = 4 * 2 ** 20

export function createConnection({ id, userId, socket, clock, close, terminate }: ConnectionSettings): Connection {
  const follower = followMessages({
    clock,
    fence: (text) => {
      if (socket.readyState === socket.OPEN) socket.ping(text)
    },
  })

  socket.on('pong', (payload) => follower.fenceAnswered(payload.toString()))
  keepAlive(socket, HEARTBEAT_MS, clock)

  const gone = new Promise<void>((resolve) => {
    socket.once('close', () => {
      follower.stop()
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
        return terminate()
      }
      delivery.reach('queued')
      socket.send(message.text, (error) => (error ? delivery.fail(error) : delivery.reach('written')))
      follower.sent({ runId: message.runId, seq: message.seq, isLast: isTerminalEvent(message.type) }, delivery)
    },
    acknowledge: follower.acknowledge,
    close,
    drop: () => socket.terminate(),
    gone,
  }
}
