/** HTTP out: the only file of the SDK that opens connections. */
import { context, createContextKey, ROOT_CONTEXT } from '@opentelemetry/api'
import { Agent as HttpAgent, request as httpRequest } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { promisify } from 'node:util'
import { constants, gzip } from 'node:zlib'
import type { Clock } from '../contract/clock.ts'
import { seconds } from '../contract/units.ts'
import type { Millis } from '../contract/units.ts'

/** `retry` says whether sending the same again can help; `afterMs` is the receiver's own wish. */
export interface Refusal {
  readonly accepted: false
  readonly retry: boolean
  readonly afterMs: Millis | null
  readonly reason: string
}

export type Posted = { readonly accepted: true } | Refusal

export interface Poster {
  /** Never throws. */
  post(body: string): Promise<Posted>
  /** Until the returned function is called, requests keep the process alive; otherwise they never do. */
  hold(): () => void
  close(): void
}

export interface PosterOptions {
  /** http: or https:. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly clock: Clock
  readonly timeoutMs: Millis
}

/** Below this a body is sent as it is: the gain is smaller than the work. So is any that stays on this machine. */
const GZIP_FROM_BYTES = 1_024
/** Records repeat themselves so much that the fastest level comes within a fifth of the best, for less than half the work. */
const GZIP = { level: constants.Z_BEST_SPEED }
/** OTLP/HTTP specification, "Retryable Response Codes". */
const RETRYABLE = new Set([429, 502, 503, 504])
const RETRY_AFTER_MAX = seconds(30)
/**
 * What `suppressTracing` of @opentelemetry/core sets. Without it an instrumented `http` would make a span of every
 * export, and that span would be exported in turn.
 */
const SUPPRESS_TRACING = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING')
const UNTRACED = ROOT_CONTEXT.setValue(SUPPRESS_TRACING, true)

const compress = promisify(gzip)

/** @throws TypeError when the URL is none. */
export function createPoster({ url, headers, clock, timeoutMs }: PosterOptions): Poster {
  const target = new URL(url)
  const compressFrom = staysOnThisMachine(target) ? Infinity : GZIP_FROM_BYTES
  const secure = target.protocol === 'https:'
  const agent = new (secure ? HttpsAgent : HttpAgent)({ keepAlive: true, maxSockets: 1 })
  const request = secure ? httpsRequest : httpRequest
  const inUse = new Set<Socket>()
  let holds = 0

  async function post(text: string): Promise<Posted> {
    const small = text.length < compressFrom
    const body = small ? Buffer.from(text) : await compress(text, GZIP)
    return context.with(UNTRACED, () => send(body, small ? {} : { 'content-encoding': 'gzip' }))
  }

  function send(body: Buffer, encoding: Readonly<Record<string, string>>): Promise<Posted> {
    return new Promise((resolve) => {
      const outgoing = request(target, {
        agent,
        method: 'POST',
        headers: { ...headers, ...encoding, 'content-type': 'application/json', 'content-length': body.length },
      })
      const limit = clock.after(timeoutMs, () => outgoing.destroy(new Error(`no answer within ${timeoutMs} ms`)))
      outgoing.on('socket', (socket) => {
        inUse.add(socket)
        if (holds > 0) socket.ref()
        else socket.unref()
        outgoing.once('close', () => inUse.delete(socket))
      })
      outgoing.on('response', (response) => {
        // The answer's body is of no use; unread it would keep the connection busy.
        response.resume()
        response.on('close', () => {
          limit.cancel()
          resolve(readAnswer(response))
        })
      })
      outgoing.on('error', (error) => {
        limit.cancel()
        resolve({ accepted: false, retry: true, afterMs: null, reason: error.message })
      })
      outgoing.end(body)
    })
  }

  return {
    post,
    hold() {
      holds++
      for (const socket of inUse) socket.ref()
      let held = true
      return () => {
        if (!held) return
        held = false
        holds--
        if (holds === 0) for (const socket of inUse) socket.unref()
      }
    },
    close: () => agent.destroy(),
  }
}

function staysOnThisMachine({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.')
}

function readAnswer(response: IncomingMessage): Posted {
  const status = response.statusCode ?? 0
  if (status >= 200 && status < 300) return { accepted: true }
  const wish = Number(response.headers['retry-after'])
  return {
    accepted: false,
    retry: RETRYABLE.has(status),
    afterMs: Number.isFinite(wish) ? Math.min(seconds(wish), RETRY_AFTER_MAX) : null,
    reason: `answered ${status} ${response.statusMessage ?? ''}`.trim(),
  }
}
