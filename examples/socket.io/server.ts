/**
 * An agent behind a server of socket.io, watched with two calls: `instrument` and `recordSocketIo`.
 *
 *     npm run example:socket.io     then open http://127.0.0.1:8080 beside a running collector
 */
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { instrument, recordSocketIo } from '@laststep/sdk'
import { Server } from 'socket.io'
import { answer } from '../mirror-agent.ts'

const { reporter, shutdown } = await instrument({
  serviceName: 'example-socket-io',
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

const io = new Server(http)
recordSocketIo(io, reporter)

io.on('connection', (socket) => {
  socket.on('question', (question) => {
    void answer(reporter, String(question), (type, event) => socket.emit(type, event))
  })
})

http.listen(Number(process.env['PORT'] ?? 8080), '127.0.0.1', () => {
  const { port } = http.address() as AddressInfo
  console.log(JSON.stringify({ event: 'listening', http: `http://127.0.0.1:${port}` }))
})
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void shutdown().finally(() => process.exit(0)))
