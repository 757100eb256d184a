/**
 * A model over HTTP for whatever client a framework uses: OpenAI's Chat Completions, streamed or whole, and Responses.
 * It asks for each tool it is offered once, in order, and then ends as told: it answers, it hangs (the request is
 * accepted and no byte ever comes back) or it refuses (400, which no client tries again). One that falters fails its first
 * request (500, which clients try again) and then answers; one that stops streams the beginning of its answer, and no more.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { DIALECTS, type ModelRequest } from './dialects.ts'

export type Ending = 'answers' | 'hangs' | 'refuses' | 'falters' | 'stops'

export interface ModelServer {
  /** With the `/v1` that OpenAI's clients want in their base URL. */
  readonly url: string
  stop(): Promise<void>
}

const ANSWER = 'Order 17 was shipped yesterday.'
const REFUSAL = {
  error: {
    message: "This model's maximum context length is 8192 tokens.",
    type: 'invalid_request_error',
    code: 'context_length_exceeded',
  },
}

const FAULT = { error: { message: 'The server had an error while processing your request.', type: 'server_error' } }

/** @param asked called at each request */
export async function startModelServer(ending: Ending, asked: () => void): Promise<ModelServer> {
  let faults = ending === 'falters' ? 1 : 0
  const server = createServer((request, response) => {
    asked()
    if (faults-- > 0) reply(response, 500, FAULT)
    else void answer(request, response, ending)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/v1`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answer(request: IncomingMessage, response: ServerResponse, ending: Ending): Promise<void> {
  const dialect = DIALECTS.find(({ path }) => request.url?.endsWith(path))
  if (dialect === undefined) return reply(response, 404, { error: { message: `no such path: ${request.url}` } })
  const body = (await json(request)) as ModelRequest
  const called = dialect.called(body)
  const wanted = dialect.offered(body).find((tool) => !called.includes(tool))
  if (wanted === undefined && ending === 'hangs') return
  if (wanted === undefined && ending === 'refuses') return reply(response, 400, REFUSAL)
  const message = wanted === undefined ? dialect.answer(body.model, ANSWER) : dialect.call(body.model, wanted)
  if (body.stream !== true || dialect.events === undefined) return reply(response, 200, message)
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const events = dialect.events(message)
  const stops = wanted === undefined && ending === 'stops'
  for (const event of stops ? events.slice(0, 1) : events) response.write(`${event}\n\n`)
  if (!stops) response.end()
}

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
