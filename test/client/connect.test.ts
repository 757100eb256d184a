/** The client and the reference runtime, each for real, and what the runtime tells the collector of their messages. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { connect, type Client, type ConnectOptions, type Resumption, type SocketLike } from '../../client/index.ts'
import type { ServerFrame } from '../../contract/frames.ts'
import { seconds } from '../../contract/units.ts'
import { fetchToken } from '../../tools/user-client.ts'
import { startOtlpReceiver, type OtlpReceiver } from '../kit/otlp-receiver.ts'
import { startRuntimeProgram, type RuntimeProgram } from '../kit/programs.ts'
import { eventually } from '../kit/eventually.ts'

let receiver: OtlpReceiver
let runtime: RuntimeProgram
const clients: Client[] = []

beforeAll(async () => {
  receiver = await startOtlpReceiver()
  runtime = await startRuntimeProgram(receiver.url)
})
afterEach(() => {
  for (const client of clients.splice(0)) client.close()
})
afterAll(async () => {
  await runtime?.stop()
  await receiver?.stop()
})

interface User {
  readonly client: Client
  readonly frames: ServerFrame[]
  readonly resumptions: Resumption[]
  readonly closes: { readonly code: number; readonly final: boolean }[]
  /** Every socket it opened. */
  readonly sockets: WebSocket[]
  /** While true, acks get lost. */
  losesAcks: boolean
}

function open(options: Partial<ConnectOptions>): User {
  const frames: ServerFrame[] = []
  const resumptions: Resumption[] = []
  const closes: { code: number; final: boolean }[] = []
  const sockets: WebSocket[] = []
  const client = connect({
    url: runtime.ws,
    onFrame: (frame) => void frames.push(frame),
    onResumed: (resumption) => void resumptions.push(resumption),
    onClose: (close) => void closes.push(close),
    open(url, protocols): SocketLike {
      const socket = new WebSocket(url, protocols)
      const send = socket.send.bind(socket)
      socket.send = (text: string) => (user.losesAcks && text.includes('"ack"') ? undefined : send(text))
      sockets.push(socket)
      return socket
    },
    ...options,
  })
  clients.push(client)
  const user: User = { client, frames, resumptions, closes, sockets, losesAcks: false }
  return user
}

const openAs = (name: string, options: Partial<ConnectOptions> = {}) =>
  open({ token: () => fetchToken(runtime.http, name), ...options })

async function ask({ client, frames }: User, text: string, agent = 'assistant'): Promise<string> {
  await eventually(() => frames.some(({ type }) => type === 'connection_established'))
  client.send({ type: 'start_agent', payload: { user_request: text, agent } })
  return eventually(() => frames.find(({ type }) => type === 'run_accepted')?.run_id)
}

const seqsOf = ({ frames }: User, runId: string) =>
  frames.filter(({ run_id, seq }) => run_id === runId && seq > 0).map(({ seq }) => seq)

const endOf = (user: User, runId: string) =>
  eventually(() => user.frames.find(({ run_id, type }) => run_id === runId && type === 'agent_completed'))

/** States of a run's messages to one connection, by seq. */
function statesOn(connectionId: unknown, runId: string): Map<number, string[]> {
  const states = new Map<number, string[]>()
  for (const { attributes } of receiver.records('laststep.delivery')) {
    if (attributes['laststep.run.id'] !== runId || attributes['laststep.connection.id'] !== connectionId) continue
    const seq = Number(attributes['laststep.delivery.seq'])
    states.set(seq, [...(states.get(seq) ?? []), ...(attributes['laststep.delivery.states'] as string[])])
  }
  return states
}

const connectionIds = ({ frames }: User) =>
  frames.filter(({ type }) => type === 'connection_established').map(({ payload }) => payload['connection_id'])

test('what a client shows is received and handled', async () => {
  const user = openAs('ada')
  const runId = await ask(user, 'What is 6 * 7?')
  const { seq: last } = await endOf(user, runId)
  expect(seqsOf(user, runId)).toEqual(Array.from({ length: last }, (_, index) => index + 1))
  const [connection] = connectionIds(user)
  await eventually(() => statesOn(connection, runId).get(last)?.includes('handled'))
  for (const states of statesOn(connection, runId).values()) expect(states).toContain('received')
})

test('by hand, only what the app says is handled', async () => {
  const user = openAs('grace', { rendered: 'by-hand' })
  const runId = await ask(user, 'Hello')
  const { seq: last } = await endOf(user, runId)
  const [connection] = connectionIds(user)
  const first = user.frames.find(({ run_id, seq }) => run_id === runId && seq === 1)
  if (first) user.client.rendered(first)
  await eventually(() => statesOn(connection, runId).get(1)?.includes('handled'))
  await eventually(() => statesOn(connection, runId).get(last)?.includes('received'))
  expect(statesOn(connection, runId).get(last)).not.toContain('handled')
})

test('what the app fails to show is received and not handled', async () => {
  const frames: ServerFrame[] = []
  const user = openAs('alan', {
    onFrame(frame) {
      frames.push(frame)
      return frame.type === 'agent_completed' ? Promise.reject(new Error('cannot draw this')) : undefined
    },
  })
  const runId = await ask({ ...user, frames }, 'Hello')
  const { seq: last } = await endOf({ ...user, frames }, runId)
  const [connection] = connectionIds({ ...user, frames })
  await eventually(() => statesOn(connection, runId).get(last)?.includes('received'))
  await eventually(() =>
    statesOn(connection, runId)
      .get(last - 1)
      ?.includes('handled'),
  )
  expect(statesOn(connection, runId).get(last)).not.toContain('handled')
})

test('a connection that breaks mid-run is opened again, and every event arrives once', async () => {
  const user = openAs('radia')
  const runId = await ask(user, 'Write the weekly report', 'analyst')
  await eventually(() => user.frames.some(({ type }) => type === 'tool_executing'))
  user.sockets[0]?.terminate()
  const { seq: last } = await endOf(user, runId)
  expect(user.closes).toMatchObject([{ code: 1006, final: false }])
  expect(user.resumptions).toMatchObject([{ run_id: runId, recovered: true }])
  expect(seqsOf(user, runId)).toEqual(Array.from({ length: last }, (_, index) => index + 1))
})

test('receipts that a broken connection did not take are posted once there is another', async () => {
  const user = openAs('barbara')
  await eventually(() => user.frames.length > 0)
  user.losesAcks = true
  const runId = await ask(user, 'Write the weekly report', 'analyst')
  const seen = await eventually(() => user.frames.find(({ type }) => type === 'tool_executing'))
  const [first] = connectionIds(user)
  // Until the last message is known to be written, the collector must not hear that it was received.
  await eventually(() => statesOn(first, runId).get(seen.seq)?.includes('transported'))
  expect([...statesOn(first, runId).values()].flat()).not.toContain('received')
  user.losesAcks = false
  user.sockets[0]?.terminate()
  await eventually(() => statesOn(first, runId).get(seen.seq)?.includes('handled'))
  for (let seq = 1; seq <= seen.seq; seq++) expect(statesOn(first, runId).get(seq)).toContain('received')
  await endOf(user, runId)
})

test('what is no frame goes to whoever asks for it, and harms nothing', async () => {
  const others: unknown[] = []
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  server.on('connection', (socket) => {
    for (const text of [
      'pong',
      '',
      '{',
      'null',
      '7',
      '{"type":"hello","run_id":null,"epoch":"e","seq":0,"payload":{}}',
    ])
      socket.send(text)
  })
  try {
    await once(server, 'listening')
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
    const user = open({ url, onOther: (data) => void others.push(String(data)) })
    await eventually(() => user.frames.length === 1)
    expect(user.frames[0]).toMatchObject({ type: 'hello' })
    expect(others).toEqual(['pong', '', '{', 'null', '7'])
    expect(user.closes).toEqual([])
  } finally {
    server.close()
  }
})

test('how a connection ended is told by both ends', async () => {
  const user = openAs('ken')
  await eventually(() => user.frames.length > 0)
  const [first] = connectionIds(user)
  user.sockets[0]?.close(3001, 'enough')
  const told = await eventually(() => {
    const closes = receiver
      .records('laststep.connection')
      .map(({ attributes }) => attributes)
      .filter((attributes) => attributes['laststep.connection.id'] === first)
      .filter((attributes) => attributes['laststep.connection.state'] === 'closed')
    return closes.length === 2 && Object.assign({}, ...closes)
  })
  expect(told).toMatchObject({ 'laststep.connection.close_code': 3001, 'laststep.connection.client_close_code': 3001 })
})

test('a runtime that was restarted has no such run, and says so', async () => {
  const port = new URL((await startRestartable()).http).port
  const user = open({ url: restartable.ws, token: () => fetchToken(restartable.http, 'linus') })
  const runId = await ask(user, 'Write the weekly report', 'analyst')
  await restartable.kill()
  await startRestartable(port)
  // It comes back ever more slowly, and starting a runtime takes its time.
  await eventually(() => user.resumptions.length > 0, seconds(40))
  expect(user.resumptions[0]).toMatchObject({ run_id: runId, recovered: false, reason: 'other-epoch' })
  await restartable.stop()
})

let restartable: RuntimeProgram
async function startRestartable(port = '0'): Promise<RuntimeProgram> {
  return (restartable = await startRuntimeProgram(receiver.url, ['--port', port]))
}

test('a refused token ends it, and says why', async () => {
  const user = open({ token: () => 'nonsense' })
  await eventually(() => user.closes.length > 0)
  expect(user.closes).toMatchObject([{ code: 4401, final: true }])
  expect(user.sockets).toHaveLength(1)
})

test('a token that cannot be had is asked for again', async () => {
  let asked = 0
  const user = open({
    token: () => (asked++ === 0 ? Promise.reject(new Error('down')) : fetchToken(runtime.http, 'ken')),
  })
  await eventually(() => user.frames.some(({ type }) => type === 'connection_established'))
  expect(user.closes).toMatchObject([{ code: 1006, final: false }])
})

test('closed, it stays away', async () => {
  const user = openAs('edsger')
  await eventually(() => user.frames.length > 0)
  user.client.close()
  await eventually(() => user.closes.length > 0)
  expect(user.closes).toMatchObject([{ code: 1000, final: true }])
  expect(user.client.send({ type: 'cancel', run_id: 'r' })).toBe(false)
})

test('with reconnect off it stays away when the connection breaks', async () => {
  const user = openAs('frances', { reconnect: false })
  await eventually(() => user.frames.length > 0)
  user.sockets[0]?.terminate()
  await eventually(() => user.closes.length > 0)
  expect(user.closes).toMatchObject([{ code: 1006, final: true }])
})

// oxfmt-ignore
test.each([
  ['somebody else\'s key',   '/receipts/conn_0000000000000000', '[]',    404],
  ['what is no list',        null,                              '{}',    400],
  ['what is no JSON',        null,                              'hello', 400],
  ['an empty list',          null,                              '[]',    204],
  ['what is no ack',         null, '[null,1,{"type":"closed","code":"x"}]', 204],
] as const)('receipts: %s', async (_, path, body, status) => {
  const user = openAs('margaret')
  const hello = await eventually(() => user.frames.find(({ type }) => type === 'connection_established'))
  const response = await fetch(runtime.http + (path ?? String(hello.payload['receipts'])), { method: 'POST', body })
  expect(response.status).toBe(status)
})
