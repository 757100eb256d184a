/** The runtime's HTTP side: health, local tokens, faults, and what became of a run. */
import express, { type Express, type Request, type Response } from 'express'
import { HTTP_STATUS, type ApiError, type ErrorCode } from '../../contract/errors.ts'
import { FAULT_NAMES, isFaultName, type ProcessFault } from '../fault.ts'
import type { Log } from '../log.ts'
import { seconds } from '../../contract/units.ts'
import type { Hub } from './hub.ts'
import type { Receipts } from './receipts.ts'
import { readToken } from './read-token.ts'
import { TokenRefused, type Tokens } from './tokens.ts'

export interface RouteSettings {
  readonly epoch: string
  readonly tokens: Tokens
  readonly hub: Hub
  readonly receipts: Receipts
  readonly log: Log
  runsInFlight(): number
  faults(): readonly ProcessFault[]
  setFault(fault: ProcessFault): void
}

/** Half a day. */
const LIFETIME_S_MAX = 43_200

export function createRoutes(settings: RouteSettings): Express {
  const { epoch, tokens, hub, receipts, log, runsInFlight, faults, setFault } = settings
  const routes = express()
  routes.disable('x-powered-by')
  routes.use(express.json({ limit: '16kb' }))

  // Green as long as the process lives, whatever its runs do: the lie this whole project is about.
  routes.get('/healthz', (_request, response) => void response.json({ status: 'ok' }))

  routes.get('/stats', (_request, response) => {
    response.json({ epoch, connections: hub.connectionsCount, runs_in_flight: runsInFlight() })
  })

  routes.get('/runs/:id', (request, response) => describeRun(request, response))

  // What a page says as it goes away cannot be JSON by its type, or the browser would ask for leave first.
  routes.post('/receipts/:key', express.text({ limit: '64kb' }), (request, response) => {
    const problem = receipts.take(request.params.key, String(request.body))
    return problem === null ? response.status(204).end() : refuse(response, problem.code, problem.message)
  })

  // With a secret from outside this is somebody's real runtime: no free tokens, no faults over the wire.
  if (tokens.isOpen) {
    routes.post('/token', (request, response) => handOutToken(request, response))
    routes.get('/faults', (_request, response) => void response.json({ faults: faults() }))
    routes.post('/faults', (request, response) => {
      const [name, probability = 1] = [fieldOf(request, 'name'), fieldOf(request, 'probability')]
      if (typeof name !== 'string' || !isFaultName(name))
        return refuse(response, 'invalid', `name must be one of ${FAULT_NAMES.join(', ')}`)
      if (typeof probability !== 'number' || !(probability >= 0 && probability <= 1))
        return refuse(response, 'invalid', 'probability must be a number from 0 (off) to 1')
      setFault({ name, probability })
      return response.json({ faults: faults() })
    })
  }

  routes.use((request, response) => refuse(response, 'not-found', `there is no ${request.method} ${request.path} here`))
  routes.use((error: unknown, _request: Request, response: Response, _next: unknown) => {
    if (error instanceof TokenRefused) return refuse(response, 'unauthenticated', error.message)
    if (isClientError(error)) return refuse(response, 'invalid', error.message)
    log.error({ err: error }, 'a request failed')
    return refuse(response, 'internal', 'the runtime failed; its log says why')
  })
  return routes

  async function describeRun(request: Request<{ id: string }>, response: Response): Promise<unknown> {
    const token = readToken(request)
    if (token === null) return refuse(response, 'unauthenticated', 'send the token: Authorization: Bearer …')
    const { userId } = await tokens.verify(token)
    const run = hub.describeRun(userId, request.params.id)
    return run ? response.json(run) : refuse(response, 'not-found', `no run ${request.params.id} is known here`)
  }

  async function handOutToken(request: Request, response: Response): Promise<unknown> {
    const user = fieldOf(request, 'user')
    if (typeof user !== 'string' || !/^[\w@.+-]{1,64}$/.test(user))
      return refuse(response, 'invalid', 'body must be {"user": "…"}: 1 to 64 letters, digits or . _ @ + -')
    const lifetime = fieldOf(request, 'lifetime_s') ?? null
    if (lifetime !== null && !(typeof lifetime === 'number' && lifetime >= 1 && lifetime <= LIFETIME_S_MAX))
      return refuse(response, 'invalid', `lifetime_s must be a number from 1 to ${LIFETIME_S_MAX}`)
    return response.json({ token: await tokens.issue(user, lifetime === null ? null : seconds(lifetime)), user })
  }
}

function refuse(response: Response, code: ErrorCode, message: string): Response {
  return response.status(HTTP_STATUS[code]).json({ error: { code, message } } satisfies ApiError)
}

function fieldOf(request: Request, name: string): unknown {
  const body: unknown = request.body
  return typeof body === 'object' && body !== null ? Object.entries(body).find(([key]) => key === name)?.[1] : undefined
}

/** What express's body parser throws at a body that is not JSON or too long. */
function isClientError(error: unknown): error is Error & { status: number } {
  return error instanceof Error && 'status' in error && typeof error.status === 'number' && error.status < 500
}
