/** What a client says of a frame that nothing answered, by the way of its receipts; on a clock that moves when told to. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { connect, type Client, type SocketLike } from '../../client/index.ts'
import { seconds } from '../../contract/units.ts'
import { eventually } from '../kit/eventually.ts'
import { manualClock, type ManualClock } from '../kit/manual-clock.ts'

/** As much of a socket as the client uses. */
class Socket implements SocketLike {
  readyState = 1
  readonly sent: string[] = []
  readonly #listeners = new Map<string, (event: never) => void>()
  addEventListener(type: string, call: (event: never) => void): void {
    this.#listeners.set(type, call)
  }
  hears(type: string, event: object): void {
    this.#listeners.get(type)?.(event as never)
  }
  send(text: string): void {
    this.sent.push(text)
  }
  close(): void {
    this.readyState = 3
    this.hears('close', { code: 1000, reason: '' })
  }
}

const posts: string[] = []
let server: Server
let clock: ManualClock
let socket: Socket
let client: Client

beforeAll(async () => {
  server = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk) => (text += String(chunk)))
    request.on('end', () => {
      posts.push(text)
      response.writeHead(204).end()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterAll(() => new Promise((resolve) => server.close(resolve)))

beforeEach(async () => {
  posts.length = 0
  clock = manualClock()
  socket = new Socket()
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/ws`
  client = connect({ url, clock, reconnect: false, onFrame: () => {}, open: () => socket })
  // It asks for a token first, if only to find that there is none.
  await new Promise((resolve) => setImmediate(resolve))
})

const hello = () => frame('connection_established', { receipts: '/receipts/key' })
const frame = (type: string, payload: object = {}) =>
  socket.hears('message', { data: JSON.stringify({ type, payload }) })
const ask = () => client.send({ type: 'start_agent', payload: {} })

test('one that came before the connection was ready, and was lost: how many were sent by then', async () => {
  ask()
  hello()
  clock.pass(seconds(10) - 1)
  clock.pass(1)
  await eventually(() => posts.length === 1)
  expect(posts).toEqual(['[{"type":"sent","count":1}]'])
})

// oxfmt-ignore
test.each<[string, () => void]>([
  ['it was answered',                           () => { ask(); hello(); frame('run_accepted') }],
  ['the connection has ended',                  () => { ask(); hello(); socket.hears('close', { code: 1006, reason: '' }) }],
  ['the runtime takes no receipts',             () => { ask(); frame('connection_established') }],
  ['nothing was asked',                         () => { hello() }],
])('nothing is said when %s', (_what, happen) => {
  const request = vi.spyOn(globalThis, 'fetch')
  happen()
  clock.pass(seconds(60))
  expect(request.mock.calls.filter(([, options]) => String(options?.body).includes('"sent"'))).toEqual([])
  request.mockRestore()
})
