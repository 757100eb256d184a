/** Clients of a server of `ws` that was wrapped with one call: what they acknowledge, and how they come and go. */
import { once } from 'node:events'
import { createServer, request as createRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { connect, type SocketLike } from '../../client/index.ts'
import { recordWebSockets } from '../../sdk/index.ts'
import { eventually } from '../kit/eventually.ts'
import { hearReporter } from './heard.ts'
import { json, urlOf, wrapServer } from './wrapped-server.ts'

const heard = hearReporter()
const wrapped = wrapServer(heard)
const { told, reaches, connections, closeOf } = heard
const { listen, openPair } = wrapped

describe('a client that acknowledges', () => {
  test('is given the place of frames that have none, and is believed', async () => {
    await listen()
    const received: string[] = []
    wrapped.server.on('connection', (socket) => socket.on('message', (data) => received.push(String(data))))
    const connected = once(wrapped.server, 'connection') as Promise<[WebSocket]>
    const frames: unknown[] = []
    const user = connect({
      url: wrapped.url,
      onFrame: (frame) => void frames.push(frame),
      open: (url, protocols) => new WebSocket(url, protocols) satisfies SocketLike,
    })
    const [own] = await connected
    const id = wrapped.sockets.connectionIdOf(own)
    own.send('{ "type": "agent_thinking", "runId": "run_4", "text": "hm" } ')
    own.send('{"type":"agent_completed","runId":"run_4"}')
    const { states } = await reaches(id, 2, 'handled')
    expect(states).toContain('received')
    expect(told(id, 1).states).toContain('handled')
    expect(frames[0]).toEqual({
      type: 'agent_thinking',
      runId: 'run_4',
      text: 'hm',
      laststep: { run_id: 'run_4', seq: 1, epoch: heard.reporter.instanceId },
    })
    // Its own messages reach the server; its acks are none of the server's business.
    user.send({ type: 'cancel', run_id: 'run_4' })
    await eventually(() => received.length > 0)
    expect(received).toEqual(['{"type":"cancel","run_id":"run_4"}'])
    user.close()
  })

  // Whatever it cannot place by itself: here a number that is a text.
  test('is given the place also of frames whose own it cannot read', async () => {
    await listen()
    const { own, texts } = await openPair('?acks=1')
    own.send('{"type":"agent_thinking","run_id":"run_7","seq":"1","epoch":"e"}')
    await eventually(() => texts.length === 1)
    const laststep = { run_id: 'run_7', seq: 1, epoch: heard.reporter.instanceId }
    expect(JSON.parse(texts[0] ?? '')).toMatchObject({ seq: '1', laststep })
  })

  test('of another instance confirms nothing', async () => {
    await listen()
    const { own, client, id } = await openPair('?acks=1')
    own.send(json(1))
    await reaches(id, 1, 'transported')
    client.send('{"type":"ack","epoch":"another","run_id":"run_1","up_to":1}')
    client.send(`{"type":"ack","epoch":"${heard.reporter.instanceId}","run_id":"run_1","up_to":1}`)
    const { states } = await reaches(id, 1, 'received')
    expect(states.filter((state) => state === 'received')).toHaveLength(1)
  })

  test('a client that promised none gets every byte as it was sent', async () => {
    await listen()
    const { own, texts } = await openPair()
    const text = '{"type":"agent_completed","runId":"run_5"}'
    own.send(text)
    await eventually(() => texts.length === 1)
    expect(texts).toEqual([text])
  })
})

const UPGRADE = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': Buffer.alloc(16).toString('base64'),
}

describe('a connection', () => {
  test('is told of from its opening, with its user when that is known', async () => {
    await listen({ userOf: async ({ url }) => new URL(url ?? '', 'ws://x').searchParams.get('user') })
    const { id } = await openPair('?user=ada&acks=1')
    await eventually(() => connections(id).length === 3)
    expect(connections(id)).toMatchObject([
      { 'laststep.connection.state': 'opened', 'laststep.connection.acks': true },
      { 'laststep.connection.state': 'authenticated', 'user.id': 'ada' },
      { 'laststep.connection.state': 'ready', 'user.id': 'ada' },
    ])
  })

  test('whose subprotocols are not taken says so, and its client breaks off', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => false })
    recordWebSockets(server, heard.reporter)
    await once(server, 'listening')
    const known = new Set(heard.connectionIds())
    const client = new WebSocket(urlOf(server.address() as AddressInfo), ['jwt-auth', 'jwt.e30'])
    const [error] = (await once(client, 'error')) as [Error]
    expect(error.message).toBe('Server sent no subprotocol')
    const id = await eventually(() => heard.connectionIds().find((each) => !known.has(each)))
    expect(await closeOf(id)).toMatchObject({ 'laststep.connection.close_code': 1006 })
    expect(connections(id)[0]).toMatchObject({
      'laststep.connection.state': 'opened',
      'laststep.connection.subprotocol_refused': true,
    })
    await new Promise((resolve) => server.close(resolve))
  })

  // oxfmt-ignore
  test.each([
    // who ends it, and how                     code   reason     by
    ['client closes',    'client.close',        3001, 'enough',  'client'],
    ['server closes',    'server.close',        4001, 'bye',     'server'],
    ['client vanishes',  'client.terminate',    1006, '',        'network'],
    ['server ends it',   'server.terminate',    1006, '',        'server'],
  ] as const)('%s', async (_, how, code, reason, by) => {
    await listen()
    const { own, client, id } = await openPair()
    const end = how.startsWith('client') ? client : own
    if (how.endsWith('close')) end.close(code, reason)
    else end.terminate()
    expect(await closeOf(id)).toMatchObject({
      'laststep.connection.close_code': code,
      'laststep.connection.close_reason': reason,
      'laststep.connection.close_by': by,
    })
  })

  test('that does not answer a ping is ended, when asked for', async () => {
    await listen({ heartbeatMs: 100 })
    const { client, id } = await openPair()
    client.pause()
    expect(await closeOf(id)).toMatchObject({ 'laststep.connection.close_by': 'server' })
    client.terminate()
  })

  test('that comes in by way of the http server, without a connection event, is recorded too', async () => {
    await listen()
    const http = createServer()
    const own = new Promise<WebSocket>((resolve) => {
      http.on('upgrade', (request, stream, head) => wrapped.server.handleUpgrade(request, stream, head, resolve))
    })
    http.listen(0, '127.0.0.1')
    await once(http, 'listening')
    const client = new WebSocket(urlOf(http.address() as AddressInfo))
    const socket = await own
    socket.send(json(1))
    await reaches(wrapped.sockets.connectionIdOf(socket), 1, 'transported')
    client.terminate()
    http.close()
  })

  test('whose address is no address is a connection like any other', async () => {
    await listen()
    const request = createRequest({
      port: (wrapped.server.address() as AddressInfo).port,
      path: '//?acks=1',
      headers: UPGRADE,
    })
    const connected = once(wrapped.server, 'connection') as Promise<[WebSocket]>
    request.end()
    const [own] = await connected
    await eventually(() => connections(wrapped.sockets.connectionIdOf(own)).length > 0)
    request.destroy()
  })

  test('of what is no server of ws is refused at once', () => {
    expect(() => recordWebSockets({} as never, heard.reporter)).toThrow(/needs a WebSocketServer/)
  })
})
