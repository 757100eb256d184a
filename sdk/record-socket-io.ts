/**
 * Wraps a server of socket.io: every message of a run that is emitted to one of its sockets, alone or with others,
 * becomes a recorded delivery.
 *
 * ```
 *   socket.emit(…), io.to(…).emit(…) ──▶ emitted ──▶ queued ──▶ written     the engine's send callback
 *      └─ engine.io ping ──────────────────────────▶ transported           its pong, in the order of the pings
 *         `laststep` event of the client ──────────▶ received, handled
 * ```
 *
 * One engine.io connection may carry sockets of several namespaces; it is the connection that is recorded.
 */
import { isTerminalEvent } from '../contract/events.ts'
import { readClientFrame } from '../contract/frames.ts'
import { newId } from '../contract/ids.ts'
import { placeOf } from '../contract/place.ts'
import { createDeliveryRecorder, type Delivery } from './delivery-recorder.ts'
import { followMessages, type MessageFollower } from './follow-messages.ts'
import { lossOfFrame } from './frame-text.ts'
import { countAttempts, numberMessages, type AttemptCounter } from './number-messages.ts'
import { readMessage, type MessageOf, type RunMessage } from './read-message.ts'
import { recordConnection } from './record-connection.ts'
import type { Sender } from './transmit-message.ts'
import type { Reporter } from './reporter.ts'

/** What is used of socket.io's `Server`. */
export interface SocketIoServer {
  readonly sockets: object
  on(event: 'new_namespace', listener: never): unknown
}

/** What is used of socket.io's `Handshake`. */
export interface Handshake {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly auth: Readonly<Record<string, unknown>>
  readonly query: Readonly<Record<string, unknown>>
}

export interface RecordSocketIoOptions {
  /** Which run a message belongs to; by the fields of its first argument unless given. */
  readonly messageOf?: MessageOf
  /** Whose connection it is, as the middleware before found out. */
  userOf?(socket: { readonly handshake: Handshake; readonly data: Record<string, unknown> }): string | null | undefined
  /** The instance that gives the seqs, as the frames say it; the reporter's instance id unless given. */
  readonly epoch?: string
  /** A larger message of a run is not sent: `dropped{too-big}`. Without a limit unless given. */
  readonly bytesMax?: number
  /** A client that lets more of its messages pile up is disconnected: `dropped{backpressure}`. Never unless given. */
  readonly backlogBytesMax?: number
}

interface Namespace {
  readonly adapter: { broadcast(packet: { data: unknown[] }, options: unknown): void }
  prependListener(event: 'connection', listener: (socket: Socket) => void): void
}

interface Socket {
  readonly connected: boolean
  readonly client: { readonly conn: Conn }
  readonly handshake: Handshake
  readonly data: Record<string, unknown>
  emit(event: string, ...values: unknown[]): boolean
  on(event: string, listener: (...values: unknown[]) => void): unknown
  onAnyOutgoing(listener: (event: string, ...values: unknown[]) => void): unknown
}

/** engine.io's end of a connection. */
interface Conn {
  readonly readyState: string
  readonly protocol: number
  write(data: unknown, options: unknown, callback?: () => void): unknown
  sendPacket?(type: 'ping'): void
  close(discard: boolean): void
  on(event: string, listener: (...values: never[]) => void): unknown
}

/** One connection with all its sockets. */
interface Link {
  readonly id: string
  readonly acks: boolean
  readonly follower: MessageFollower
  readonly attempts: AttemptCounter
  /** What socket.io is about to write, told a moment before. */
  announced: { readonly message: RunMessage & { readonly seq: number }; readonly delivery: Delivery } | null
  /** Bytes of messages that are not written yet. */
  backlogBytes: number
}

/** socket.io-parser: a packet that other packets with its bytes belong to. */
const BINARY_EVENT = '5'

/**
 * Call it before the first connection, and after the adapter is set.
 * @throws TypeError when it is no server of socket.io.
 */
export function recordSocketIo(io: SocketIoServer, reporter: Reporter, options: RecordSocketIoOptions = {}): void {
  const main = io.sockets as Partial<Namespace> | undefined
  if (typeof main?.prependListener !== 'function')
    throw new TypeError('laststep: recordSocketIo needs a Server of the package socket.io')
  const epoch = options.epoch ?? reporter.instanceId
  const { messageOf, bytesMax = Infinity, backlogBytesMax = Infinity } = options
  const recorder = createDeliveryRecorder(reporter, { epoch })
  const sender: Sender = {
    recorder,
    epoch,
    limits: { bytesMax, backlogBytesMax },
    messageOf,
    numbers: numberMessages(),
  }
  const links = new WeakMap<Conn, Link>()

  const watch = (namespace: Namespace) => {
    let acknowledging = 0
    namespace.prependListener('connection', (socket) => {
      const { conn } = socket.client
      const link = links.get(conn) ?? openLink(sender, reporter, options, socket)
      links.set(conn, link)
      if (link.acks) acknowledging++
      socket.on('disconnect', () => link.acks && acknowledging--)
      wrapSocket(sender, link, socket)
    })
    const broadcast = namespace.adapter.broadcast.bind(namespace.adapter)
    namespace.adapter.broadcast = (packet, opts) => {
      // Everybody gets the same bytes; a field more does no harm to those who do not acknowledge.
      const data = acknowledging > 0 ? withPlace(sender, packet.data, null) : packet.data
      broadcast({ ...packet, data }, opts)
    }
  }
  watch(main as Namespace)
  io.on('new_namespace', watch as never)
}

function wrapSocket(sender: Sender, link: Link, socket: Socket): void {
  socket.onAnyOutgoing((event, frame) => announce(sender, link, socket, event, frame))

  const emit = socket.emit.bind(socket)
  socket.emit = (...given) => {
    const [event, ...values] = link.acks ? withPlace(sender, given, link) : given
    try {
      return emit(event as string, ...values)
    } catch (error) {
      // What has no JSON stays the caller's to know, but is recorded.
      link.announced?.delivery.drop('serialize')
      link.announced = null
      throw error
    }
  }

  socket.on('laststep', (value) => {
    const frame = readClientFrame(JSON.stringify(value) ?? '')
    if ('type' in frame && frame.type === 'ack' && frame.epoch === sender.epoch) link.follower.acknowledge(frame)
  })
}

/** socket.io tells of each message and each socket right before it writes to the socket's connection. */
function announce(sender: Sender, link: Link, socket: Socket, event: string, frame: unknown): void {
  link.announced = null
  const message = readMessage({ event, frame }, sender.messageOf)
  if (message === null) return
  const seq = message.seq ?? sender.numbers.numberOf(message.runId, frame, link)
  const attempt = link.attempts.attemptOf(message.runId, seq)
  const lost = lossOfFrame(frame, true)
  const delivery = sender.recorder.message({
    ...message,
    seq,
    attempt,
    connectionId: link.id,
    ...(lost === null ? {} : { lost }),
  })
  // Its connection may still be there, for another namespace or a moment longer; nobody would listen.
  if (!socket.connected) return delivery.drop('closed')
  const announced = { message: { ...message, seq }, delivery }
  link.announced = announced
  queueMicrotask(() => {
    if (link.announced !== announced) return
    link.announced = null
    // A volatile message to a client that is behind, or the connection went away.
    delivery.drop(socket.client.conn.readyState === 'open' ? 'backpressure' : 'closed')
  })
}

function openLink(sender: Sender, reporter: Reporter, options: RecordSocketIoOptions, socket: Socket): Link {
  const { conn } = socket.client
  const { auth, query } = socket.handshake
  const acks = auth['acks'] === true || query['acks'] === '1'
  /** Of every ping on its way the fence it is, null for engine.io's own: pongs come in the order of the pings. */
  const pings: (string | null)[] = []
  let fence: string | null = null
  const follower = followMessages({
    clock: reporter.clock,
    fence(text) {
      // Before protocol 4 it is the client that pings.
      if (conn.readyState !== 'open' || conn.protocol < 4) return
      fence = text
      conn.sendPacket?.('ping')
      fence = null
    },
  })
  conn.on('packetCreate', ({ type }: { type: string }) => type === 'ping' && pings.push(fence))
  conn.on('heartbeat', () => {
    const answered = pings.shift()
    if (answered) follower.fenceAnswered(answered)
  })
  const link: Link = { id: newId('conn'), acks, follower, attempts: countAttempts(), announced: null, backlogBytes: 0 }
  wrapWrite(sender, link, conn)
  watchConnection(reporter, options, link, socket)
  return link
}

function wrapWrite({ limits }: Sender, link: Link, conn: Conn): void {
  const write = conn.write.bind(conn)
  conn.write = (data, options, callback) => {
    const { announced } = link
    link.announced = null
    if (announced === null) return write(data, options, callback)
    const { delivery, message } = announced
    const bytes = typeof data === 'string' ? Buffer.byteLength(data) : 0
    // The packets with its bytes would be left over.
    const isWhole = typeof data === 'string' && !data.startsWith(BINARY_EVENT)
    if (isWhole && bytes > limits.bytesMax) return delivery.drop('too-big')
    if (link.backlogBytes > limits.backlogBytesMax) {
      delivery.drop('backpressure')
      return conn.close(true)
    }
    delivery.reach('queued')
    link.backlogBytes += bytes
    const done = write(data, options, () => {
      link.backlogBytes -= bytes
      delivery.reach('written')
      callback?.()
    })
    const { runId, seq, event } = message
    // Behind all packets of this message.
    queueMicrotask(() => link.follower.sent({ runId, seq, isLast: isTerminalEvent(event) }, delivery))
    return done
  }
}

/** Reasons of engine.io and socket.io for an end. `transport close` says nothing of who began it. */
const CLOSED_BY: Readonly<Record<string, 'client' | 'server' | 'network'>> = {
  'client namespace disconnect': 'client',
  'server namespace disconnect': 'server',
  'server shutting down': 'server',
  'forced close': 'server',
  'ping timeout': 'network',
  'transport error': 'network',
}

function watchConnection(reporter: Reporter, { userOf }: RecordSocketIoOptions, link: Link, socket: Socket): void {
  const { id: connectionId, acks } = link
  const userId = userOf?.(socket)
  const user = typeof userId === 'string' ? { userId } : {}
  recordConnection(reporter, { connectionId, state: 'opened', acks })
  if (typeof userId === 'string') recordConnection(reporter, { connectionId, state: 'authenticated', acks, ...user })
  recordConnection(reporter, { connectionId, state: 'ready', acks, ...user })
  let goodbye: string | null = null
  socket.on('disconnect', (reason) => (goodbye = String(reason)))
  socket.client.conn.on('close', (reason: string) => {
    link.follower.stop()
    const closedBy = CLOSED_BY[goodbye ?? reason] ?? CLOSED_BY[reason]
    recordConnection(reporter, {
      connectionId,
      state: 'closed',
      closeReason: goodbye ?? reason,
      ...(closedBy && { closedBy }),
    })
  })
}

/** The event's values, the first with its place where it has none of its own. */
function withPlace(sender: Sender, values: unknown[], link: Link | null): unknown[] {
  const [event, frame, ...rest] = values
  const message = placeOf(frame) ? null : readMessage({ event: String(event), frame }, sender.messageOf)
  if (message === null || typeof frame !== 'object') return values
  const seq = message.seq ?? sender.numbers.numberOf(message.runId, frame, link)
  return [event, { ...frame, laststep: { run_id: message.runId, seq, epoch: sender.epoch } }, ...rest]
}
