/**
 * The dashboard's server: the API, the live feed and the built pages, on one port.
 * Everything it tells comes from the functions it is handed.
 */
import { createServer, type Server } from 'node:http'
import express, { type RequestHandler } from 'express'
import type { Clock } from '../../contract/clock.ts'
import { LIVE_PATH } from '../../contract/live.ts'
import { minutes, seconds } from '../../contract/units.ts'
import { apiRoutes } from './api-routes.ts'
import { dashboardFiles } from './dashboard-files.ts'
import { watchInFlight } from './in-flight-history.ts'
import type { LiveFeed } from './live-feed.ts'
import { probes } from './probes.ts'
import { Refusal, answerRefusals } from './refusal.ts'
import { refuseUpgrade } from './refuse-upgrade.ts'
import { isSameHost } from './same-host.ts'
import type { ServeSettings } from './serve-settings.ts'

export interface RunningServe {
  /** `http://127.0.0.1:4319` */
  readonly address: string
  /** Finishes what was asked, closes the live feed, refuses the rest. Safe to call twice. */
  stop(): Promise<void>
}

/** A request is a line and a few headers; whoever needs longer to send them is holding a connection for its own sake. */
const REQUEST_MS = seconds(15)
const STOP_MS_MAX = seconds(3)
/** Where something can be asked for. */
const POST_PATHS: readonly RegExp[] = [/^\/api\/test-runs$/, /^\/api\/investigations(\/[^/]+\/edits)?$/]

/** @throws the error of `listen` when the port is taken or the address is not ours */
export async function startServe(settings: ServeSettings): Promise<RunningServe> {
  const { clock, feed, log } = settings
  const inFlight = watchInFlight(clock, settings.counts)
  const app = express()
  app.disable('x-powered-by')
  // Answers of the API are never kept, so hashing megabytes for an ETag would be for nothing; files bring their own.
  app.disable('etag')
  app.use(securityHeaders, onlyReading)
  app.use(probes(settings))
  app.use('/api', apiRoutes(settings, inFlight, clock.now()))
  app.use(dashboardFiles(settings.webDir))
  app.use((request) => {
    throw new Refusal('not-found', `there is no ${request.path}`)
  })
  app.use(answerRefusals(log))

  const server = createServer(
    { headersTimeout: REQUEST_MS, requestTimeout: REQUEST_MS, keepAliveTimeout: minutes(1) },
    app,
  )
  server.on('upgrade', (request, socket, head) => {
    if (request.url?.split('?')[0] === LIVE_PATH) feed.accept(request, socket, head)
    else refuseUpgrade(socket, 'not-found', `the live feed is at ${LIVE_PATH}`)
  })

  const address = await listen(server, settings.host, settings.port)
  let stopped: Promise<void> | null = null
  return {
    address,
    stop() {
      inFlight.stop()
      return (stopped ??= close(server, feed, clock))
    },
  }
}

/** Nothing of other sites is loaded, nothing is guessed, and no other site may frame or read these pages. */
const securityHeaders: RequestHandler = (_request, response, next) => {
  response.set({
    // Styles set by script (`element.style`) are not touched by style-src; inline ones in markup are refused.
    'Content-Security-Policy':
      "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
  })
  next()
}

/** Everything is read, but for what can be asked for: and not by a page of another site. */
const onlyReading: RequestHandler = (request, response, next) => {
  if (request.method === 'GET' || request.method === 'HEAD') return next()
  const isAsking = request.method === 'POST' && POST_PATHS.some((path) => path.test(request.path))
  if (isAsking && !isSameHost(request))
    throw new Refusal('forbidden', 'another site may not have anything done here; open the dashboard itself')
  if (isAsking) return next()
  response.set('Allow', 'GET, HEAD')
  throw new Refusal('wrong-method', `${request.method} is not understood; everything here is read with GET`)
}

function listen(server: Server, host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      const bound = server.address()
      if (bound === null || typeof bound === 'string') return reject(new Error('expected a TCP address to listen on'))
      resolve(`http://${bound.family === 'IPv6' ? `[${bound.address}]` : bound.address}:${bound.port}`)
    })
  })
}

function close(server: Server, feed: LiveFeed, clock: Clock): Promise<void> {
  feed.stop()
  // Whoever has not taken his answer by then never will.
  clock.after(STOP_MS_MAX, () => server.closeAllConnections())
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeIdleConnections()
  })
}
