/** A ready connection over a real socket pair, on a clock that moves only when told to. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import type { EventType } from '../../contract/events.ts'
import { seconds } from '../../contract/units.ts'
import { createConnection, type Connection } from '../../server/connect/connection.ts'
import { manualClock, type ManualClock } from '../kit/manual-clock.ts'
import { eventually } from '../kit/eventually.ts'

let listener: WebSocketServer
let server: WebSocket
let client: WebSocket
let clock: ManualClock
let connection: Connection

beforeEach(async () => {
  listener = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(listener, 'listening')
  client = new WebSocket(`ws://127.0.0.1:${(listener.address() as AddressInfo).port}`)
  const [accepted] = (await once(listener, 'connection')) as [WebSocket]
  await once(client, 'open')
  server = accepted
  clock = manualClock()
  const close = (code: number, reason: string) => server.close(code, reason)
  connection = createConnection({
    id: 'conn_1',
    userId: 'ada',
    socket: server,
    clock,
    close,
    terminate: () => server.terminate(),
  })
})

afterEach(() => {
  client.terminate()
  listener.close()
})

/** A delivery that remembers how far it got. */
function send(seq: number, type: EventType, text = '{}'): string[] {
  const states: string[] = []
  connection.send(
    { runId: 'run_1', seq, type, text },
    {
      reach: (state) => void states.push(state),
      route: () => {},
      drop: (reason) => void states.push(`dropped: ${reason}`),
      fail: () => void states.push('failed'),
    },
  )
  return states
}

test('a peer that answers pings stays', async () => {
  for (let beat = 0; beat < 4; beat++) {
    const pong = once(server, 'pong')
    clock.pass(seconds(15))
    await pong
  }
  expect(server.readyState).toBe(WebSocket.OPEN)
})

test('a peer that answers none for a whole period is gone, however open its socket looks', async () => {
  client.pause()
  clock.pass(seconds(15))
  expect(server.readyState).toBe(WebSocket.OPEN)
  clock.pass(seconds(15))
  await connection.gone
  expect(server.readyState).toBe(WebSocket.CLOSED)
  expect(clock.pending).toBe(0)
})

test('a peer whose answer waited while our own loop was blocked stays', () => {
  client.pause()
  clock.pass(seconds(15))
  // The answer is read right after the beat that was late.
  clock.after(seconds(15), () => server.emit('pong', Buffer.from('heartbeat')))
  clock.pass(seconds(15))
  expect(server.readyState).toBe(WebSocket.OPEN)
})

test('ordinary messages share one fence, a critical one has its own at once', async () => {
  const pings: string[] = []
  client.on('ping', (payload: Buffer) => pings.push(payload.toString()))
  const states = [1, 2, 3].map((seq) => send(seq, 'progress_update'))
  await eventually(() => states.every((reached) => reached.includes('written')))
  expect(pings).toEqual([])
  clock.pass(250)
  await eventually(() => states.every((reached) => reached.at(-1) === 'transported'))
  expect(pings).toEqual(['run_1:3'])
  send(4, 'agent_completed')
  await eventually(() => pings.length === 2)
  expect(pings[1]).toBe('run_1:4')
})

test('an ack covers everything up to its number, once', async () => {
  const [first, second, third] = [send(1, 'run_accepted'), send(2, 'agent_started'), send(3, 'agent_completed')]
  await eventually(() => third.includes('transported'))
  const ack = { type: 'ack', epoch: 'e', run_id: 'run_1' } as const
  connection.acknowledge({ ...ack, up_to: 2, rendered: 1 })
  connection.acknowledge({ ...ack, up_to: 2, rendered: 2 })
  connection.acknowledge({ ...ack, up_to: 2 })
  expect(first?.slice(3)).toEqual(['received', 'handled'])
  expect(second?.slice(3)).toEqual(['received', 'handled'])
  expect(third?.at(-1)).toBe('transported')
})

test('what is rendered may be told after what was received', async () => {
  const states = send(1, 'agent_completed')
  await eventually(() => states.includes('transported'))
  const ack = { type: 'ack', epoch: 'e', run_id: 'run_1', up_to: 1 } as const
  connection.acknowledge(ack)
  connection.acknowledge({ ...ack, rendered: 1 })
  expect(states.slice(3)).toEqual(['received', 'handled'])
})

test('a client that lets too much pile up is disconnected, and the message that was too much is named', async () => {
  client.pause()
  const page = 'x'.repeat(2 ** 20)
  let last: string[] = []
  for (let seq = 1; seq <= 32 && server.readyState === WebSocket.OPEN; seq++) last = send(seq, 'agent_thinking', page)
  expect(last).toEqual(['dropped: backpressure'])
  await connection.gone
  expect(send(33, 'agent_completed')).toEqual(['dropped: closed'])
})
