import { connect } from 'node:net'
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createBytesInFlight } from '../../../collector/accept/bytes-in-flight.ts'
import { startOtlpHttp, type Accepted, type OtlpReceiver } from '../../../collector/accept/receive-otlp.ts'
import { Unavailable } from '../../../collector/unavailable.ts'
import { decode, encode, type MessageName } from './oracle.ts'

const BODY_MAX = 200_000
const IDS = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' }
const PROTOBUF = 'application/x-protobuf'
const JSON_TYPE = 'application/json'

const span = { traceId: Buffer.from(IDS.traceId, 'hex'), spanId: Buffer.from(IDS.spanId, 'hex'), name: 'chat' }
const spansProtobuf = encode('TracesRequest', { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] })
const spansJson = Buffer.from(
  JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [{ ...IDS, name: 'chat' }] }] }] }),
)
const logsProtobuf = encode('LogsRequest', { resourceLogs: [{ scopeLogs: [{ logRecords: [{ timeUnixNano: '5' }] }] }] })
const logsJson = Buffer.from(
  JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ timeUnixNano: '5' }] }] }] }),
)

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

let receiver: OtlpReceiver
let taken: Accepted[]
let take: (accepted: Accepted) => Promise<void>
let errors: object[]

beforeEach(async () => {
  taken = []
  errors = []
  take = async (accepted) => void taken.push(accepted)
  receiver = await startOtlpHttp({
    host: '127.0.0.1',
    port: 0,
    bodyBytesMax: BODY_MAX,
    inFlight: createBytesInFlight(2 * BODY_MAX),
    take: (accepted) => take(accepted),
    log: { error: (details) => void errors.push(details) },
  })
})

afterEach(() => receiver.stop())

interface Asked {
  readonly path?: string
  readonly method?: string
  readonly type?: string
  readonly encoding?: string
  /** Send without a Content-Length. */
  readonly chunked?: boolean
}

function send(body: Buffer, { path = '/v1/traces', method = 'POST', type, encoding, chunked }: Asked): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = {
      ...(type !== undefined && { 'content-type': type }),
      ...(encoding !== undefined && { 'content-encoding': encoding }),
      ...(!chunked && { 'content-length': body.length }),
    }
    const request = httpRequest(`${receiver.address}${path}`, { method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      )
    })
    request.on('error', reject)
    if (chunked) for (let at = 0; at < body.length; at += 16) request.write(body.subarray(at, at + 16))
    request.end(chunked ? undefined : body)
  })
}

function said(answer: Answer, name: MessageName): Record<string, unknown> {
  return answer.headers['content-type'] === PROTOBUF
    ? decode(name, answer.body)
    : (JSON.parse(answer.body.toString()) as Record<string, unknown>)
}

describe('what is good is taken', () => {
  // oxfmt-ignore
  test.each([
    ['spans, protobuf',         '/v1/traces', PROTOBUF,                          undefined,  spansProtobuf],
    ['spans, JSON',             '/v1/traces', JSON_TYPE,                         undefined,  spansJson],
    ['spans, JSON, charset',    '/v1/traces', 'Application/JSON; charset=utf-8', undefined,  spansJson],
    ['spans, protobuf, gzip',   '/v1/traces', PROTOBUF,                          'gzip',     gzipSync(spansProtobuf)],
    ['spans, JSON, gzip',       '/v1/traces', JSON_TYPE,                         'gzip',     gzipSync(spansJson)],
    ['spans, protobuf, zstd',   '/v1/traces', PROTOBUF,                          'zstd',     zstdCompressSync(spansProtobuf)],
    ['spans, identity',         '/v1/traces', PROTOBUF,                          'identity', spansProtobuf],
    ['logs, protobuf',          '/v1/logs',   PROTOBUF,                          undefined,  logsProtobuf],
    ['logs, JSON',              '/v1/logs',   JSON_TYPE,                         undefined,  logsJson],
    ['a query in the path',     '/v1/traces?key=1', PROTOBUF,                    undefined,  spansProtobuf],
  ] as const)('%s: 200 in the same type, partial_success unset; chunked as well', async (_what, path, type, encoding, body) => {
    for (const chunked of [false, true]) {
      const answer = await send(body, { path, type, ...(encoding && { encoding }), chunked })
      expect(answer.status).toBe(200)
      expect(answer.headers['content-type']).toBe(type.toLowerCase().split(';')[0])
      expect(said(answer, 'ExportResponse')).toEqual({})
    }
    expect(taken).toHaveLength(2)
    const plain = path === '/v1/logs' ? [logsProtobuf, logsJson] : [spansProtobuf, spansJson]
    expect(plain.map((bytes) => bytes.toString('hex'))).toContain(Buffer.from(taken[1]?.body ?? []).toString('hex'))
    if (path !== '/v1/logs') expect(taken[1]?.signals).toMatchObject([{ kind: 'span', name: 'chat', ...IDS }])
  })

  test.each([PROTOBUF, JSON_TYPE])('an empty request succeeds (%s)', async (type) => {
    const answer = await send(type === PROTOBUF ? Buffer.alloc(0) : Buffer.from('{}'), { type })
    expect(answer.status).toBe(200)
    expect(said(answer, 'ExportResponse')).toEqual({})
  })

  test.each([PROTOBUF, JSON_TYPE])('an invalid id refuses that span only, and says so (%s)', async (type) => {
    const spans = [span, { name: 'no ids' }, { ...span, spanId: Buffer.alloc(8) }]
    const json = spans.map((span) => ({
      ...span,
      traceId: 'traceId' in span ? IDS.traceId : '',
      spanId: span === spans[0] ? IDS.spanId : '',
    }))
    const body =
      type === PROTOBUF
        ? encode('TracesRequest', { resourceSpans: [{ scopeSpans: [{ spans }] }] })
        : Buffer.from(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: json }] }] }))
    const answer = await send(body, { type })
    expect(answer.status).toBe(200)
    const message = expect.stringContaining('trace id')
    expect(said(answer, 'ExportResponse')).toEqual(
      type === PROTOBUF
        ? { partialSuccess: { rejected: '2', errorMessage: message } }
        : { partialSuccess: { rejectedSpans: '2', errorMessage: message } },
    )
    expect(taken[0]?.signals).toHaveLength(1)
    expect(receiver.counts['records-refused']).toBe(2)
  })

  test('metrics are answered, counted and not kept', async () => {
    const metric = { name: 'm', gauge: { dataPoints: [{ timeUnixNano: '1' }, { timeUnixNano: '2' }] }, sum: undefined }
    const request = { resourceMetrics: [{ scopeMetrics: [{ metrics: [metric, { sum: { dataPoints: [{}] } }] }] }] }
    const protobuf = await send(encode('MetricsRequest', request), { path: '/v1/metrics', type: PROTOBUF })
    const json = await send(Buffer.from(JSON.stringify(request)), { path: '/v1/metrics', type: JSON_TYPE })
    const errorMessage = 'Laststep keeps traces and logs'
    expect([protobuf.status, json.status]).toEqual([200, 200])
    expect(said(protobuf, 'ExportResponse')).toEqual({ partialSuccess: { rejected: '3', errorMessage } })
    expect(said(json, 'ExportResponse')).toEqual({ partialSuccess: { rejectedDataPoints: '3', errorMessage } })
    expect(taken).toEqual([])
  })
})

describe('what is not is refused with a google.rpc.Status in its own type', () => {
  const zeros = Buffer.alloc(BODY_MAX + 1)
  // oxfmt-ignore
  test.each([
    ['broken protobuf',          400, 3,  Buffer.from([0xff]),       { type: PROTOBUF },                                    'byte'],
    ['broken JSON',              400, 3,  Buffer.from('{'),          { type: JSON_TYPE },                                   'not JSON'],
    ['JSON called protobuf',     400, 3,  spansJson,                 { type: PROTOBUF },                                    ''],
    ['logs as traces',           400, 3,  logsProtobuf,              { type: PROTOBUF },                                    '/v1/logs'],
    ['traces as logs',           400, 3,  spansJson,                 { type: JSON_TYPE, path: '/v1/logs' },                 '/v1/traces'],
    ['no gzip',                  400, 3,  spansProtobuf,             { type: PROTOBUF, encoding: 'gzip' },                  'decompressed'],
    ['half a gzip',              400, 3,  gzipSync(spansProtobuf).subarray(0, 30), { type: PROTOBUF, encoding: 'gzip' },    'decompressed'],
    ['another path',             404, 5,  spansJson,                 { type: JSON_TYPE, path: '/v2/traces' },               '/v1/traces'],
    ['another method',           405, 12, Buffer.alloc(0),           { type: PROTOBUF, method: 'PUT' },                     'POST'],
    ['too large, told',          413, 8,  zeros,                     { type: PROTOBUF },                                    'larger'],
    ['too large, chunked',       413, 8,  zeros,                     { type: PROTOBUF, chunked: true },                     'larger'],
    ['a gzip bomb',              413, 8,  gzipSync(Buffer.alloc(50_000_000)), { type: PROTOBUF, encoding: 'gzip' },         'decompressed'],
    ['a zstd bomb',              413, 8,  zstdCompressSync(Buffer.alloc(50_000_000)), { type: JSON_TYPE, encoding: 'zstd' }, 'decompressed'],
    ['another type',             415, 3,  spansJson,                 { type: 'text/plain' },                                'content-type'],
    ['no type',                  415, 3,  spansJson,                 {},                                                    'content-type'],
    ['another compression',      415, 3,  spansJson,                 { type: JSON_TYPE, encoding: 'br' },                   'gzip'],
  ] as const)('%s: %i', async (_what, status, code, body, asked, message) => {
    const answer = await send(body, asked)
    expect(answer.status).toBe(status)
    expect(answer.headers['content-type']).toBe('type' in asked && asked.type === PROTOBUF ? PROTOBUF : JSON_TYPE)
    expect(said(answer, 'RpcStatus')).toMatchObject({ code, message: expect.stringContaining(message) })
    expect(answer.headers['retry-after']).toBeUndefined()
    expect(taken).toEqual([])
    // And the door is still open.
    expect((await send(spansProtobuf, { type: PROTOBUF })).status).toBe(200)
  })

  test('a passing fault is 503 with Retry-After: the sender keeps its data', async () => {
    take = () => Promise.reject(new Unavailable('the disk is full'))
    for (const type of [PROTOBUF, JSON_TYPE]) {
      const answer = await send(type === PROTOBUF ? spansProtobuf : spansJson, { type })
      expect(answer.status).toBe(503)
      expect(answer.headers['retry-after']).toBe('1')
      expect(said(answer, 'RpcStatus')).toEqual({ code: 14, message: 'the disk is full' })
    }
    expect(errors).toEqual([])
  })

  test('a fault of our own is 500 for the sender; its cause goes to the operator', async () => {
    take = () => Promise.reject(new TypeError('orchestrator is None'))
    const answer = await send(spansJson, { type: JSON_TYPE })
    expect(answer.status).toBe(500)
    expect(answer.body.toString()).not.toContain('orchestrator')
    expect(errors).toMatchObject([{ err: { message: 'orchestrator is None' } }])
  })

  test('more bytes than fit in flight are asked to come back', async () => {
    const padded = Buffer.concat([spansJson, Buffer.alloc(BODY_MAX - spansJson.length, ' ')])
    const held: (() => void)[] = []
    take = () => new Promise((resolve) => held.push(resolve))
    const first = [send(padded, { type: JSON_TYPE }), send(padded, { type: JSON_TYPE })]
    await expect.poll(() => held.length).toBe(2)
    const third = await send(padded, { type: JSON_TYPE })
    expect(third.status).toBe(429)
    expect(third.headers['retry-after']).toBe('1')
    expect(said(third, 'RpcStatus')).toMatchObject({ code: 8 })
    for (const resolve of held) resolve()
    expect((await Promise.all(first)).map((answer) => answer.status)).toEqual([200, 200])
    take = () => Promise.resolve()
    expect((await send(padded, { type: JSON_TYPE })).status).toBe(200)
  })
})

describe('rude clients', () => {
  test('one that writes all it has before it reads hears the refusal, and is not cut off', async () => {
    const { hostname, port } = new URL(receiver.address)
    const body = Buffer.alloc(16_000_000)
    const head = `POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: ${PROTOBUF}\r\ncontent-length: ${body.length}\r\n\r\n`
    const socket = connect(Number(port), hostname)
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject)
      socket.write(head)
      socket.write(body, () => resolve())
    })
    const heard: Buffer[] = []
    for await (const chunk of socket) heard.push(chunk as Buffer)
    const answer = Buffer.concat(heard).toString('latin1')
    expect(answer).toMatch(/^HTTP\/1\.1 413 .*connection: close/is)
    expect(answer).toContain('send it in parts')
  })

  test('one that hangs up in the middle costs nothing', async () => {
    const { hostname, port } = new URL(receiver.address)
    const socket = connect(Number(port), hostname)
    const head = `POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: ${PROTOBUF}\r\ncontent-length: 1000\r\n\r\n`
    await new Promise<void>((resolve) => socket.write(`${head}abc`, () => resolve()))
    socket.destroy()
    await expect.poll(() => receiver.counts.malformed).toBe(1)
    expect(errors).toEqual([])
    expect((await send(spansProtobuf, { type: PROTOBUF })).status).toBe(200)
  })

  test('a hundred bombs at once are all refused, and others are served meanwhile', async () => {
    const bomb = gzipSync(Buffer.alloc(20_000_000))
    const bombs = Array.from({ length: 100 }, () => send(bomb, { type: PROTOBUF, encoding: 'gzip' }))
    const good = await send(spansProtobuf, { type: PROTOBUF })
    expect(good.status).toBe(200)
    const statuses = (await Promise.all(bombs)).map((answer) => answer.status)
    expect(new Set(statuses)).toEqual(new Set([413]))
  })

  test('stopping answers what is under way, and waits for no client that keeps its connection', async () => {
    const held: (() => void)[] = []
    take = () => new Promise((resolve) => held.push(resolve))
    const answer = fetch(`${receiver.address}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': JSON_TYPE },
      body: new Uint8Array(spansJson),
    })
    await expect.poll(() => held.length).toBe(1)
    const stopped = receiver.stop()
    held[0]?.()
    expect((await answer).status).toBe(200)
    await stopped
  })
})
