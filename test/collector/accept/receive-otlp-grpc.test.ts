/** The gRPC door, beyond what the conformance table asks: what it holds, what it costs, how it ends. */
import { connect as connectHttp2 } from 'node:http2'
import { createServer, type AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createBytesInFlight } from '../../../collector/accept/bytes-in-flight.ts'
import type { Accepted, OtlpReceiver } from '../../../collector/accept/receive-otlp.ts'
import { startOtlpGrpc, type OtlpGrpcSettings } from '../../../collector/accept/receive-otlp-grpc.ts'
import { Unavailable } from '../../../collector/unavailable.ts'
import { logsProtobuf, spanRequest, spansProtobuf } from './conformance/bodies.ts'
import { openTarget, type GrpcAnswer, type GrpcAsked, type OpenTarget } from './conformance/target.ts'
import { decode } from './oracle.ts'

const BODY_MAX = 200_000
const INVALID_ARGUMENT = 3
const RESOURCE_EXHAUSTED = 8
const UNAVAILABLE = 14

let receiver: OtlpReceiver
let open: OpenTarget
let taken: Accepted[]
let take: (accepted: Accepted) => Promise<void>
let errors: object[]

async function start(settings: Partial<OtlpGrpcSettings> = {}): Promise<void> {
  receiver = await startOtlpGrpc({
    host: '127.0.0.1',
    port: 0,
    bodyBytesMax: BODY_MAX,
    inFlight: createBytesInFlight(2 * BODY_MAX),
    take: (accepted) => take(accepted),
    log: { error: (details) => void errors.push(details) },
    ...settings,
  })
  open = openTarget('http://127.0.0.1:9', receiver.address)
}

beforeEach(async () => {
  taken = []
  errors = []
  take = async (accepted) => void taken.push(accepted)
  await start()
})

afterEach(async () => {
  open.close()
  await receiver.stop()
})

function send(body: Uint8Array, asked?: GrpcAsked): Promise<GrpcAnswer> {
  return open.target.grpc?.(body, asked) ?? Promise.reject(new Error('no gRPC'))
}

test.each([
  ['as it is', false],
  ['gzip', true],
])('what is kept is what was sent, byte for byte: %s', async (_what, gzip) => {
  expect(await send(spansProtobuf, { gzip })).toMatchObject({ code: 0 })
  expect(await send(logsProtobuf, { gzip, service: 'logs' })).toMatchObject({ code: 0 })
  expect(taken.map(({ kind, encoding }) => `${kind} ${encoding}`)).toEqual(['traces protobuf', 'logs protobuf'])
  expect(taken.map(({ body }) => Buffer.from(body))).toEqual([spansProtobuf, logsProtobuf])
  expect(taken[0]?.signals).toMatchObject([{ kind: 'span', name: 'chat' }])
})

describe('what is never to be sent again', () => {
  // oxfmt-ignore
  test.each([
    ['no protobuf',     INVALID_ARGUMENT,   Buffer.from([0xff]),                     'byte'],
    ['logs as traces',  INVALID_ARGUMENT,   logsProtobuf,                            '/v1/logs'],
    ['broken gzip',     INVALID_ARGUMENT,   gzipSync(spansProtobuf).subarray(0, 40), 'decompressed'],
    ['a gzip bomb',     RESOURCE_EXHAUSTED, gzipSync(Buffer.alloc(BODY_MAX + 1)),    'larger'],
    ['a lying bomb',    RESOURCE_EXHAUSTED, lying(gzipSync(Buffer.alloc(BODY_MAX * 3))), 'larger'],
  ])('%s', async (_what, code, body, message) => {
    const answer = await send(body)
    expect(answer).toMatchObject({ code, message: expect.stringContaining(message) })
    expect(answer.trailers?.get('google.rpc.retryinfo-bin')).toEqual([])
    const [details] = answer.trailers?.get('grpc-status-details-bin') ?? []
    expect(decode('RpcStatus', Buffer.from(details ?? ''))).toEqual({ code, message: answer.message })
    expect(taken).toEqual([])
    expect(await send(spansProtobuf)).toMatchObject({ code: 0 })
  })
})

test('a passing fault is waited out: the sender hears only of the success', async () => {
  let faults = 3
  take = async (accepted) => {
    if (faults-- > 0) throw new Unavailable('the disk is full')
    taken.push(accepted)
  }
  const answer = await send(spansProtobuf)
  expect(answer).toMatchObject({ code: 0 })
  expect(answer.tookMs).toBeGreaterThan(700)
  expect(taken).toHaveLength(1)
})

test('nobody is held any longer once the receiver stops', async () => {
  let asked = 0
  take = () => Promise.reject(new Unavailable(`asked ${++asked} times`))
  const answer = send(spansProtobuf)
  await expect.poll(() => asked).toBeGreaterThan(0)
  await receiver.stop()
  const { code, tookMs } = await answer
  expect(code).toBe(UNAVAILABLE)
  expect(tookMs).toBeLessThan(2_000)
})

test('a bug of ours is UNAVAILABLE for the sender, so that its data is kept; its cause goes to the operator', async () => {
  take = () => Promise.reject(new TypeError('orchestrator is None'))
  const answer = await send(spansProtobuf)
  expect(answer).toMatchObject({ code: UNAVAILABLE, message: expect.not.stringContaining('orchestrator') })
  expect(answer.trailers?.get('google.rpc.retryinfo-bin')).toHaveLength(1)
  expect(errors).toMatchObject([{ err: { message: 'orchestrator is None' } }])
})

test('more bytes than fit in flight are asked to come back, at once', async () => {
  const large = spanRequest({ attributes: [{ key: 'x', value: { stringValue: 'x'.repeat(BODY_MAX - 1_000) } }] })
  const held: (() => void)[] = []
  take = () => new Promise((resolve) => held.push(resolve))
  const first = [send(large), send(large)]
  await expect.poll(() => held.length).toBe(2)
  const third = await send(large)
  expect(third.code).toBe(UNAVAILABLE)
  expect(third.tookMs).toBeLessThan(1_000)
  expect(third.trailers?.get('google.rpc.retryinfo-bin')).toHaveLength(1)
  for (const resolve of held) resolve()
  expect((await Promise.all(first)).map(({ code }) => code)).toEqual([0, 0])
  expect(receiver.counts).toMatchObject({ 'too-much': 1, accepted: 2 })
})

test('a connection is asked to go when it is old, and its calls are answered meanwhile', async () => {
  await receiver.stop()
  await start({ connectionAge: 200 })
  const session = connectHttp2(receiver.address)
  const gone = new Promise<string>((resolve) => session.once('goaway', () => resolve('goaway')))
  expect(await gone).toBe('goaway')
  session.destroy()
  // Clients come again by themselves: a connection lasts less than any three of these calls.
  take = () => new Promise((resolve) => setTimeout(resolve, 100))
  for (let count = 0; count < 6; count++) expect(await send(spansProtobuf)).toMatchObject({ code: 0 })
})

test('stopping answers what is under way', async () => {
  const held: (() => void)[] = []
  take = () => new Promise((resolve) => held.push(resolve))
  const answer = send(spansProtobuf)
  await expect.poll(() => held.length).toBe(1)
  const stopped = receiver.stop()
  held[0]?.()
  expect(await answer).toMatchObject({ code: 0 })
  await stopped
})

test('a taken port is told by the code the system gives', async () => {
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const { port } = other.address() as AddressInfo
  const settings = { host: '127.0.0.1', port, take, log: console }
  await expect(startOtlpGrpc(settings)).rejects.toMatchObject({ code: 'EADDRINUSE' })
  other.close()
})

/** Says that it becomes short. */
function lying(gzip: Buffer): Buffer {
  const copy = Buffer.from(gzip)
  copy.writeUInt32LE(100, copy.length - 4)
  return copy
}
