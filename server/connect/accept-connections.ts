/**
 * From a handshake to a ready connection:
 *
 * ```
 * connect ──▶ auth ──▶ ready ──▶ frames
 *                │        └──▶ error frame, close 1013        the user has too many
 *                └──▶ error frame, close 4401                 a browser cannot see an HTTP 401
 * ```
 *
 * Each is a span of one short trace that ends when the connection is ready, and a `laststep.connection` record.
 */
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { SpanStatusCode, context, trace, type Span, type Tracer } from '@opentelemetry/api'
import { WebSocketServer, type WebSocket } from 'ws'
import { ATTR } from '../../contract/attributes.ts'
import type { Clock } from '../../contract/clock.ts'
import type { ConnectionState } from '../../contract/deliveries.ts'
import { CLOSE } from '../../contract/frames.ts'
import { newId } from '../../contract/ids.ts'
import type { Phase } from '../../contract/phases.ts'
import type { Instant } from '../../contract/units.ts'
import type { ArrivalSabotage } from '../arrival-sabotage.ts'
import type { Log } from '../log.ts'
import type { Payload } from '../run-scope.ts'
import { createConnection, type Connection } from './connection.ts'
import { holdEarlyMessages } from './early-messages.ts'
import { formatFrame } from './format-frame.ts'
import type { Places } from './places.ts'
import { chooseSubprotocol, readToken } from './read-token.ts'
import { TokenRefused, type TokenHolder, type Tokens } from './tokens.ts'

export interface AcceptSettings {
  readonly server: Server
  readonly path: string
  readonly epoch: string
  readonly clock: Clock
  readonly tokens: Tokens
  readonly tracer: Tracer
  readonly log: Log
  readonly places: Places
  /** What goes wrong with the next arrival. */
  sabotage(): ArrivalSabotage
  /** One state of one connection, for the collector. */
  record(connectionId: string, state: ConnectionState, details?: ConnectionDetails): void
  /** @returns what the client is told of its connection besides its id and user */
  opened(connection: Connection): Payload
  /** One message of the client, as text. */
  received(connection: Connection, text: string): void
  closed(connection: Connection): void
}

export interface ConnectionDetails {
  readonly userId?: string
  readonly acks?: boolean
  readonly subprotocolRefused?: boolean
  readonly closeCode?: number
  readonly closeReason?: string
  readonly closedBy?: 'client' | 'server' | 'network'
}

/** Frames from clients are short; a longer one closes the connection with 1009. */
const MESSAGE_BYTES_MAX = 64 * 1024

export function acceptConnections(settings: AcceptSettings): void {
  const { server, path, log } = settings
  const sabotages = new WeakMap<IncomingMessage, ArrivalSabotage>()
  const handshakes = new WebSocketServer({
    noServer: true,
    maxPayload: MESSAGE_BYTES_MAX,
    handleProtocols: (offered, request) =>
      sabotages.get(request)?.takesSubprotocol === false ? false : chooseSubprotocol(offered),
  })
  server.on('upgrade', (request, stream, head) => {
    const url = URL.parse(request.url ?? '', 'http://runtime')
    if (url?.pathname !== path) return refuseUpgrade(stream, path)
    const sabotage = settings.sabotage()
    sabotages.set(request, sabotage)
    handshakes.handleUpgrade(request, stream, head, (socket) => {
      const acks = url.searchParams.get('acks') === '1'
      const arrival: Arrival = { id: newId('conn'), socket, request, acks, sabotage, endedByUs: null }
      void welcome(settings, arrival).catch((error: unknown) => {
        log.error({ connection: arrival.id, err: error }, 'connection failed')
        terminate(arrival)
      })
    })
  })
}

interface Arrival {
  readonly id: string
  readonly socket: WebSocket
  readonly request: IncomingMessage
  /** The client promised to acknowledge (`/ws?acks=1`). */
  readonly acks: boolean
  readonly sabotage: ArrivalSabotage
  /** How this end ended it: by a close frame whose answer counts, or at once. */
  endedByUs: 'close' | 'terminate' | null
}

async function welcome(settings: AcceptSettings, arrival: Arrival): Promise<void> {
  const { clock, epoch, record, log, path, places, tokens, tracer } = settings
  const { id, socket, request, acks, sabotage } = arrival
  const hold = () => holdEarlyMessages(socket, () => close(arrival, POLICY_VIOLATION, 'too much was sent before ready'))
  // Before the first await: the client may speak at once, and nobody else would listen (ws#1322).
  const early = sabotage.keepsEarly ? hold() : null
  const gone = watchClose(settings, arrival)
  const refused = request.headers['sec-websocket-protocol'] !== undefined && socket.protocol === ''
  record(id, 'opened', { acks, ...(refused && { subprotocolRefused: true }) })
  const attributes = { [ATTR.phase]: 'connect' satisfies Phase, [ATTR.connectionId]: id }
  const span = tracer.startSpan(`connect ${path}`, { root: true, attributes })
  try {
    const { userId, expiresAt } = await inPhase(settings, span, 'auth', async () => {
      await sabotage.beforeAuth(gone)
      return authenticate(tokens, request)
    })
    // It may have left, or said too much, in the meantime.
    if (socket.readyState !== socket.OPEN) return
    span.setAttribute(ATTR.userId, userId)
    record(id, 'authenticated', { userId, acks })
    await inPhase(settings, span, 'ready', async () => {
      sabotage.beforeReady()
      const giveBack = places.take(userId)
      if (giveBack === null) throw new TooMany(`too many connections: ${places.perUserMax} for each user`)
      if (sabotage.givesBack) socket.once('close', giveBack)
      const connection = createConnection({
        id,
        userId,
        socket,
        clock,
        close: (code, reason) => close(arrival, code, reason),
        terminate: () => terminate(arrival),
      })
      socket.once('close', () => settings.closed(connection))
      if (expiresAt !== null) closeWhenExpired(arrival, expiresAt, clock)
      const more = settings.opened(connection)
      const payload = { connection_id: id, user_id: userId, acks, ...more }
      connection.say(formatFrame('connection_established', payload, epoch, clock))
      record(id, 'ready', { userId, acks })
      const heard = early ?? hold()
      heard.release((text) => settings.received(connection, text))
    })
  } catch (error) {
    if (socket.readyState !== socket.OPEN) return
    const { code, message, closeCode } = refusalOf(error, sabotage)
    if (code === 'internal') log.error({ connection: id, err: error }, 'connection failed')
    else log.info({ connection: id, reason: message }, 'connection refused')
    socket.send(formatFrame('error', { code, message }, epoch, clock), () => {})
    close(arrival, closeCode, message)
  } finally {
    span.end()
  }
}

/** The user has as many connections as there may be. */
class TooMany extends Error {
  override readonly name = 'TooMany'
}

function refusalOf(error: unknown, { errorCode }: ArrivalSabotage) {
  if (error instanceof TokenRefused)
    return { code: 'unauthenticated', message: error.message, closeCode: CLOSE.unauthenticated }
  if (error instanceof TooMany) return { code: 'unavailable', message: error.message, closeCode: CLOSE.tooMany }
  return { code: 'internal', message: 'the connection could not be made', closeCode: errorCode }
}

async function authenticate(tokens: Tokens, request: IncomingMessage): Promise<TokenHolder> {
  const token = readToken(request)
  if (token !== null) return tokens.verify(token)
  throw new TokenRefused('no token: send Authorization: Bearer …, or the subprotocols jwt-auth and jwt.<token>')
}

/** RFC 6455 §7.4.1 */
const POLICY_VIOLATION = 1008
/** A close frame holds 125 bytes, two of them the code. */
const CLOSE_REASON_CHARS_MAX = 120

function close(arrival: Arrival, code: number, reason: string): void {
  arrival.endedByUs = 'close'
  arrival.socket.close(code, reason.slice(0, CLOSE_REASON_CHARS_MAX))
}

function terminate(arrival: Arrival): void {
  arrival.endedByUs = 'terminate'
  arrival.socket.terminate()
}

/** A connection does not outlive the token that opened it: whoever was locked out meanwhile must not keep listening. */
function closeWhenExpired(arrival: Arrival, expiresAt: Instant, clock: Clock): void {
  const timer = clock.after(expiresAt - clock.now(), () => {
    // A timer reaches 25 days; a token may live longer.
    if (clock.now() < expiresAt) closeWhenExpired(arrival, expiresAt, clock)
    else close(arrival, CLOSE.unauthenticated, 'the token has expired')
  })
  arrival.socket.once('close', () => timer.cancel())
}

/** @returns aborted when the socket has closed */
function watchClose({ record, log }: AcceptSettings, arrival: Arrival): AbortSignal {
  const gone = new AbortController()
  // Without a listener a broken frame from one client would end the process. `ws` has closed for it, and reads no answer.
  arrival.socket.on('error', (error) => {
    arrival.endedByUs ??= 'terminate'
    log.info({ connection: arrival.id, error: error.message }, 'socket error')
  })
  arrival.socket.once('close', (code, reason) => {
    const closedBy = whoClosed(arrival, code)
    record(arrival.id, 'closed', { closeCode: code, closeReason: reason.toString(), closedBy })
    gone.abort()
  })
  return gone.signal
}

function whoClosed({ endedByUs }: Arrival, code: number): 'client' | 'server' | 'network' {
  if (endedByUs === 'terminate') return 'server'
  // 1006 is never sent: the socket went away without a close frame, or without an answer to ours.
  if (code === 1006) return 'network'
  return endedByUs === null ? 'client' : 'server'
}

/** A phase of the connection as a span under its connect span, with what goes wrong recorded on it. */
async function inPhase<T>({ tracer }: AcceptSettings, connect: Span, phase: Phase, work: () => Promise<T>): Promise<T> {
  const inside = trace.setSpan(context.active(), connect)
  const span = tracer.startSpan(phase, { attributes: { [ATTR.phase]: phase } }, inside)
  try {
    return await work()
  } catch (error) {
    const thrown = error instanceof Error ? error : new Error(String(error))
    span.recordException(thrown)
    span.setStatus({ code: SpanStatusCode.ERROR, message: thrown.message })
    throw error
  } finally {
    span.end()
  }
}

function refuseUpgrade(stream: Duplex, path: string): void {
  stream.end(`HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\nThe WebSocket is at ${path}\n`)
}
