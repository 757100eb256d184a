/** A server of `ws` wrapped with one call, and pairs of real sockets on it. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { recordWebSockets, type RecordedSockets, type RecordSocketsOptions } from '../../sdk/index.ts'
import type { Heard } from './heard.ts'

export interface WrappedServer {
  readonly server: WebSocketServer
  readonly sockets: RecordedSockets<WebSocket>
  readonly url: string
  listen(options?: RecordSocketsOptions): Promise<void>
  /** Both ends of a new connection, and every text the client receives. */
  openPair(query?: string): Promise<Pair>
}

interface Pair {
  readonly own: WebSocket
  readonly client: WebSocket
  readonly texts: readonly string[]
  readonly id: string | null
}

/** Call it at the top of a test file. */
export function wrapServer(heard: Heard): WrappedServer {
  let server: WebSocketServer
  let sockets: RecordedSockets<WebSocket>

  afterEach(() => {
    for (const socket of server.clients) socket.terminate()
    server.close()
  })

  const url = () => urlOf(server.address() as AddressInfo)
  return {
    get server() {
      return server
    },
    get sockets() {
      return sockets
    },
    get url() {
      return url()
    },
    async listen(options = {}) {
      server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
      sockets = recordWebSockets(server, heard.reporter, options)
      await once(server, 'listening')
    },
    async openPair(query = '') {
      const client = new WebSocket(url() + query)
      client.on('error', () => {})
      const texts: string[] = []
      client.on('message', (data) => texts.push(String(data)))
      const [own] = (await once(server, 'connection')) as [WebSocket]
      await once(client, 'open')
      return { own, client, texts, id: sockets.connectionIdOf(own) }
    },
  }
}

export const urlOf = ({ port }: AddressInfo) => `ws://127.0.0.1:${port}/ws`

export const frame = (seq: number, more: object = {}) => ({
  type: 'agent_thinking',
  run_id: 'run_1',
  seq,
  payload: {},
  ...more,
})

export const json = (seq: number, more: object = {}) => JSON.stringify(frame(seq, more))
