/** A server of socket.io wrapped with one call: real connections, and a receiver for what the collector would hear. */
import { once } from 'node:events'
import { createServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Server, type Socket } from 'socket.io'
import { io as connect, type Socket as ClientSocket } from 'socket.io-client'
import { afterEach, describe, expect, test } from 'vitest'
import { followRuns } from '../../client/index.ts'
import { recordSocketIo, type RecordSocketIoOptions } from '../../sdk/index.ts'
import { eventually } from '../kit/eventually.ts'
import { hearReporter } from './heard.ts'

const heard = hearReporter()
const { told, reaches, connectionIds, connections, closeOf } = heard
let http: HttpServer
let server: Server
const clients: ClientSocket[] = []

afterEach(async () => {
  for (const client of clients.splice(0)) client.disconnect()
  await server.close()
})

async function listen(options: RecordSocketIoOptions = {}): Promise<void> {
  http = createServer()
  server = new Server(http)
  recordSocketIo(server, heard.reporter, options)
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
}

/** Both ends of a new connection, the frames its client receives, and the id under which it is recorded. */
async function openPair({ acks = false, path = '/', transports = ['websocket'] } = {}) {
  const before = new Set(connectionIds())
  const { port } = http.address() as AddressInfo
  const namespace = path === '/' ? server.sockets : server.of(path)
  const connected = once(namespace, 'connection') as Promise<[Socket]>
  const client = connect(`http://127.0.0.1:${port}${path}`, { forceNew: true, transports, auth: { acks } })
  clients.push(client)
  const frames: unknown[] = []
  client.onAny((_event, frame) => frames.push(frame))
  const [own] = await connected
  const id = await eventually(() => connectionIds().find((known) => !before.has(known)))
  return { own, client, frames, id }
}

const frame = (seq: number, more: object = {}) => ({
  type: 'agent_completed',
  run_id: 'run_1',
  seq,
  payload: {},
  ...more,
})

describe('a message', () => {
  // oxfmt-ignore
  test.each([
    ['emitted to a socket',              ['websocket']],
    ['emitted to a socket that polls',   ['polling']],
    ['to a socket that upgrades',        ['polling', 'websocket']],
  ] as const)('%s is told of, as far as its pong', async (_, transports) => {
    await listen()
    const { own, frames, id } = await openPair({ transports: [...transports] })
    own.emit('agent', frame(1, { payload: { tool_call_id: 'call_1' } }))
    const { states, attributes } = await reaches(id, 1, 'transported')
    expect([...states].sort()).toEqual(['emitted', 'queued', 'transported', 'written'])
    expect(attributes).toMatchObject({
      'laststep.run.id': 'run_1',
      'laststep.delivery.event': 'agent_completed',
      'laststep.delivery.tool_call_id': 'call_1',
    })
    expect(frames).toEqual([frame(1, { payload: { tool_call_id: 'call_1' } })])
  })

  test('emitted to a room is one message to each of its connections', async () => {
    await listen()
    const pairs = [await openPair(), await openPair({ acks: true })]
    for (const { own } of pairs) void own.join('room')
    server.to('room').emit('agent_thinking', { run_id: 'run_2' })
    server.to('room').emit('agent_completed', { run_id: 'run_2' })
    for (const { id } of pairs)
      expect((await reaches(id, 2, 'transported')).attributes['laststep.delivery.event']).toBe('agent_completed')
  })

  test('of no run passes unrecorded', async () => {
    await listen()
    const { own, frames, id } = await openPair({ acks: true })
    own.emit('hello')
    own.emit('hello', 'ada')
    own.emit('hello', { name: 'ada' })
    own.emit('agent', frame(9, { epoch: heard.reporter.instanceId }))
    await reaches(id, 9, 'transported')
    expect(frames).toEqual([undefined, 'ada', { name: 'ada' }, frame(9, { epoch: heard.reporter.instanceId })])
    expect(told(id, 1).states).toEqual([])
  })

  test('in a namespace made later is recorded too', async () => {
    await listen()
    server.of('/agents')
    const { own, id } = await openPair({ path: '/agents' })
    own.emit('agent', frame(1))
    await reaches(id, 1, 'transported')
  })

  test('with bytes arrives whole', async () => {
    await listen({ bytesMax: 10 })
    const { own, frames, id } = await openPair()
    own.emit('agent', frame(1, { payload: { picture: Buffer.from('picture') } }))
    await reaches(id, 1, 'transported')
    await eventually(() => frames.length === 1)
    expect(frames).toEqual([frame(1, { payload: { picture: Buffer.from('picture') } })])
  })

  test('keeps the acknowledgement that its sender asked for', async () => {
    await listen()
    const { own, client, id } = await openPair({ acks: true })
    client.on('agent', (_frame, answer: (text: string) => void) => answer('got it'))
    expect(await own.emitWithAck('agent', { run_id: 'run_3', type: 'agent_started' })).toBe('got it')
    await reaches(id, 1, 'written')
  })
})

describe('what is not sent', () => {
  test('a message without JSON: the sender learns it as ever, and it is recorded', async () => {
    await listen()
    const { own, id } = await openPair()
    expect(() => own.emit('agent', frame(1, { payload: { count: 10n } }))).toThrow(/BigInt/)
    own.emit('agent', frame(2, { payload: { found: new Map() } }))
    await reaches(id, 2, 'transported')
    expect(told(id, 1)).toMatchObject({
      states: ['emitted', 'dropped'],
      attributes: { 'laststep.delivery.reason': 'serialize' },
    })
    expect(told(id, 2).attributes['laststep.delivery.reason']).toBe('not in JSON: payload.found is a Map')
  })

  test('a frame that contains itself many times over is not looked at for ever', async () => {
    await listen()
    const { own, id } = await openPair()
    const knot: Record<string, unknown> = {}
    for (const name of ['a', 'b', 'c', 'd']) knot[name] = knot
    expect(() => own.emit('agent', frame(1, { payload: knot }))).toThrow()
    expect((await reaches(id, 1, 'dropped')).attributes['laststep.delivery.reason']).toBe('serialize')
  })

  test('a message that is too big', async () => {
    await listen({ bytesMax: 1_000 })
    const { own, frames, id } = await openPair()
    own.emit('agent', frame(1, { payload: 'x'.repeat(1_000) }))
    own.emit('agent', frame(2))
    await reaches(id, 2, 'transported')
    expect(told(id, 1)).toMatchObject({
      states: ['emitted', 'dropped'],
      attributes: { 'laststep.delivery.reason': 'too-big' },
    })
    expect(frames).toEqual([frame(2)])
  })

  test('a message to a client that is too far behind, which is disconnected', async () => {
    await listen({ backlogBytesMax: 2 ** 20 })
    const { own, id } = await openPair()
    // All in one turn of the loop: none of them can have been written.
    for (let seq = 1; seq <= 4; seq++) own.emit('agent', frame(seq, { payload: 'x'.repeat(600_000) }))
    expect((await reaches(id, 3, 'dropped')).attributes['laststep.delivery.reason']).toBe('backpressure')
    expect(await closeOf(id)).toMatchObject({ 'laststep.connection.close_by': 'server' })
  })

  test('a message to a connection that has closed', async () => {
    await listen()
    const { own, client, id } = await openPair()
    client.disconnect()
    await once(own, 'disconnect')
    own.emit('agent', frame(1))
    expect((await reaches(id, 1, 'dropped')).attributes['laststep.delivery.reason']).toBe('closed')
  })
})

describe('a client that acknowledges', () => {
  test.each(['alone', 'with others'])(
    'is given the place of frames that have none, sent to it %s, and is believed',
    async (how) => {
      await listen()
      const { own, client, frames, id } = await openPair({ acks: true })
      const runs = followRuns({ send: (ack) => client.connected && Boolean(client.emit('laststep', ack)) })
      client.onAny((_event, frame) => {
        const place = runs.take(frame)
        if (place !== null && place !== 'repeated') runs.rendered(place)
      })
      const to = how === 'alone' ? own : server
      to.emit('agent_thinking', { runId: 'run_4', text: 'hm' })
      to.emit('agent_completed', { runId: 'run_4', type: 'agent_completed' })
      await reaches(id, 2, 'handled')
      expect((await reaches(id, 1, 'handled')).states).toContain('received')
      expect(frames[0]).toEqual({
        runId: 'run_4',
        text: 'hm',
        laststep: { run_id: 'run_4', seq: 1, epoch: heard.reporter.instanceId },
      })
      runs.stop()
    },
  )

  test('nonsense in its place is nothing', async () => {
    await listen()
    const { own, client, id } = await openPair({ acks: true })
    for (const nonsense of [
      undefined,
      null,
      'ack',
      { type: 'ack' },
      { type: 'ack', epoch: 'x', run_id: 'run_1', up_to: 1 },
    ])
      client.emit('laststep', nonsense)
    own.emit('agent', frame(1))
    expect((await reaches(id, 1, 'transported')).states).not.toContain('received')
  })
})

describe('a connection', () => {
  test('is told of with its user', async () => {
    await listen({ userOf: ({ handshake }) => String(handshake.headers['user-agent'] ?? 'ada') })
    const { id } = await openPair({ acks: true })
    await eventually(() => connections(id).length === 3)
    expect(connections(id)).toMatchObject([
      { 'laststep.connection.state': 'opened', 'laststep.connection.acks': true },
      { 'laststep.connection.state': 'authenticated', 'user.id': expect.any(String) },
      { 'laststep.connection.state': 'ready' },
    ])
  })

  // oxfmt-ignore
  test.each([
    ['the client leaves',    'client.disconnect', { 'laststep.connection.close_by': 'client' }],
    ['the server ends it',   'own.disconnect',    { 'laststep.connection.close_by': 'server' }],
    ['it breaks',            'engine.close',      { 'laststep.connection.close_reason': 'transport close' }],
  ] as const)('%s', async (_, how, expected) => {
    await listen()
    const { own, client, id } = await openPair()
    if (how === 'client.disconnect') client.disconnect()
    else if (how === 'own.disconnect') own.disconnect(true)
    else client.io.engine.close()
    expect(await closeOf(id)).toMatchObject(expected)
  })

  test('of what is no server of socket.io is refused at once', () => {
    expect(() => recordSocketIo({} as never, heard.reporter)).toThrow(/needs a Server/)
  })
})
