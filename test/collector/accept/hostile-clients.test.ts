/** Bombs, crowds of slow connections, pages of other origins: what the HTTP door does with those who mean it badly. */
import { connect, type Socket } from 'node:net'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readRecords } from '../../../collector/accept/read-records.ts'
import { startOtlpHttp, type Accepted, type OtlpReceiver } from '../../../collector/accept/receive-otlp.ts'
import { bytesField } from '../../../collector/accept/write-protobuf.ts'
import {
  JSON_TYPE,
  partialSuccess,
  PROTOBUF,
  SPAN,
  spanJson,
  spanRequest,
  spansProtobuf,
  TRACE,
} from './conformance/bodies.ts'
import { openTarget, type HttpAnswer, type HttpAsked } from './conformance/target.ts'
import { encode } from './oracle.ts'
import { crowd, goodLatency } from './slow-crowd.ts'

const MIB = 1_048_576
const LISTED = 'https://app.example.com'

let receiver: OtlpReceiver
let taken: Accepted[]
let send: (asked: HttpAsked) => Promise<HttpAnswer>

beforeEach(async () => {
  taken = []
  receiver = await startOtlpHttp({
    host: '127.0.0.1',
    port: 0,
    corsOrigins: [LISTED],
    take: async (accepted) => void taken.push({ ...accepted, body: Buffer.from(accepted.body) }),
    log: console,
  })
  send = openTarget(receiver.address, null).target.http
})
afterEach(() => receiver.stop())

describe('bodies that become a thousand times larger', () => {
  const zeros = Buffer.alloc(65 * MIB)
  test.each([
    ['gzip', gzipSync(zeros)],
    ['zstd', zstdCompressSync(zeros)],
  ])('50 at once, %s: each 413 within a second, and no more memory than 512 MiB', async (encoding, body) => {
    const before = process.memoryUsage.rss()
    const bombs = await Promise.all(Array.from({ length: 50 }, () => send({ encoding, body })))
    expect(new Set(bombs.map(({ status }) => status))).toEqual(new Set([413]))
    expect(Math.max(...bombs.map(({ tookMs }) => tookMs))).toBeLessThan(1_000)
    expect(process.memoryUsage.rss() - before).toBeLessThan(512 * MIB)
  })

  test('those that lie about it are found out soon, while others are served', async () => {
    const liar = gzipSync(zeros)
    liar.writeUInt32LE(100, liar.length - 4)
    const before = process.memoryUsage.rss()
    const bombs = Array.from({ length: 50 }, () => send({ encoding: 'gzip', body: liar }))
    expect(await send({ body: spansProtobuf })).toMatchObject({ status: 200 })
    const answers = await Promise.all(bombs)
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([413]))
    expect(answers[0]?.body.toString()).toContain('much larger than it says')
    expect(process.memoryUsage.rss() - before).toBeLessThan(512 * MIB)
  })

  test('a body of two gzip members, whose end tells of the second only, is no lie', async () => {
    const body = JSON.stringify({ resourceSpans: [], pad: ' '.repeat(MIB) })
    const members = Buffer.concat([gzipSync(body.slice(0, -10)), gzipSync(body.slice(-10))])
    expect(await send({ encoding: 'gzip', type: JSON_TYPE, body: members })).toMatchObject({ status: 200 })
  })
})

describe('records that hold too much are kept whole, shown in part, and warned of', () => {
  const many = (count: number) =>
    Array.from({ length: count }, (_, at) => ({ key: `k${at}`, value: { intValue: '1' } }))
  const phase = { key: 'laststep.phase', value: { stringValue: 'tool' } }
  const nested = (depth: number): object =>
    depth === 0 ? { intValue: '1' } : { arrayValue: { values: [nested(depth - 1)] } }
  const exception = { name: 'exception', attributes: [{ key: 'exception.type', value: { stringValue: 'KeyError' } }] }
  const events = [...Array.from({ length: 10_000 }, () => ({ name: 'chunk' })), exception]

  // oxfmt-ignore
  test.each([
    ['100,000 attributes',   { attributes: [...many(100_000), phase] },                                            'more than 128 attributes'],
    ['a value of 32 MiB',    { attributes: [{ key: 'x', value: { stringValue: 'x'.repeat(32 * MIB) } }, phase] },  'longer than 65536'],
    ['10,001 events',        { attributes: [phase], events },                                                      'more than 128 events'],
    ['1,000 links',          { attributes: [phase], links: Array.from({ length: 1_000 }, () => ({ traceId: '' })) }, 'more than 128 links'],
    ['a list of 1,000 keys', { attributes: [{ key: 'x', value: { kvlistValue: { values: many(1_000) } } }, phase] }, 'more than 128 attributes'],
  ])('%s', async (_what, fields, why) => {
    await expectCut(spanRequest(fields), spanJson(fields), why)
    if ('events' in fields) {
      for (const { signals } of taken) expect(signals).toMatchObject([{ exception: { type: 'KeyError' } }])
    }
  })

  test('arrays 1,000 deep', async () => {
    // Written by hand: protobufjs refuses to.
    let value: Buffer = Buffer.from([0x18, 1])
    for (let depth = 0; depth < 1_000; depth++) value = bytesField(5, bytesField(1, value))
    const deep = bytesField(9, Buffer.concat([bytesField(1, 'x'), bytesField(2, value)]))
    const ids = { traceId: Buffer.from(TRACE, 'hex'), spanId: Buffer.from(SPAN, 'hex') }
    const span = Buffer.concat([encode('Span', { ...ids, name: 'chat', attributes: [phase] }), deep])
    const protobuf = bytesField(1, bytesField(2, bytesField(2, span)))
    const json = spanJson({ attributes: [{ key: 'x', value: nested(1_000) }, phase] })
    await expectCut(protobuf, json, 'deeper than 32')
  })

  async function expectCut(protobuf: Buffer, json: string, why: string): Promise<void> {
    for (const asked of [
      { type: PROTOBUF, body: protobuf },
      { type: JSON_TYPE, body: json },
    ]) {
      const answer = await send(asked)
      expect(partialSuccess(answer, 0)).toBeNull()
      expect(answer.body.toString()).toContain(why)
    }
    expect(receiver.counts).toMatchObject({ accepted: 2, 'records-refused': 0, 'records-cut': 2 })
    for (const { kind, encoding, body, signals } of taken) {
      expect(signals).toMatchObject([{ kind: 'span', name: 'chat', known: { 'laststep.phase': 'tool' } }])
      const [shown] = readRecords({ kind, encoding, receivedAt: 1, body }).spans
      expect(shown?.attributes).toMatchObject({ 'laststep.phase': 'tool' })
      expect(Object.keys(shown?.attributes ?? {}).length).toBeLessThanOrEqual(129)
      expect(shown?.events.length).toBeLessThanOrEqual(129)
      expect(JSON.stringify(shown).length).toBeLessThan(200_000)
    }
  }

  test('at the limits nothing is cut and nothing is said', async () => {
    const attributes = [
      ...many(126),
      { key: 'x', value: { stringValue: 'x'.repeat(65_536) } },
      { key: 'y', value: nested(32) },
    ]
    for (const asked of [
      { type: PROTOBUF, body: spanRequest({ attributes }) },
      { type: JSON_TYPE, body: spanJson({ attributes }) },
    ])
      expect((await send(asked)).body.toString()).not.toContain('shown in part')
    expect(receiver.counts['records-cut']).toBe(0)
    const [first, second] = taken.map((accepted) => readRecords({ ...accepted, receivedAt: 1 }).spans[0]?.attributes)
    expect(first).toEqual(second)
    expect(Object.keys(first ?? {})).toHaveLength(128)
  })
})

describe('pages of other origins', () => {
  const preflight = (origin: string): HttpAsked => ({
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' },
  })

  test('a listed one may send', async () => {
    const asked = await send(preflight(LISTED))
    expect(asked).toMatchObject({
      status: 204,
      headers: { 'access-control-allow-origin': LISTED, 'access-control-allow-methods': 'POST', vary: 'origin' },
    })
    expect(asked.headers['access-control-allow-headers']).toContain('content-type')
    const answers = [
      await send({ body: spansProtobuf, headers: { origin: LISTED } }),
      await send({ body: 'x', type: 'text/plain', headers: { origin: LISTED } }),
    ]
    for (const { headers } of answers) expect(headers['access-control-allow-origin']).toBe(LISTED)
  })

  test.each(['https://app.example.com.evil.example', 'http://app.example.com', 'https://app.example.com:8443', 'null'])(
    '%s may not',
    async (origin) => {
      for (const asked of [preflight(origin), { body: spansProtobuf, headers: { origin } }]) {
        const { headers } = await send(asked)
        expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([])
      }
      expect(await send(preflight(origin))).toMatchObject({ status: 405 })
    },
  )
})

describe('slow connections', () => {
  let sockets: Socket[] = []
  afterEach(() => {
    for (const socket of sockets) socket.destroy()
    sockets = []
  })

  test('500 of them do not slow the others: p99 below a second', async () => {
    sockets = (await crowd(receiver.address, 500)).map(({ socket }) => socket)
    const latency = await goodLatency(send, 300)
    expect(latency.failed).toBe(0)
    expect(latency.p99Ms).toBeLessThan(1_000)
  })

  test('they do not keep the receiver from stopping', async () => {
    sockets = (await crowd(receiver.address, 30)).map(({ socket }) => socket)
    const startedAt = performance.now()
    await receiver.stop()
    expect(performance.now() - startedAt).toBeLessThan(5_000)
  })

  test('one that does not finish its headers is cut within 15 s', async () => {
    const url = new URL(receiver.address)
    const socket = connect(Number(url.port), url.hostname)
    sockets.push(socket)
    const startedAt = performance.now()
    socket.write('POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-')
    await new Promise((resolve) => socket.once('close', resolve).resume())
    const cutAfter = performance.now() - startedAt
    expect(cutAfter).toBeGreaterThan(9_000)
    expect(cutAfter).toBeLessThan(15_000)
  })
})
