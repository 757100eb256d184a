/**
 * An agent behind a server of `ws`, watched with two calls: `instrument` and `recordWebSockets`.
 *
 *     npm run example:ws     then open http://127.0.0.1:8080 beside a running collector
 */
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { scheduler } from 'node:timers/promises'
import { instrument, recordRun, recordWebSockets } from '@laststep/sdk'
import { WebSocketServer, type WebSocket } from 'ws'

const { reporter, shutdown } = await instrument({
  serviceName: 'example-ws',
  endpoint: process.env['LASTSTEP_ENDPOINT'] ?? 'http://127.0.0.1:4318',
})

const FILES: Readonly<Record<string, { readonly path: string; readonly type: string }>> = {
  '/': { path: './page.html', type: 'text/html' },
  // In a project of your own: node_modules/@laststep/client/dist/index.js, or your bundler.
  '/client.js': { path: '../../client/dist/index.js', type: 'text/javascript' },
}

const http = createServer((request, response) => {
  const file = FILES[request.url ?? '']
  if (!file) return response.writeHead(404).end()
  return readFile(new URL(file.path, import.meta.url)).then(
    (content) => response.writeHead(200, { 'content-type': file.type }).end(content),
    (error: unknown) => response.writeHead(500).end(String(error)),
  )
})

const server = new WebSocketServer({ server: http })
recordWebSockets(server, reporter)

server.on('connection', (socket) => {
  socket.on('message', (data) => void answer(socket, String(data)))
})

/** Everything below is the agent's own business: it sends frames that name their run, and knows nothing of deliveries. */
async function answer(socket: WebSocket, text: string): Promise<void> {
  const { question } = JSON.parse(text) as { question?: string }
  if (question === undefined) return
  const runId = randomUUID()
  const say = (type: string, more: object = {}) => socket.send(JSON.stringify({ type, run_id: runId, ...more }))
  await recordRun(reporter, { runId, agent: 'mirror' }, async (run) => {
    run.started()
    say('agent_started')
    await run.phase('reasoning', 'example-model', async () => {
      say('agent_thinking', { text: `I shall turn “${question}” around.` })
      await scheduler.wait(100)
    })
    const result = await run.phase('tool', 'reverse', async () => {
      say('tool_executing', { tool_call_id: 'call_1', tool_name: 'reverse' })
      await scheduler.wait(100)
      say('tool_completed', { tool_call_id: 'call_1', tool_name: 'reverse' })
      return Array.from(question).toReversed().join('')
    })
    say('agent_completed', { result })
    run.ended('succeeded')
  })
}

http.listen(Number(process.env['PORT'] ?? 8080), '127.0.0.1', () => {
  const { port } = http.address() as AddressInfo
  console.log(JSON.stringify({ event: 'listening', http: `http://127.0.0.1:${port}` }))
})
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void shutdown().finally(() => process.exit(0)))
