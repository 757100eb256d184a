/** A loopback server that takes requests and never answers, and the client call that waits for it for ever. */
import { once } from 'node:events'
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { untilAborted } from './never.ts'

export interface SilentServer {
  /** Settles only by the signal: rejects with its reason. */
  ask(signal: AbortSignal): Promise<void>
  stop(): Promise<void>
}

/** Listens when first asked. */
export function createSilentServer(): SilentServer {
  let listening: Promise<Server> | null = null
  return {
    async ask(signal) {
      listening ??= listen()
      const { port } = (await listening).address() as AddressInfo
      // Not `fetch`: it gives up by itself after five minutes without headers.
      const call = request({ host: '127.0.0.1', port, path: '/', agent: false })
      call.on('error', () => {})
      call.end()
      await untilAborted(signal).finally(() => call.destroy())
    },
    async stop() {
      const server = await listening
      server?.close()
      server?.closeAllConnections()
    },
  }
}

async function listen(): Promise<Server> {
  const server = createServer(() => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}
