/** A connection as a user's client makes one: the token where the contract puts it, then wait until it may ask. */
import { WebSocket } from 'ws'
import type { FrameForm } from '../../collector/frame-form.ts'
import type { Progression } from '../../collector/progression.ts'
import type { Clock } from '../../contract/clock.ts'
import { JWT_SUBPROTOCOL, JWT_SUBPROTOCOL_PREFIX } from '../../contract/frames.ts'
import type { Millis } from '../../contract/units.ts'
import { writeDuration } from '../read-duration.ts'
import { fillTemplate, valueAt } from './fill-template.ts'
import { readFrame, type Frame } from './read-frame.ts'

export interface SessionSettings {
  readonly url: string
  readonly progression: Progression
  /** Null where the contract sends none. */
  readonly token: string | null
  readonly clock: Clock
  /** Every frame, in the order of arrival, those before it is ready included. */
  readonly heard: (frame: Frame) => void
  /** The connection is gone; told once, also when this end closed it. */
  readonly closed: (why: string) => void
}

export interface Session {
  /** As the runtime calls this connection; null when it does not say. */
  readonly connectionId: string | null
  /** From asking for the connection until it may ask. */
  readonly readyMs: Millis
  send(frame: unknown): void
  /** Say goodbye; resolves when the other end has answered, or a second later. What comes meanwhile is heard. */
  close(): Promise<void>
}

const GOODBYE_MAX: Millis = 1_000

/** @throws Error with a sentence that says what went wrong: refused, closed, or not ready within the contract's budget */
export async function openSession(settings: SessionSettings): Promise<Session> {
  const { progression, token, clock, heard } = settings
  const form = progression.frames
  const since = clock.now()
  const socket = connect(settings.url, form, token)
  const gone = Promise.withResolvers<string>()
  const ready = Promise.withResolvers<Frame | null>()

  let failure = `cannot connect to ${settings.url}`
  socket.on('open', () => {
    failure = 'the connection failed'
    if (typeof form.auth === 'object' && 'frame' in form.auth)
      socket.send(JSON.stringify(fillTemplate(form.auth.frame, (word) => (word === 'token' ? token : undefined))))
    if (form.ready === undefined) ready.resolve(null)
  })
  socket.on('message', (data) => {
    const frame = readFrame(String(data), progression)
    heard(frame)
    if (frame.event !== null && frame.event === form.ready) ready.resolve(frame)
  })
  socket.on('error', (error) => gone.resolve(`${failure}: ${sentenceOf(error)}`))
  socket.on('close', (code, reason) => {
    const words = reason.length === 0 ? '' : ` (${reason.toString()})`
    gone.resolve(`the connection was closed with ${code}${words}`)
  })
  void gone.promise.then(settings.closed)

  const limitMs = progression.budgets.ready.stalledMs ?? Infinity
  const timer = clock.after(limitMs, () => ready.reject(new Error(notReady(form, limitMs))))
  try {
    const frame = await Promise.race([
      ready.promise,
      gone.promise.then((why) => {
        throw new Error(why)
      }),
    ])
    return {
      connectionId: frame === null ? null : textOf(frame.json, form.connection),
      readyMs: clock.now() - since,
      send: (sent) => socket.send(JSON.stringify(sent)),
      async close() {
        socket.close(1000)
        const patience = clock.after(GOODBYE_MAX, () => socket.terminate())
        await gone.promise
        patience.cancel()
      },
    }
  } catch (error) {
    socket.terminate()
    throw error
  } finally {
    timer.cancel()
  }
}

function connect(address: string, form: FrameForm, token: string | null): WebSocket {
  const { auth = 'none', query = {} } = form
  const url = new URL(address)
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
  if (token === null) return new WebSocket(url)
  if (auth === 'bearer') return new WebSocket(url, { headers: { authorization: `Bearer ${token}` } })
  if (auth === 'subprotocol')
    return new WebSocket(url, [JWT_SUBPROTOCOL, JWT_SUBPROTOCOL_PREFIX + Buffer.from(token).toString('base64url')])
  if (typeof auth === 'object' && 'header' in auth) return new WebSocket(url, { headers: { [auth.header]: token } })
  if (typeof auth === 'object' && 'query' in auth) url.searchParams.set(auth.query, token)
  return new WebSocket(url)
}

function notReady({ ready }: FrameForm, limitMs: Millis): string {
  const what = ready === undefined ? 'the connection was not open' : `${ready} did not come`
  return `${what} within ${writeDuration(limitMs)}, the contract's budget for ready`
}

function textOf(json: unknown, paths: readonly string[] = []): string | null {
  const found = paths.map((path) => valueAt(json, path)).find((value) => typeof value === 'string')
  return typeof found === 'string' ? found : null
}

/** A name that resolves to two addresses fails with both errors in one that says nothing itself. */
function sentenceOf(error: Error): string {
  const [first] = error instanceof AggregateError ? (error.errors as Error[]) : [error]
  return (first ?? error).message
}
