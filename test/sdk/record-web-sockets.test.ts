/** A server of `ws` wrapped with one call: real sockets, and a receiver for what the collector would hear. */
import { once } from 'node:events'
import { createServer, request as createRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { trace } from '@opentelemetry/api'
import { TracerProvider } from '@opentelemetry/sdk-trace'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { connect, type SocketLike } from '../../client/index.ts'
import {
  createReporter,
  recordWebSockets,
  type RecordedSockets,
  type RecordSocketsOptions,
  type Reporter,
} from '../../sdk/index.ts'
import { startOtlpReceiver, type OtlpReceiver } from '../kit/otlp-receiver.ts'
import { waitFor } from './kit.ts'

let receiver: OtlpReceiver
let reporter: Reporter
let server: WebSocketServer
let sockets: RecordedSockets<WebSocket>

beforeAll(async () => {
  receiver = await startOtlpReceiver()
})
afterAll(() => receiver.stop())

beforeEach(() => {
  reporter = createReporter({ endpoint: receiver.url, serviceName: 'wrapped', pulseMs: 0, flushMs: 20 })
})
afterEach(async () => {
  for (const socket of server.clients) socket.terminate()
  server.close()
  await reporter.stop()
})

async function listen(options: RecordSocketsOptions = {}): Promise<void> {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  sockets = recordWebSockets(server, reporter, options)
  await once(server, 'listening')
}

const urlOf = ({ port }: AddressInfo) => `ws://127.0.0.1:${port}/ws`

/** Both ends of a new connection, and every text the client receives. */
async function openPair(query = '') {
  const client = new WebSocket(urlOf(server.address() as AddressInfo) + query)
  client.on('error', () => {})
  const texts: string[] = []
  client.on('message', (data) => texts.push(String(data)))
  const [own] = (await once(server, 'connection')) as [WebSocket]
  await once(client, 'open')
  return { own, client, texts, id: sockets.connectionIdOf(own) }
}

interface Told {
  readonly states: readonly string[]
  readonly attributes: Readonly<Record<string, unknown>>
  readonly spanId: string | undefined
}

/** What was told of one message over one connection. */
function told(id: string | null, seq: number, attempt = 1): Told {
  const records = receiver.records('laststep.delivery').filter(({ attributes }) => {
    const itsId = attributes['laststep.connection.id'] ?? null
    const isIt = attributes['laststep.delivery.seq'] === seq && attributes['laststep.delivery.attempt'] === attempt
    return isIt && itsId === id && attributes['laststep.delivery.epoch'] === reporter.instanceId
  })
  return {
    states: records.flatMap(({ attributes }) => attributes['laststep.delivery.states'] as string[]),
    attributes: Object.assign({}, ...records.toReversed().map(({ attributes }) => attributes)),
    spanId: records[0]?.spanId,
  }
}

const reaches = (id: string | null, seq: number, state: string, attempt = 1) =>
  waitFor(() => {
    const found = told(id, seq, attempt)
    return found.states.includes(state) && found
  })

const frame = (seq: number, more: object = {}) => ({
  type: 'agent_thinking',
  run_id: 'run_1',
  seq,
  payload: {},
  ...more,
})
const json = (seq: number, more: object = {}) => JSON.stringify(frame(seq, more))

describe('a message that the server sends', () => {
  test('is told of with its event, its tool call and the span that sent it, as far as its pong', async () => {
    await listen()
    const { own, texts, id } = await openPair()
    const span = new TracerProvider().getTracer('test').startSpan('execute_tool search')
    const text = json(1, { type: 'tool_executing', payload: { tool_call_id: 'call_1' } })
    // No context manager is registered here; a runtime has one.
    const getActiveSpan = trace.getActiveSpan
    trace.getActiveSpan = () => span
    own.send(text)
    trace.getActiveSpan = getActiveSpan
    const { states, attributes, spanId } = await reaches(id, 1, 'transported')
    expect(states).toEqual(['emitted', 'queued', 'written', 'transported'])
    expect(attributes).toMatchObject({
      'laststep.run.id': 'run_1',
      'laststep.delivery.event': 'tool_executing',
      'laststep.delivery.tool_call_id': 'call_1',
      'laststep.delivery.bytes': text.length,
    })
    expect(spanId).toBe(span.spanContext().spanId)
    expect(texts).toEqual([text])
  })

  // oxfmt-ignore
  test.each([
    ['text',                      'hello'],
    ['JSON that is no object',    '["run_id"]'],
    ['broken JSON',               '{"run_id": "run_1", '],
    ['a frame of no run',         '{"type":"pong"}'],
    ['a run\'s answer numbered 0','{"type":"resumed","run_id":"run_1","seq":0}'],
    ['bytes',                     Buffer.from('{"run_id":"run_1","type":"x","seq":1}')],
  ] as const)('and is %s passes untouched and unrecorded', async (_, data) => {
    await listen()
    const { own, texts, id } = await openPair('?acks=1')
    own.send(data)
    own.send(json(7))
    await reaches(id, 7, 'written')
    await waitFor(() => texts.length === 2)
    expect(texts[0]).toBe(String(data))
    expect(receiver.records('laststep.delivery').filter(({ attributes }) => attributes['laststep.connection.id'] === id)
      .every(({ attributes }) => attributes['laststep.delivery.seq'] === 7)).toBe(true)
  })

  test('keeps its callback, whatever way it is passed', async () => {
    await listen()
    const { own, client } = await openPair()
    const results: unknown[] = []
    own.send(json(1), (error) => results.push(error ?? 'written'))
    own.send(json(2), { binary: false }, (error) => results.push(error ?? 'written'))
    await waitFor(() => results.length === 2)
    client.terminate()
    await once(own, 'close')
    own.send(json(3), (error) => results.push(error))
    await waitFor(() => results.length === 3)
    expect(results).toEqual([
      'written',
      'written',
      expect.objectContaining({ message: expect.stringMatching(/not open/) }),
    ])
  })

  test('again is another attempt, with what follows it', async () => {
    await listen()
    const { own, id } = await openPair()
    for (const seq of [1, 2, 1, 2, 3]) own.send(json(seq))
    await reaches(id, 3, 'transported', 2)
    for (const [seq, attempt] of [
      [1, 1],
      [2, 1],
      [1, 2],
      [2, 2],
    ] as const)
      expect(told(id, seq, attempt).states).toContain('transported')
  })

  test('without a number of its own is counted, and one message to two connections is one message', async () => {
    await listen()
    const [a, b] = [await openPair(), await openPair()]
    const say = (text: string) => JSON.stringify({ type: 'agent_thinking', run_id: 'run_2', text })
    for (const text of ['same', 'same', 'other']) for (const { own } of [a, b]) own.send(say(text))
    for (const { id } of [a, b]) {
      await reaches(id, 3, 'transported')
      expect([1, 2, 3, 4].map((seq) => told(id, seq).states.length > 0)).toEqual([true, true, true, false])
    }
  })

  test('belongs to the run that the server says it does', async () => {
    await listen({
      messageOf: ({ frame }) => {
        const { kind, of } = frame as { kind?: string; of?: string }
        return kind && of ? { runId: of, event: kind } : null
      },
    })
    const { own, id } = await openPair()
    own.send('{"kind":"RUN_FINISHED","of":"thread-1/run-1"}')
    const { attributes } = await reaches(id, 1, 'transported')
    expect(attributes).toMatchObject({ 'laststep.run.id': 'thread-1/run-1', 'laststep.delivery.event': 'RUN_FINISHED' })
  })

  test('is sent also when that function fails', async () => {
    const warnings: Error[] = []
    process.on('warning', (warning) => warnings.push(warning))
    await listen({
      messageOf: () => {
        throw new Error('no idea')
      },
    })
    const { own, texts } = await openPair()
    own.send(json(1))
    await waitFor(() => texts.length === 1 && warnings.some(({ message }) => message === 'no idea'))
  })

  // A client of `ws` ends a connection on which more than 60 pings wait.
  test('in a burst of hundreds has fences that the client can bear', async () => {
    await listen()
    const { own, client, texts, id } = await openPair()
    client.pause()
    for (let seq = 1; seq <= 500; seq++) own.send(json(seq, { type: 'agent_thinking' }))
    await reaches(id, 500, 'written')
    client.resume()
    await reaches(id, 500, 'transported')
    expect(texts).toHaveLength(500)
    expect(client.readyState).toBe(WebSocket.OPEN)
    for (let seq = 1; seq < 500; seq++) expect(told(id, seq).states).toContain('transported')
  })

  test('of a run with a very long id has a fence that fits a ping', async () => {
    await listen()
    const { own, id } = await openPair()
    own.send(json(1, { run_id: 'run_'.repeat(200), type: 'agent_completed' }))
    await reaches(id, 1, 'transported')
  })
})

describe('what is not sent', () => {
  test('a message that is too big: dropped, its sender is told, and the connection stays', async () => {
    await listen({ bytesMax: 1_000 })
    const { own, texts, id } = await openPair()
    const result = new Promise((resolve) => own.send(json(1, { payload: 'x'.repeat(1_000) }), resolve))
    expect(await result).toMatchObject({ message: expect.stringMatching(/not sent.*bytesMax/) })
    own.send(json(2))
    await reaches(id, 2, 'transported')
    expect(told(id, 1)).toMatchObject({
      states: ['emitted', 'dropped'],
      attributes: { 'laststep.delivery.reason': 'too-big' },
    })
    expect(texts).toEqual([json(2)])
  })

  test('a message to a client that is too far behind: dropped, and the client is disconnected', async () => {
    await listen({ backlogBytesMax: 2 ** 20 })
    const { own, client, id } = await openPair()
    client.pause()
    let last = 0
    for (; last < 100 && own.readyState === WebSocket.OPEN; last++)
      own.send(json(last + 1, { payload: 'x'.repeat(2 ** 20) }))
    const { attributes } = await reaches(id, last, 'dropped')
    expect(attributes['laststep.delivery.reason']).toBe('backpressure')
    expect(await closeOf(id)).toMatchObject({ 'laststep.connection.close_by': 'server' })
    client.terminate()
  })

  test('a message to a connection that has closed', async () => {
    await listen()
    const { own, client, id } = await openPair()
    client.close()
    await once(own, 'close')
    own.send(json(1))
    expect((await reaches(id, 1, 'dropped')).attributes['laststep.delivery.reason']).toBe('closed')
  })
})

describe('send, for frames as objects', () => {
  const circle: Record<string, unknown> = {}
  circle['self'] = circle

  // oxfmt-ignore
  test.each([
    // payload                                  states                                       reason
    ['a BigInt',     { count: 10n },            ['emitted', 'routed', 'dropped'],            'serialize'],

    ['a circle',     circle,                    ['emitted', 'routed', 'dropped'],            'serialize'],
    ['a Map',        { found: new Map([[1, 2]]) }, ['emitted', 'routed', 'queued', 'written'], 'not in JSON: payload.found is a Map'],
    ['a Set',        [new Set([1])],            ['emitted', 'routed', 'queued', 'written'],  'not in JSON: payload.0 is a Set'],
    ['an Error',     { why: new TypeError('x') }, ['emitted', 'routed', 'queued', 'written'], 'not in JSON: payload.why is an Error'],
    ['NaN',          { score: NaN },            ['emitted', 'routed', 'queued', 'written'],  'not in JSON: payload.score is NaN'],
    ['a function',   { call: () => {} },        ['emitted', 'routed', 'queued', 'written'],  'not in JSON: payload.call is a function'],
    ['a Date',       { at: new Date(0) },       ['emitted', 'routed', 'queued', 'written'],  undefined],
    ['plain values', { a: [1, null, 'x'], b: undefined }, ['emitted', 'routed', 'queued', 'written'], undefined],
  ])('%s', async (_, payload, states, reason) => {
    await listen()
    const { own, id } = await openPair()
    sockets.send([own], frame(1, { payload }))
    const { attributes, states: reached } = await reaches(id, 1, states.at(-1) ?? '')
    expect(reached.slice(0, states.length)).toEqual(states)
    expect(attributes['laststep.delivery.reason']).toBe(reason)
    expect(attributes['laststep.delivery.targets']).toBe(1)
  })

  test('for nobody is told as such', async () => {
    await listen()
    sockets.send([], frame(1))
    const { attributes, states } = await reaches(null, 1, 'dropped')
    expect(states).toEqual(['emitted', 'routed', 'dropped'])
    expect(attributes).toMatchObject({ 'laststep.delivery.targets': 0, 'laststep.delivery.reason': 'no-target' })
  })

  test('the same object again is a message of its own', async () => {
    await listen()
    const { own, texts, id } = await openPair()
    const same = { type: 'agent_thinking', run_id: 'run_6' }
    for (let time = 0; time < 3; time++) sockets.send([own], same)
    await reaches(id, 3, 'transported')
    expect(texts).toHaveLength(3)
  })

  test('for several is one message', async () => {
    await listen()
    const [a, b] = [await openPair(), await openPair('?acks=1')]
    sockets.send([a.own, b.own], { type: 'agent_completed', run_id: 'run_3' })
    for (const { id } of [a, b])
      expect((await reaches(id, 1, 'transported')).attributes['laststep.delivery.targets']).toBe(2)
  })
})

describe('a client that acknowledges', () => {
  test('is given the place of frames that have none, and is believed', async () => {
    await listen()
    const heard: string[] = []
    server.on('connection', (socket) => socket.on('message', (data) => heard.push(String(data))))
    const connected = once(server, 'connection') as Promise<[WebSocket]>
    const frames: unknown[] = []
    const user = connect({
      url: urlOf(server.address() as AddressInfo),
      onFrame: (frame) => void frames.push(frame),
      open: (url, protocols) => new WebSocket(url, protocols) satisfies SocketLike,
    })
    const [own] = await connected
    const id = sockets.connectionIdOf(own)
    own.send('{ "type": "agent_thinking", "runId": "run_4", "text": "hm" } ')
    own.send('{"type":"agent_completed","runId":"run_4"}')
    const { states } = await reaches(id, 2, 'handled')
    expect(states).toContain('received')
    expect(told(id, 1).states).toContain('handled')
    expect(frames[0]).toEqual({
      type: 'agent_thinking',
      runId: 'run_4',
      text: 'hm',
      laststep: { run_id: 'run_4', seq: 1, epoch: reporter.instanceId },
    })
    // Its own messages reach the server; its acks are none of the server's business.
    user.send({ type: 'cancel', run_id: 'run_4' })
    await waitFor(() => heard.length > 0)
    expect(heard).toEqual(['{"type":"cancel","run_id":"run_4"}'])
    user.close()
  })

  // Whatever it cannot place by itself: here a number that is a text.
  test('is given the place also of frames whose own it cannot read', async () => {
    await listen()
    const { own, texts } = await openPair('?acks=1')
    own.send('{"type":"agent_thinking","run_id":"run_7","seq":"1","epoch":"e"}')
    await waitFor(() => texts.length === 1)
    const laststep = { run_id: 'run_7', seq: 1, epoch: reporter.instanceId }
    expect(JSON.parse(texts[0] ?? '')).toMatchObject({ seq: '1', laststep })
  })

  test('of another instance confirms nothing', async () => {
    await listen()
    const { own, client, id } = await openPair('?acks=1')
    own.send(json(1))
    await reaches(id, 1, 'transported')
    client.send('{"type":"ack","epoch":"another","run_id":"run_1","up_to":1}')
    client.send(`{"type":"ack","epoch":"${reporter.instanceId}","run_id":"run_1","up_to":1}`)
    const { states } = await reaches(id, 1, 'received')
    expect(states.filter((state) => state === 'received')).toHaveLength(1)
  })

  test('a client that promised none gets every byte as it was sent', async () => {
    await listen()
    const { own, texts } = await openPair()
    const text = '{"type":"agent_completed","runId":"run_5"}'
    own.send(text)
    await waitFor(() => texts.length === 1)
    expect(texts).toEqual([text])
  })
})

const UPGRADE = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': Buffer.alloc(16).toString('base64'),
}

/** How the end of a connection was told. */
function closeOf(id: string | null): Promise<Readonly<Record<string, unknown>>> {
  return waitFor(() => connectionRecords(id).find((attributes) => attributes['laststep.connection.state'] === 'closed'))
}

function connectionRecords(id: string | null) {
  return receiver
    .records('laststep.connection')
    .map(({ attributes }) => attributes)
    .filter((attributes) => attributes['laststep.connection.id'] === id)
}

describe('a connection', () => {
  test('is told of from its opening, with its user when that is known', async () => {
    await listen({ userOf: async ({ url }) => new URL(url ?? '', 'ws://x').searchParams.get('user') })
    const { id } = await openPair('?user=ada&acks=1')
    await waitFor(() => connectionRecords(id).length === 3)
    expect(connectionRecords(id)).toMatchObject([
      { 'laststep.connection.state': 'opened', 'laststep.connection.acks': true },
      { 'laststep.connection.state': 'authenticated', 'user.id': 'ada' },
      { 'laststep.connection.state': 'ready', 'user.id': 'ada' },
    ])
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
      http.on('upgrade', (request, stream, head) => server.handleUpgrade(request, stream, head, resolve))
    })
    http.listen(0, '127.0.0.1')
    await once(http, 'listening')
    const client = new WebSocket(urlOf(http.address() as AddressInfo))
    const socket = await own
    socket.send(json(1))
    await reaches(sockets.connectionIdOf(socket), 1, 'transported')
    client.terminate()
    http.close()
  })

  test('whose address is no address is a connection like any other', async () => {
    await listen()
    const request = createRequest({ port: (server.address() as AddressInfo).port, path: '//?acks=1', headers: UPGRADE })
    const connected = once(server, 'connection') as Promise<[WebSocket]>
    request.end()
    const [own] = await connected
    await waitFor(() => connectionRecords(sockets.connectionIdOf(own)).length > 0)
    request.destroy()
  })

  test('of what is no server of ws is refused at once', () => {
    expect(() => recordWebSockets({} as never, reporter)).toThrow(/needs a WebSocketServer/)
  })
})
