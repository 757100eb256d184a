/**
 * An agent that answers over Server-Sent Events, watched with two calls: `instrument` and `recordHttpStreams`. A page that
 * loses its stream comes back by itself, is sent what it missed, and goes on.
 *
 *     npm run example:sse     then open http://127.0.0.1:8080 beside a running collector
 */
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { instrument, recordHttpStreams } from '@laststep/sdk'
import { answer } from '../mirror-agent.ts'

const { reporter, shutdown } = await instrument({
  serviceName: 'example-sse',
  endpoint: process.env['LASTSTEP_ENDPOINT'] ?? 'http://127.0.0.1:4318',
})
const streams = recordHttpStreams(reporter)

/** What was said so far, for a page that comes late or comes back, and where the rest goes. */
interface Answer {
  readonly events: string[]
  listener: ServerResponse | null
  isOver: boolean
}
const answers = new Map<string, Answer>()

function ask(question: string): string {
  const runId = randomUUID()
  const own: Answer = { events: [], listener: null, isOver: false }
  answers.set(runId, own)
  const say = (type: string, event: object) => {
    const seq = own.events.length + 1
    // With `seq` and `epoch` beside its `run_id` the page can say which event it acknowledges.
    const frame = { type, ...event, seq, epoch: reporter.instanceId }
    const sent = `id: ${seq}\ndata: ${JSON.stringify(frame)}\n\n`
    own.events.push(sent)
    own.listener?.write(sent)
  }
  void answer(reporter, question, say, runId).finally(() => {
    own.isOver = true
    own.listener?.end()
  })
  return runId
}

function listen(runId: string, request: IncomingMessage, response: ServerResponse): void {
  const known = answers.get(runId)
  // 204 tells an EventSource not to come back.
  if (!known) return void response.writeHead(204).end()
  streams.record(response, { runId, acks: request.url?.endsWith('?acks=1') === true })
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  response.write('retry: 100\n\n')
  const lastSeen = Number(request.headers['last-event-id'] ?? 0)
  for (const event of known.events.slice(lastSeen)) response.write(event)
  known.listener = response
  if (known.isOver) response.end()
}

const FILES: Readonly<Record<string, { readonly path: string; readonly type: string }>> = {
  '/': { path: './page.html', type: 'text/html' },
  // In a project of your own: node_modules/@laststep/client/dist/index.js, or your bundler.
  '/client.js': { path: '../../client/dist/index.js', type: 'text/javascript' },
}

const http = createServer(async (request, response) => {
  const [, place, runId] = /^\/(\w*)\/?([\w-]*)/.exec(request.url ?? '') ?? []
  if (request.method === 'POST' && place === 'answers') return response.end(ask(await text(request)))
  if (request.method === 'POST' && place === 'receipts')
    return response.writeHead(streams.acknowledge(await text(request)) ? 204 : 400).end()
  if (place === 'answers' && runId) return listen(runId, request, response)
  const file = FILES[request.url ?? '']
  if (!file) return response.writeHead(404).end()
  return readFile(new URL(file.path, import.meta.url)).then(
    (content) => response.writeHead(200, { 'content-type': file.type }).end(content),
    (error: unknown) => response.writeHead(500).end(String(error)),
  )
})

http.listen(Number(process.env['PORT'] ?? 8080), '127.0.0.1', () => {
  const { port } = http.address() as AddressInfo
  console.log(JSON.stringify({ event: 'listening', http: `http://127.0.0.1:${port}` }))
})
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void shutdown().finally(() => process.exit(0)))
