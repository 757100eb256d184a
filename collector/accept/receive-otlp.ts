/** Where a span enters: OTLP over HTTP, traces and logs, protobuf and JSON. On plain `node:http`: this path is hot. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { systemClock, type Clock } from '../../contract/clock.ts'
import { seconds, type Millis } from '../../contract/units.ts'
import type { Encoding } from '../entry.ts'
import { corsHeaders, preflightHeaders, type CorsHeaders } from './allow-origin.ts'
import { Refusal, refusalAnswer, successAnswer, type Answer, type RequestKind } from './answer.ts'
import { createBytesInFlight, type BytesInFlight } from './bytes-in-flight.ts'
import { watchConnectionAges, type ConnectionAges } from './connection-ages.ts'
import { BODY_BYTES_MAX, STOP_GRACE } from './limits.ts'
import { createBodyReader, type Body, type BodyReader } from './read-body.ts'
import {
  newCounts,
  refusalOf,
  takeRequest,
  type Counts,
  type ErrorLog,
  type NoteRefused,
  type Take,
} from './take-request.ts'

export type { Accepted } from './take-request.ts'

/** What both doors are told. */
export interface OtlpSettings {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  /** Largest body, as sent and decompressed. */
  readonly bodyBytesMax?: number
  /** The room for all bodies together, from their first byte until they are answered; doors may share one. */
  readonly inFlight?: BytesInFlight
  readonly take: Take
  readonly refused?: NoteRefused
  readonly log: ErrorLog
  readonly clock?: Clock
}

export interface OtlpHttpSettings extends OtlpSettings {
  /** Origins whose pages may send: `https://app.example.com`. None when left out. */
  readonly corsOrigins?: readonly string[]
}

export interface OtlpReceiver {
  /** `http://127.0.0.1:4318` */
  readonly address: string
  readonly counts: Readonly<Counts>
  stop(): Promise<void>
}

const HEADERS_TIMEOUT: Millis = seconds(10)
const REQUEST_TIMEOUT: Millis = seconds(30)
/** How often Node looks for requests past their time. */
const TIMEOUT_CHECK: Millis = seconds(2)
const KEEP_ALIVE_TIMEOUT: Millis = seconds(65)
const DISCARDED_MAX = 2 * BODY_BYTES_MAX

/** @throws when the address cannot be listened on */
export async function startOtlpHttp(settings: OtlpHttpSettings): Promise<OtlpReceiver> {
  const { bodyBytesMax = BODY_BYTES_MAX, inFlight = createBytesInFlight(), clock = systemClock } = settings
  const door: Door = {
    settings,
    corsOrigins: settings.corsOrigins ?? [],
    counts: newCounts(),
    bodies: createBodyReader(bodyBytesMax, inFlight),
    ages: watchConnectionAges(clock),
    isClosing: false,
  }
  const server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT,
      requestTimeout: REQUEST_TIMEOUT,
      connectionsCheckingInterval: TIMEOUT_CHECK,
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT,
      noDelay: true,
    },
    (request, response) => void receive(request, response, door),
  )
  server.on('connection', door.ages.opened)
  await listen(server, settings)
  return {
    address: addressOf(server),
    counts: door.counts,
    stop() {
      door.isClosing = true
      return close(server, clock)
    },
  }
}

/** What every request needs. */
interface Door {
  readonly settings: OtlpSettings
  readonly corsOrigins: readonly string[]
  readonly counts: Counts
  readonly bodies: BodyReader
  readonly ages: ConnectionAges
  isClosing: boolean
}

/** The five steps of a request: its type, its body, what it says, taking it, the answer. */
async function receive(request: IncomingMessage, response: ServerResponse, door: Door): Promise<void> {
  const preflight = preflightHeaders(request, door.corsOrigins)
  if (preflight !== null) return void response.writeHead(204, [...preflight]).end()
  const cors = corsHeaders(request, door.corsOrigins)
  const known = encodingOf(request)
  // In whatever else somebody writes to us, the error is told in JSON: a person is reading.
  const encoding = known ?? 'json'
  let body: Body | null = null
  try {
    const kind = kindOf(request)
    if (known === null) throw new Refusal('unknown-type', UNKNOWN_TYPE)
    body = await door.bodies.read(request)
    const remarks = await takeRequest(
      { kind, encoding, body: body.bytes },
      door.settings.take,
      door.counts,
      door.settings.refused,
    )
    if (door.isClosing || door.ages.isOld(request.socket)) response.shouldKeepAlive = false
    reply(response, successAnswer(kind, encoding, remarks), encoding, cors)
  } catch (error) {
    const refusal = refusalOf(error, door.settings.log)
    door.counts[refusal.reason] += 1
    door.settings.refused?.(refusal.reason, refusal.message)
    replyRefused(request, response, refusalAnswer(refusal.reason, refusal.message, encoding), encoding, cors)
  } finally {
    body?.release()
  }
}

const KINDS: Readonly<Record<string, RequestKind>> = {
  '/v1/traces': 'traces',
  '/v1/logs': 'logs',
  '/v1/metrics': 'metrics',
}

function kindOf(request: IncomingMessage): RequestKind {
  const path = request.url?.split('?', 1)[0] ?? ''
  const kind = KINDS[path]
  if (!kind) throw new Refusal('not-found', `nothing is received at ${path}: use ${Object.keys(KINDS).join(', ')}`)
  if (request.method !== 'POST') throw new Refusal('not-post', `${path} takes POST, not ${request.method}`)
  return kind
}

const CONTENT_TYPES: Readonly<Record<Encoding, string>> = {
  protobuf: 'application/x-protobuf',
  json: 'application/json',
}
const UNKNOWN_TYPE = `content-type must be ${Object.values(CONTENT_TYPES).join(' or ')}`

function encodingOf(request: IncomingMessage): Encoding | null {
  const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase()
  if (type === CONTENT_TYPES.protobuf) return 'protobuf'
  return type === CONTENT_TYPES.json ? 'json' : null
}

function reply(response: ServerResponse, answer: Answer, encoding: Encoding, cors: CorsHeaders): void {
  writeHead(response, answer, encoding, cors)
  // Success in protobuf is no bytes at all; ending with an empty body would cost a second write to the socket.
  if (answer.body.length === 0) response.end()
  else response.end(answer.body)
}

function writeHead(response: ServerResponse, answer: Answer, encoding: Encoding, cors: CorsHeaders): void {
  const headers = [...cors, 'content-type', CONTENT_TYPES[encoding], 'content-length', String(answer.body.length)]
  if (answer.retryAfterMs !== null) headers.push('retry-after', String(Math.ceil(answer.retryAfterMs / 1_000)))
  if (answer.status === 405) headers.push('allow', 'POST')
  response.writeHead(answer.status, headers)
}

/**
 * Answer a request whose body may still be on its way. Ending the answer would close the connection, and a sender that
 * still writes would see that instead of the answer, and send it all again. So the answer is written, what still comes is
 * thrown away up to a limit, and only then the connection is closed; the time limit ends the rest.
 */
function replyRefused(
  request: IncomingMessage,
  response: ServerResponse,
  answer: Answer,
  encoding: Encoding,
  cors: CorsHeaders,
): void {
  if (response.destroyed) return
  if (request.complete) return reply(response, answer, encoding, cors)
  response.shouldKeepAlive = false
  writeHead(response, answer, encoding, cors)
  response.write(answer.body)
  let discarded = 0
  request.on('data', (chunk: Buffer) => {
    discarded += chunk.length
    if (discarded > DISCARDED_MAX) request.destroy()
  })
  request.once('close', () => response.end())
}

function listen(server: Server, { host, port }: OtlpSettings): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function addressOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}

/** Requests under way are answered; connections that wait for a next one are closed, and soon also those that dawdle. */
function close(server: Server, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const grace = clock.after(STOP_GRACE, () => server.closeAllConnections())
    server.close(() => {
      grace.cancel()
      resolve()
    })
    server.closeIdleConnections()
  })
}
