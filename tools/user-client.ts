/**
 * A user's client of the reference runtime for tests and simulations: `@laststep/client` on a real WebSocket, with a
 * memory of every frame and some misfortunes. It stays away when it is disconnected.
 */
import { WebSocket } from 'ws'
import { connect, type Client, type SocketLike } from '../client/index.ts'
import { systemClock, type Clock } from '../contract/clock.ts'
import { isTerminalEvent } from '../contract/events.ts'
import type { ClientFrame, ServerFrame } from '../contract/frames.ts'
import { seconds, type Millis } from '../contract/units.ts'

export interface UserClient {
  /** Every frame so far, in the order of arrival. */
  readonly frames: readonly ServerFrame[]
  readonly isOpen: boolean
  /** The subprotocol the server chose; empty without one. */
  readonly protocol: string
  send(frame: ClientFrame): void
  sendText(text: string): void
  /** Ask an agent. Resolves with the run's id once the runtime has accepted it. @throws Error when it rejects or stays silent */
  ask(text: string, options?: AskOptions): Promise<string>
  /**
   * The first frame that fits, also among those that came before.
   * @throws Error after `limit` (10 s) or when the connection closes, naming the types that did come
   */
  waitFor(fits: (frame: ServerFrame) => boolean, limit?: Millis): Promise<ServerFrame>
  /** The run's terminal frame. */
  waitForEnd(runId: string, limit?: Millis): Promise<ServerFrame>
  /** Drop the frames so far; a client that lives for days must not remember them all. */
  forget(): void
  /** Go deaf: pause the socket. The connection stays open, nothing is read, no ping is answered. */
  stopReading(): void
  readAgain(): void
  /** Vanish without a close frame. */
  drop(): void
  close(): Promise<void>
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>
}

export interface AskOptions {
  readonly agent?: string
  readonly fault?: string
  readonly threadId?: string
}

export interface UserClientSettings {
  /** `ws://127.0.0.1:4320/ws` */
  readonly url: string
  /** Null: connect without one. */
  readonly token: string | null
  /** How the token travels. */
  readonly via?: 'header' | 'subprotocol'
  /** Acknowledge what arrives (default true). */
  readonly acks?: boolean
  /** Say in the acks that what arrived is on the screen (default true). */
  readonly renders?: boolean
  readonly clock?: Clock
}

const WAIT_MS: Millis = seconds(10)
const ANSWERS = new Set<string>(['run_accepted', 'run_rejected', 'error'])

/** Get a token where the runtime hands them out: `http` is its address. @throws Error with the runtime's answer */
export async function fetchToken(http: string, user: string, lifetime?: Millis): Promise<string> {
  const response = await fetch(`${http}/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user, ...(lifetime === undefined ? {} : { lifetime_s: lifetime / 1_000 }) }),
  })
  if (!response.ok) throw new Error(`no token for ${user}: ${response.status} ${await response.text()}`)
  const { token } = (await response.json()) as { token: string }
  return token
}

/** @returns once the socket is open; a refusal shows as an `error` frame and in `closed` */
export async function connectUser(settings: UserClientSettings): Promise<UserClient> {
  const { url, token, via = 'header', acks = true, renders = true, clock = systemClock } = settings
  const headers = token !== null && via === 'header' ? { authorization: `Bearer ${token}` } : {}
  const frames: ServerFrame[] = []
  const listeners = new Set<() => void>()
  let client: Client | null = null
  const socket = await new Promise<WebSocket>((resolve) => {
    client = connect({
      url,
      acks,
      clock,
      reconnect: false,
      ...(renders ? {} : { rendered: 'by-hand' as const }),
      ...(token !== null && via === 'subprotocol' ? { token: () => token } : {}),
      open(address, protocols) {
        const opening = new WebSocket(address, protocols, { headers })
        // Every frame, also one the client has seen before and keeps from its app.
        opening.on('message', (data) => {
          frames.push(JSON.parse(String(data)) as ServerFrame)
          for (const listener of listeners) listener()
        })
        resolve(opening)
        return opening satisfies SocketLike
      },
      onFrame: () => {},
    })
  })
  let closeCode: number | null = null
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.once('close', (code, reason) => {
      closeCode = code
      resolve({ code, reason: reason.toString() })
      for (const listener of listeners) listener()
    })
  })
  await opened(socket)

  const waitFor: UserClient['waitFor'] = (fits, limit = WAIT_MS) =>
    new Promise((resolve, reject) => {
      const timer = clock.after(limit, () => giveUp(`not seen within ${limit} ms`))
      const finish = () => {
        timer.cancel()
        listeners.delete(look)
      }
      const giveUp = (why: string) => {
        finish()
        reject(new Error(`${why}; came: ${frames.map(({ type }) => type).join(', ')}`))
      }
      const look = () => {
        const found = frames.find(fits)
        if (found) {
          finish()
          resolve(found)
        } else if (closeCode !== null) giveUp(`the connection closed with ${closeCode}`)
      }
      listeners.add(look)
      look()
    })

  // The runtime answers in the order of asking, so each answer belongs to the first who still waits.
  const claimed = new WeakSet<ServerFrame>()
  const claim = (frame: ServerFrame) => !claimed.has(frame) && claimed.add(frame).has(frame)

  const send = (frame: ClientFrame) => void client?.send(frame)
  return {
    frames,
    get isOpen() {
      return socket.readyState === socket.OPEN
    },
    protocol: socket.protocol,
    send,
    sendText: (text) => socket.send(text),
    async ask(text, { agent, fault, threadId } = {}) {
      const seen = frames.length
      send({
        type: 'start_agent',
        ...(threadId === undefined ? {} : { thread_id: threadId }),
        payload: {
          user_request: text,
          ...(agent === undefined ? {} : { agent }),
          ...(fault === undefined ? {} : { fault }),
        },
      })
      const answer = await waitFor((frame) => ANSWERS.has(frame.type) && frames.indexOf(frame) >= seen && claim(frame))
      if (answer.run_id === null) throw new Error(`not accepted: ${JSON.stringify(answer.payload)}`)
      return answer.run_id
    },
    waitFor,
    waitForEnd: (runId, limit) => waitFor((frame) => frame.run_id === runId && isTerminalEvent(frame.type), limit),
    forget: () => void (frames.length = 0),
    stopReading: () => socket.pause(),
    readAgain: () => socket.resume(),
    drop: () => socket.terminate(),
    async close() {
      socket.close(1000)
      await closed
    },
    closed,
  }
}

/** @throws Error when the handshake fails */
function opened(socket: WebSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
  })
}
