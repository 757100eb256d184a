/** Who may come in, what they see of each other, and that whatever they send is answered: a real process, real sockets. */
import { createConnection } from 'node:net'
import { SignJWT } from 'jose'
import { describe, expect, test } from 'vitest'
import { connectUser, fetchToken, type UserClient } from '../../tools/user-client.ts'
import { eventually } from '../kit/eventually.ts'
import { startRuntime } from './started-runtime.ts'

const runtime = startRuntime()
const { connect, connectionRecords } = runtime

const framesOf = (client: UserClient, runId: string) => client.frames.filter((frame) => frame.run_id === runId)

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
    const states = () => connectionRecords(id).map((attributes) => attributes['laststep.connection.state'])
    await eventually(() => states().length === 3)
    expect(states()).toEqual(['opened', 'authenticated', 'ready'])
    const span = await eventually(() =>
      runtime.receiver.spans().find(({ attributes }) => attributes['laststep.connection.id'] === id),
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
    const user = await connectUser({ url: runtime.program.ws, token: await token() })
    const refusal = await user.waitFor(({ type }) => type === 'error')
    expect(refusal.payload).toEqual({ code: 'unauthenticated', message: expect.stringMatching(reason) })
    expect(await user.closed).toEqual({ code: 4401, reason: expect.stringMatching(reason) })
  })

  test('another path is no WebSocket', async () => {
    await expect(connectUser({ url: runtime.program.ws.replace('/ws', '/other'), token: null })).rejects.toThrow('404')
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
    const headers = { authorization: `Bearer ${await fetchToken(runtime.program.http, 'thief')}` }
    expect((await fetch(`${runtime.program.http}/runs/${runId}`, { headers })).status).toBe(404)
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
      connectionRecords(payload['connection_id']).find((attributes) => 'laststep.connection.close_by' in attributes),
    )
    expect(end['laststep.connection.close_by']).toBe('server')
  })
})

describe('over HTTP', () => {
  test('health is green, and faults and tokens explain themselves', async () => {
    expect(await (await fetch(`${runtime.program.http}/healthz`)).json()).toEqual({ status: 'ok' })
    const post = (path: string, body: string) =>
      fetch(runtime.program.http + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
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
  const { hostname, port, host } = new URL(runtime.program.http)
  const handshake = [
    'GET /ws HTTP/1.1',
    `Host: ${host}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}`,
    `Authorization: Bearer ${await fetchToken(runtime.program.http, user)}`,
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
