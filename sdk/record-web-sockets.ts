/**
 * Wraps a WebSocket server of the `ws` package: every message of a run that is sent over one of its sockets becomes a
 * recorded delivery. What is sent, and when, stays the server's business.
 *
 * ```
 *   socket.send(frame) ──▶ emitted, queued ──▶ written       the send callback
 *      └─ ping "run:seq" ──────────────────▶ transported     its pong
 *         ack of @laststep/client ─────────▶ received, handled
 * ```
 */
import { readClientFrame } from '../contract/frames.ts'
import { newId } from '../contract/ids.ts'
import type { Millis } from '../contract/units.ts'
import { createDeliveryRecorder } from './delivery-recorder.ts'
import { followMessages } from './follow-messages.ts'
import { keepAlive } from './keep-alive.ts'
import { countAttempts, numberMessages } from './number-messages.ts'
import { readMessage, type MessageOf } from './read-message.ts'
import { recordConnection } from './record-connection.ts'
import type { Reporter } from './reporter.ts'
import { sendToAll, transmit, type SendCallback, type Sender, type Target } from './transmit-message.ts'

/** What is used of `IncomingMessage` of `node:http`. */
export interface UpgradeRequest {
  readonly url?: string | undefined
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
}

/** What is used of `WebSocketServer` of `ws`. */
export interface WsServer {
  handleUpgrade(...values: never[]): void
}

/** What is used of `WebSocket` of `ws`. */
export interface WsSocket {
  readonly readyState: number
  readonly bufferedAmount: number
  /** The subprotocol that was chosen; empty without one. */
  readonly protocol?: string
  send(data: never, options: never, callback: never): void
  ping(data: string): void
  close(code?: number, reason?: never): void
  terminate(): void
  emit(event: string | symbol, ...values: never[]): boolean
  on(event: string, listener: (...values: never[]) => void): unknown
}

export interface RecordSocketsOptions {
  /** Which run a message belongs to; by the fields of Laststep's own frames unless given. */
  readonly messageOf?: MessageOf
  /** Whose connection it is, for the record; told when it is known. */
  userOf?(request: UpgradeRequest): string | null | undefined | Promise<string | null | undefined>
  /** The instance that gives the seqs, as the frames say it; the reporter's instance id unless given. */
  readonly epoch?: string
  /** A larger message of a run is not sent: `dropped{too-big}`. Without a limit unless given. */
  readonly bytesMax?: number
  /** A client that lets more than this pile up is disconnected: `dropped{backpressure}`. Never unless given. */
  readonly backlogBytesMax?: number
  /** Ping this often, and end a socket that did not answer the last time. Never unless given. */
  readonly heartbeatMs?: Millis
}

export interface RecordedSockets<Socket> {
  /**
   * Send one frame of a run to some of the server's sockets. A frame without JSON, or for nobody, is recorded as
   * dropped; one whose JSON leaves something out says what. Never throws.
   */
  send(sockets: Iterable<Socket>, frame: object): void
  /** The id under which a socket is recorded; null for a socket of another server. */
  connectionIdOf(socket: Socket): string | null
}

interface LooseServer {
  handleUpgrade(
    request: UpgradeRequest,
    stream: unknown,
    head: unknown,
    take: (socket: LooseSocket, request: UpgradeRequest) => void,
  ): void
}

type LooseSocket = WsSocket & {
  readonly _closeFrameReceived?: boolean
  send(data: unknown, options?: unknown, callback?: SendCallback): void
  emit(event: string | symbol, ...values: unknown[]): boolean
  on(event: string, listener: (...values: unknown[]) => void): unknown
}

interface Recording {
  readonly reporter: Reporter
  readonly sender: Sender
  readonly options: RecordSocketsOptions
}

const OPEN = 1
/** Acks are short; anything longer is not read twice. */
const ACK_BYTES_MAX = 4_096

/** Not by parsing: the address is the client's, and need not be one. */
const PROMISES_ACKS = /[?&]acks=1(&|$)/

/** @throws TypeError when it is no server of `ws`. */
export function recordWebSockets<Socket extends WsSocket>(
  server: WsServer,
  reporter: Reporter,
  options: RecordSocketsOptions = {},
): RecordedSockets<Socket> {
  if (typeof server.handleUpgrade !== 'function')
    throw new TypeError('laststep: recordWebSockets needs a WebSocketServer of the package ws')
  const epoch = options.epoch ?? reporter.instanceId
  const { messageOf, bytesMax = Infinity, backlogBytesMax = Infinity } = options
  const recorder = createDeliveryRecorder(reporter, { epoch })
  const limits = { bytesMax, backlogBytesMax }
  const sender: Sender = { recorder, epoch, limits, messageOf, numbers: numberMessages() }
  const recording = { reporter, sender, options }
  const known = new WeakMap<object, Target>()

  // Every way into the server comes by here, also the `noServer` one, and before anybody can send.
  const loose = server as unknown as LooseServer
  const handleUpgrade = loose.handleUpgrade.bind(server)
  loose.handleUpgrade = (request, stream, head, take) =>
    handleUpgrade(request, stream, head, (socket, itsRequest) => {
      known.set(socket, wrapSocket(recording, socket, itsRequest))
      take(socket, itsRequest)
    })

  return {
    send(sockets, frame) {
      const targets = Array.from(sockets, (socket) => known.get(socket)).filter((target) => target !== undefined)
      sendToAll(sender, targets, frame)
    },
    connectionIdOf: (socket) => known.get(socket)?.id ?? null,
  }
}

function wrapSocket(recording: Recording, socket: LooseSocket, request: UpgradeRequest): Target {
  const { reporter, sender, options } = recording
  const id = newId('conn')
  const acks = PROMISES_ACKS.test(request.url ?? '')
  const follower = followMessages({
    clock: reporter.clock,
    fence: (text) => {
      if (socket.readyState === OPEN) socket.ping(text)
    },
  })
  const target: Target = { id, acks, socket, follower, sendRaw: socket.send.bind(socket), attempts: countAttempts() }

  socket.send = (data: unknown, options?: unknown, callback?: SendCallback) => {
    const done = typeof options === 'function' ? (options as SendCallback) : callback
    const sendOptions = typeof options === 'function' ? undefined : options
    const frame = parseFrame(data, sender.messageOf)
    const message = frame === undefined ? null : readMessage({ event: null, frame }, sender.messageOf)
    if (message === null) return target.sendRaw(data, sendOptions, done)
    const seq = message.seq ?? sender.numbers.numberOf(message.runId, data, target)
    return transmit(sender, target, { ...message, seq }, { text: data as string, frame, sendOptions, done })
  }

  // An ack is meant for us and not for the server's own listeners.
  const emit = socket.emit.bind(socket)
  socket.emit = (event, ...values: unknown[]) => {
    const ack = event === 'message' ? readAck(values[0]) : null
    if (ack === null) return emit(event, ...values)
    if (ack.epoch === sender.epoch) follower.acknowledge(ack)
    return true
  }

  socket.on('pong', (payload) => follower.fenceAnswered(String(payload)))
  socket.on('close', follower.stop)
  if (options.heartbeatMs !== undefined) keepAlive(socket, options.heartbeatMs, reporter.clock)
  watchConnection(recording, socket, target, request)
  return target
}

/** `opened`, `authenticated` and `ready`, then `closed` with what this end saw and who began it. */
function watchConnection(
  { reporter, options }: Recording,
  socket: LooseSocket,
  { id, acks }: Target,
  request: UpgradeRequest,
): void {
  const refused = request.headers['sec-websocket-protocol'] !== undefined && socket.protocol === ''
  const offer = refused ? { subprotocolRefused: true } : {}
  recordConnection(reporter, { connectionId: id, state: 'opened', acks, ...offer })
  const ready = (userId: string | null | undefined) => {
    const user = typeof userId === 'string' ? { userId } : {}
    if (typeof userId === 'string')
      recordConnection(reporter, { connectionId: id, state: 'authenticated', acks, ...user })
    recordConnection(reporter, { connectionId: id, state: 'ready', acks, ...user })
  }
  // Who it is may be found out meanwhile; a server that fails to has closed the socket for it.
  Promise.resolve()
    .then(() => options.userOf?.(request))
    .then(ready, () => {})

  let closedByUs = false
  for (const name of ['close', 'terminate'] as const) {
    const end = socket[name].bind(socket) as (...values: unknown[]) => void
    socket[name] = (...values: unknown[]) => {
      // `ws` answers the client's close frame by the same method.
      closedByUs ||= socket.readyState === OPEN && socket._closeFrameReceived !== true
      end(...values)
    }
  }
  socket.on('close', (code, reason) => {
    // 1006 is never sent: the socket went away without a close frame.
    const closedBy = closedByUs ? 'server' : code === 1006 ? 'network' : 'client'
    const closed = { closeCode: Number(code), closeReason: String(reason), closedBy } as const
    recordConnection(reporter, { connectionId: id, state: 'closed', ...closed })
  })
}

/** A JSON object in text form; undefined for anything else. */
function parseFrame(data: unknown, messageOf: MessageOf | undefined): unknown {
  if (typeof data !== 'string' || !data.startsWith('{')) return undefined
  // Cheaper than parsing: without a function of the server's own, only these names can make it a run's.
  if (!messageOf && !data.includes('run_id') && !data.includes('runId')) return undefined
  try {
    return JSON.parse(data)
  } catch {
    return undefined
  }
}

function readAck(data: unknown): { epoch: string; run_id: string; up_to: number; rendered?: number } | null {
  if (!Buffer.isBuffer(data) || data.length > ACK_BYTES_MAX || !data.includes('"ack"')) return null
  const frame = readClientFrame(data.toString())
  return 'type' in frame && frame.type === 'ack' ? frame : null
}
