/** A runtime that is not ours: a WebSocket server with field names of its own, which plays what a test hands it. */
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'

export interface OtherRuntime {
  readonly url: string
  /** Every message its clients sent, with the path and header they came by. */
  readonly heard: readonly { readonly message: unknown; readonly path: string; readonly key: string | undefined }[]
  stop(): Promise<void>
}

/**
 * @param greeting sent when a client connects
 * @param answer the frames that a message leads to; a text that is no frame is sent as it is, null closes the connection
 */
export async function startOtherRuntime(
  greeting: readonly object[],
  answer: (message: Record<string, unknown>) => readonly (object | string | null)[],
): Promise<OtherRuntime> {
  const heard: { message: unknown; path: string; key: string | undefined }[] = []
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  server.on('connection', (socket, request) => {
    for (const frame of greeting) socket.send(JSON.stringify(frame))
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as Record<string, unknown>
      const key = request.headers['x-api-key']
      heard.push({ message, path: request.url ?? '', key: typeof key === 'string' ? key : undefined })
      for (const frame of answer(message)) {
        if (frame === null) socket.close(1011, 'out of memory')
        else socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame))
      }
    })
  })
  await new Promise<void>((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `ws://127.0.0.1:${port}/agents`,
    heard,
    async stop() {
      for (const client of server.clients) client.terminate()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
