/** The reference runtime from outside: a real process, real sockets, and a receiver for what it tells the collector. */
import { createConnection } from 'node:net'
import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sleep, systemClock } from '../../contract/clock.ts'
import { CRITICAL_EVENTS } from '../../contract/events.ts'
import type { ServerFrame } from '../../contract/frames.ts'
import { parseTraceparent } from '../../contract/ids.ts'
import { connectUser, fetchToken, type UserClient, type UserClientSettings } from '../../tools/user-client.ts'
import { startOtlpReceiver, type OtlpReceiver } from '../kit/otlp-receiver.ts'
import { startRuntimeProgram, type RuntimeProgram } from '../kit/programs.ts'
import { eventually } from './eventually.ts'

let receiver: OtlpReceiver
let runtime: RuntimeProgram
const clients: UserClient[] = []

beforeAll(async () => {
  receiver = await startOtlpReceiver()
  runtime = await startRuntimeProgram(receiver.url, ['--service-name', 'runtime-under-test'])
})

afterAll(async () => {
  for (const client of clients) client.drop()
  await runtime.stop()
  await receiver.stop()
})

async function connect(user: string, settings: Partial<UserClientSettings> = {}): Promise<UserClient> {
  const client = await connectUser({ url: runtime.ws, token: await fetchToken(runtime.http, user), ...settings })
  clients.push(client)
  return client
}

const framesOf = (client: UserClient, runId: string) => client.frames.filter((frame) => frame.run_id === runId)
const typesOf = (frames: readonly ServerFrame[]) => frames.map(({ type }) => type)

describe.concurrent('a healthy run', () => {
  test('shows all five critical events in order, numbered without a gap, and an answer', async () => {
    const ada = await connect('ada')
    const runId = await ada.ask('What is (2 + 3) * 4?')
    const end = await ada.waitForEnd(runId)
    expect(end.payload).toEqual({ result: { text: '(2 + 3) * 4 = 20.', steps: 2 } })
    const frames = framesOf(ada, runId)
    expect(frames.map(({ seq }) => seq)).toEqual(frames.map((_, index) => index + 1))
    const firsts = [...new Set(typesOf(frames))]
    expect(firsts).toEqual([
      'run_accepted',
      'agent_started',
      'agent_thinking',
      'tool_executing',
      'tool_completed',
      'agent_finalizing',
      'agent_completed',
    ])
    expect(CRITICAL_EVENTS.every((event) => firsts.includes(event))).toBe(true)
    const calls = frames.filter(({ type }) => type.startsWith('tool_')).map(({ payload }) => payload['tool_call_id'])
    expect(new Set(calls).size).toBe(1)
  })

  test('has a phase span for every step in one trace, named by the frames it sent', async () => {
    const grace = await connect('grace')
    const runId = await grace.ask('Where are the opening hours?', { agent: 'research', threadId: 'thread_of_grace' })
    await grace.waitForEnd(runId)
    const frames = framesOf(grace, runId)
    const emitters = frames.map(({ traceparent }) => parseTraceparent(traceparent ?? ''))
    expect(new Set(emitters.map((emitter) => emitter?.traceId)).size).toBe(1)

    const spans = await eventually(() => {
      const own = receiver.spans().filter(({ traceId }) => traceId === emitters[0]?.traceId)
      return own.some(({ name }) => name === 'invoke_agent research') ? own : null
    })
    expect(spans.map(({ name }) => name)).toEqual([
      'accepted',
      'started create_execution_orchestrator',
      'chat scripted-1',
      'execute_tool file_search',
      'chat scripted-1',
      'finalise',
      'terminal',
      'invoke_agent research',
    ])
    const run = spans.at(-1)
    expect(spans.slice(0, -1).every(({ parentSpanId }) => parentSpanId === run?.spanId)).toBe(true)
    expect(run?.attributes).toMatchObject({
      'laststep.run.id': runId,
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.agent.name': 'research',
      'user.id': 'grace',
      'session.id': 'thread_of_grace',
    })
    const emitterOf = (type: string) => {
      const index = frames.findIndex((frame) => frame.type === type)
      return spans.find(({ spanId }) => spanId === emitters[index]?.spanId)?.name
    }
    expect(emitterOf('agent_thinking')).toBe('chat scripted-1')
    expect(emitterOf('tool_executing')).toBe('execute_tool file_search')
    expect(emitterOf('agent_completed')).toBe('terminal')
  })

  test('a long tool tells its progress, on the wire and on its span', async () => {
    const alan = await connect('alan')
    const runId = await alan.ask('Write the weekly report', { agent: 'analyst' })
    await alan.waitForEnd(runId)
    expect(framesOf(alan, runId).filter(({ type }) => type === 'progress_update')).toHaveLength(5)
    const span = await eventually(() => receiver.spans().find(({ name }) => name === 'execute_tool slow_report'))
    expect(span.attributes['laststep.progress']).toBe(5)
  })
})

describe.concurrent('deliveries', () => {
  test('of a client that acknowledges are received and handled, to the last message', async () => {
    const user = await connect('radia')
    const runId = await user.ask('Hello')
    const end = await user.waitForEnd(runId)
    const states = await eventually(() => {
      const reached = statesOf(runId)
      return reached.get(end.seq)?.includes('handled') ? reached : null
    })
    expect(states.size).toBe(end.seq)
    for (const reached of states.values()) {
      expect(reached.slice(0, 4)).toEqual(['emitted', 'routed', 'queued', 'written'])
      expect(reached).toContain('received')
      expect(new Set(reached).size).toBe(reached.length)
    }
  })

  test('of a client without acks are confirmed by the ping fence, and no further', async () => {
    const user = await connect('silent-bob', { acks: false })
    const runId = await user.ask('Hello')
    const end = await user.waitForEnd(runId)
    const states = await eventually(() =>
      statesOf(runId).get(end.seq)?.includes('transported') ? statesOf(runId) : null,
    )
    expect([...states.values()].every((reached) => reached.at(-1) === 'transported')).toBe(true)
  })

  test('to a client that stops reading are written and not confirmed', async () => {
    const deaf = await connect('deaf')
    const runId = await deaf.ask('What is 1 + 1?')
    deaf.stopReading()
    const ended = await eventually(() =>
      receiver
        .records('laststep.run')
        .find(({ attributes }) => attributes['laststep.run.id'] === runId && attributes['laststep.run.outcome']),
    )
    expect(ended.attributes['laststep.run.outcome']).toBe('succeeded')
    await sleep(systemClock, 500)
    const last = Math.max(...statesOf(runId).keys())
    expect(statesOf(runId).get(last)).toEqual(['emitted', 'routed', 'queued', 'written'])
    // Reading again proves that nothing was lost on the way: only the client was deaf.
    deaf.readAgain()
    await eventually(() => statesOf(runId).get(last)?.includes('handled'))
  })

  test('without a connection say so', async () => {
    const user = await connect('gone')
    const runId = await user.ask('Write the weekly report', { agent: 'analyst' })
    user.drop()
    const lost = await eventually(() =>
      receiver
        .records('laststep.delivery')
        .find(
          ({ attributes }) =>
            attributes['laststep.run.id'] === runId && attributes['laststep.delivery.reason'] === 'no-target',
        ),
    )
    expect(lost.attributes['laststep.delivery.targets']).toBe(0)
    expect(lost.attributes).not.toHaveProperty('laststep.connection.id')
  })

  function statesOf(runId: string): Map<number, string[]> {
    const bySeq = new Map<number, string[]>()
    for (const { attributes } of receiver.records('laststep.delivery')) {
      if (attributes['laststep.run.id'] !== runId) continue
      const seq = Number(attributes['laststep.delivery.seq'])
      bySeq.set(seq, [...(bySeq.get(seq) ?? []), ...(attributes['laststep.delivery.states'] as string[])])
    }
    return bySeq
  }
})

describe.concurrent('who may come in', () => {
  test.each(['header', 'subprotocol'] as const)('a token by %s', async (via) => {
    const user = await connect(`by-${via}`, { via })
    const hello = await user.waitFor(({ type }) => type === 'connection_established')
    expect(hello.payload['user_id']).toBe(`by-${via}`)
    expect(user.protocol).toBe(via === 'subprotocol' ? 'jwt-auth' : '')
  })

  test('a connection goes through auth and ready, and its spans end there', async () => {
    const user = await connect('phases')
    const { payload } = await user.waitFor(({ type }) => type === 'connection_established')
    const id = payload['connection_id']
    const states = () =>
      receiver
        .records('laststep.connection')
        .filter(({ attributes }) => attributes['laststep.connection.id'] === id)
        .map(({ attributes }) => attributes['laststep.connection.state'])
    await eventually(() => states().length === 3)
    expect(states()).toEqual(['opened', 'authenticated', 'ready'])
    const span = await eventually(() =>
      receiver.spans().find(({ attributes }) => attributes['laststep.connection.id'] === id),
    )
    expect(span.name).toBe('connect /ws')
    await user.close()
    await eventually(() => states().at(-1) === 'closed')
  })

  test.each([
    ['no token', async () => null, /no token/],
    ['no token but a word', async () => 'hello', /cannot be read/],
    ["somebody else's token", () => signed('another secret', 'ada', '1h'), /signed with another secret/],
  ])('%s: an error frame that says why, then 4401', async (_, token, reason) => {
    const user = await connectUser({ url: runtime.ws, token: await token() })
    const refusal = await user.waitFor(({ type }) => type === 'error')
    expect(refusal.payload).toEqual({ code: 'unauthenticated', message: expect.stringMatching(reason) })
    expect(await user.closed).toEqual({ code: 4401, reason: expect.stringMatching(reason) })
  })

  test('another path is no WebSocket', async () => {
    await expect(connectUser({ url: runtime.ws.replace('/ws', '/other'), token: null })).rejects.toThrow('404')
  })
})

describe.concurrent('what users see of each other', () => {
  test('nothing: each has only the frames of their own runs', async () => {
    const [eve, bob] = await Promise.all([connect('eve'), connect('bob')])
    const [evesRun, bobsRun] = await Promise.all([eve.ask('What is 3 * 3?'), bob.ask('What is 4 * 4?')])
    await Promise.all([eve.waitForEnd(evesRun), bob.waitForEnd(bobsRun)])
    expect(runsIn(eve)).toEqual([evesRun])
    expect(runsIn(bob)).toEqual([bobsRun])
  })

  test("a user cannot cancel, resume or read another's run", async () => {
    const [owner, thief] = await Promise.all([connect('owner'), connect('thief')])
    const runId = await owner.ask('Write the weekly report', { agent: 'analyst' })
    const epoch = owner.frames[0]?.epoch ?? ''
    thief.send({ type: 'cancel', run_id: runId })
    expect((await thief.waitFor(({ type }) => type === 'error')).payload['code']).toBe('not-found')
    thief.send({ type: 'resume', run_id: runId, epoch, last_seq: 0 })
    expect((await thief.waitFor(({ type }) => type === 'resumed')).payload).toMatchObject({ reason: 'unknown-run' })
    const headers = { authorization: `Bearer ${await fetchToken(runtime.http, 'thief')}` }
    expect((await fetch(`${runtime.http}/runs/${runId}`, { headers })).status).toBe(404)
    expect((await owner.waitForEnd(runId)).type).toBe('agent_completed')
    expect(thief.frames.filter(({ seq }) => seq > 0)).toEqual([])
  })

  test('all connections a user has when a run begins see it', async () => {
    const [phone, laptop] = await Promise.all([connect('two-screens'), connect('two-screens')])
    await laptop.waitFor(({ type }) => type === 'connection_established')
    const runId = await phone.ask('Hello')
    await Promise.all([phone.waitForEnd(runId), laptop.waitForEnd(runId)])
    expect(framesOf(laptop, runId)).toEqual(framesOf(phone, runId))
  })

  const runsIn = (client: UserClient) => [...new Set(client.frames.flatMap(({ run_id }) => run_id ?? []))]
})

describe.concurrent('nothing is answered with silence', () => {
  test('what is said in the same packet as the handshake, before anybody listens', async () => {
    const hasty = await speakRaw('hasty', [{ type: 'start_agent', payload: { user_request: 'Hello' } }])
    await eventually(() => hasty.heard().includes('"agent_completed"'))
    hasty.hangUp()
  })

  test('more than eight messages before ready close the connection', async () => {
    const many = Array.from({ length: 9 }, () => ({ type: 'start_agent', payload: { user_request: 'Hello' } }))
    const flood = await speakRaw('flood', many)
    await eventually(() => flood.heard().includes('too much was sent before ready'))
    flood.hangUp()
  })

  // oxfmt-ignore
  test.each([
    ['not JSON',            'hello',                                                    'error',        /not JSON/],
    ['no object',           '[1]',                                                      'error',        /not a JSON object/],
    ['an unknown type',     '{"type":"execute_agent"}',                                 'error',        /unknown type "execute_agent"/],
    ['a missing request',   '{"type":"start_agent","payload":{"content":"hi"}}',        'error',        /payload.user_request/],
    ['an unknown agent',    '{"type":"start_agent","payload":{"user_request":"x","agent":"zeus"}}', 'run_rejected', /no agent is called "zeus"; known: assistant/],
    ['an unknown fault',    '{"type":"start_agent","payload":{"user_request":"x","fault":"gremlin"}}', 'run_rejected', /no fault "gremlin"; known: silent-rejection/],
    ['a run long gone',     '{"type":"cancel","run_id":"run_x"}',                       'error',        /no run run_x is in flight/],
  ])('%s', async (_, text, type, message) => {
    const user = await connect('clumsy')
    user.sendText(text)
    const answer = await user.waitFor((frame) => frame.type === type)
    expect(answer.payload['message']).toMatch(message)
  })

  test('a message beyond 64 KiB closes with 1009', async () => {
    const user = await connect('verbose')
    const { payload } = await user.waitFor(({ type }) => type === 'connection_established')
    user.sendText('x'.repeat(70_000))
    expect((await user.closed).code).toBe(1009)
    const end = await eventually(() =>
      receiver
        .records('laststep.connection')
        .map(({ attributes }) => attributes)
        .find(
          (each) =>
            each['laststep.connection.id'] === payload['connection_id'] && 'laststep.connection.close_by' in each,
        ),
    )
    expect(end['laststep.connection.close_by']).toBe('server')
  })
})

describe.concurrent('resume', () => {
  test('tells the frames missed, then goes on, without a gap', async () => {
    const before = await connect('commuter')
    const runId = await before.ask('Write the weekly report', { agent: 'analyst' })
    const seen = await before.waitFor(({ type }) => type === 'tool_executing')
    before.drop()
    await sleep(systemClock, 900)

    const after = await connect('commuter')
    after.send({ type: 'resume', run_id: runId, epoch: seen.epoch, last_seq: seen.seq })
    const resumed = await after.waitFor(({ type }) => type === 'resumed')
    expect(resumed.payload).toMatchObject({ recovered: true, from: seen.seq + 1 })
    const end = await after.waitForEnd(runId)
    const missed = framesOf(after, runId).filter(({ seq }) => seq > 0)
    expect(missed.map(({ seq }) => seq)).toEqual(missed.map((_, index) => seen.seq + 1 + index))
    expect(end.type).toBe('agent_completed')
  })

  test.each([
    ['another epoch', (epoch: string) => `${epoch}-earlier`, 0, 'other-epoch'],
    ['frames never sent', (epoch: string) => epoch, 10_000, 'evicted'],
  ])('with %s recovers nothing and says so', async (_, epochOf, last_seq, reason) => {
    const user = await connect('late')
    const runId = await user.ask('Hello')
    const end = await user.waitForEnd(runId)
    user.send({ type: 'resume', run_id: runId, epoch: epochOf(end.epoch), last_seq })
    const { payload } = await user.waitFor(({ type }) => type === 'resumed')
    expect(payload).toEqual({ recovered: false, reason, from: null, to: null })
    // What is left to a client then: ask what became of the run.
    const headers = { authorization: `Bearer ${await fetchToken(runtime.http, 'late')}` }
    const run: unknown = await (await fetch(`${runtime.http}/runs/${runId}`, { headers })).json()
    expect(run).toMatchObject({ ended: true, last_seq: end.seq, terminal: { type: 'agent_completed' } })
  })
})

test('a cancelled run ends with agent_cancelled', async () => {
  const user = await connect('impatient')
  const runId = await user.ask('Write the weekly report', { agent: 'analyst' })
  await user.waitFor(({ type }) => type === 'tool_executing')
  user.send({ type: 'cancel', run_id: runId })
  const end = await user.waitForEnd(runId)
  expect([end.type, end.payload]).toEqual(['agent_cancelled', { reason: 'cancelled by the user' }])
  // The tool notices a little later, and nobody hears of it: nothing follows a terminal event.
  await sleep(systemClock, 1_200)
  expect(framesOf(user, runId).at(-1)).toBe(end)
})

describe('over HTTP', () => {
  test('health is green, and faults and tokens explain themselves', async () => {
    expect(await (await fetch(`${runtime.http}/healthz`)).json()).toEqual({ status: 'ok' })
    const post = (path: string, body: string) =>
      fetch(runtime.http + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    for (const [path, body, message] of [
      ['/token', '{"user":""}', /1 to 64 letters/],
      ['/token', '{', /JSON/],
      ['/faults', '{"name":"gremlin"}', /name must be one of silent-rejection, not-forwarded/],
      ['/faults', '{"name":"hung-tool","probability":2}', /from 0 \(off\) to 1/],
    ] as const) {
      const answer = await post(path, body)
      expect(answer.status).toBe(400)
      expect(await answer.json()).toMatchObject({ error: { code: 'invalid', message: expect.stringMatching(message) } })
    }
  })
})

/** A handshake and frames in one TCP packet: no WebSocket library would send them so early. */
async function speakRaw(user: string, frames: readonly object[]): Promise<{ heard(): string; hangUp(): void }> {
  const { hostname, port, host } = new URL(runtime.http)
  const handshake = [
    'GET /ws HTTP/1.1',
    `Host: ${host}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}`,
    `Authorization: Bearer ${await fetchToken(runtime.http, user)}`,
    '\r\n',
  ].join('\r\n')
  const socket = createConnection(Number(port), hostname)
  let heard = ''
  socket.on('data', (chunk: Buffer) => (heard += chunk.toString()))
  socket.write(Buffer.concat([Buffer.from(handshake), ...frames.map(maskedFrame)]))
  return { heard: () => heard, hangUp: () => socket.destroy() }
}

/** RFC 6455 §5.2: final text frame, masked with zeros, shorter than 126 bytes. */
function maskedFrame(frame: object): Buffer {
  const text = Buffer.from(JSON.stringify(frame))
  return Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), text])
}

function signed(secret: string, user: string, lifetime: string): Promise<string> {
  return new SignJWT()
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(user)
    .setExpirationTime(lifetime)
    .sign(new TextEncoder().encode(secret))
}
