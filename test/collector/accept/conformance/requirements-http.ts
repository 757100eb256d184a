/** Must-meet list 1–8, 10–12 over HTTP: opentelemetry-proto's specification, and what Laststep asks of itself. */
import { Agent } from 'node:http'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import * as bodies from './bodies.ts'
import { fullSuccess, JSON_TYPE, partialSuccess, PROTOBUF, refusal, typeOf } from './bodies.ts'
import type { Requirement } from './requirement.ts'
import type { HttpAsked, HttpAnswer, Target } from './target.ts'

const MIB = 1_048_576
const { spansProtobuf, spansJson, logsProtobuf, logsJson } = bodies
const noIds = { name: 'no ids', startTimeUnixNano: '1' }
const json = (body: string, path = '/v1/traces'): HttpAsked => ({ path, type: JSON_TYPE, body })

/** A row whose check is one request and one look at its answer. */
const one = (
  id: string,
  level: Requirement['level'],
  says: string,
  asked: () => HttpAsked,
  look: (answer: HttpAnswer) => string | null,
): Requirement => ({ id, level, says, check: async (target) => look(await target.http(asked())) })

// oxfmt-ignore
export const HTTP_REQUIREMENTS: readonly Requirement[] = [
  one('1.traces-protobuf',  'must', 'POST /v1/traces takes protobuf',                   () => ({ body: spansProtobuf }), fullSuccess),
  one('1.traces-json',      'must', 'POST /v1/traces takes JSON on the same port',      () => json(spansJson), fullSuccess),
  one('1.logs-protobuf',    'must', 'POST /v1/logs takes protobuf',                     () => ({ path: '/v1/logs', body: logsProtobuf }), fullSuccess),
  one('1.logs-json',        'must', 'POST /v1/logs takes JSON',                         () => json(logsJson, '/v1/logs'), fullSuccess),
  one('1.metrics',          'must', 'POST /v1/metrics is answered 200',                 () => ({ path: '/v1/metrics', body: bodies.metricsProtobuf }), ({ status }) => status === 200 ? null : String(status)),
  one('1.metrics-unkept',   'ours', 'metrics that are not kept get partial_success',    () => json(bodies.metricsJson, '/v1/metrics'), (answer) => partialSuccess(answer, 1)),
  one('2.gzip',             'must', 'gzip',                                             () => ({ encoding: 'gzip', body: gzipSync(spansProtobuf) }), fullSuccess),
  one('2.gzip-json',        'must', 'gzip with JSON',                                   () => ({ ...json(''), encoding: 'gzip', body: gzipSync(spansJson) }), fullSuccess),
  one('2.gzip-chunked',     'must', 'gzip without a Content-Length',                    () => ({ encoding: 'gzip', body: gzipSync(spansProtobuf), chunked: true }), fullSuccess),
  one('2.identity',         'must', 'content-encoding identity',                        () => ({ encoding: 'identity', body: spansProtobuf }), fullSuccess),
  one('2.zstd',             'ours', 'zstd',                                             () => ({ encoding: 'zstd', body: zstdCompressSync(spansProtobuf) }), fullSuccess),
  one('3.type-protobuf',    'must', 'the answer has the type of the request: protobuf', () => ({ body: spansProtobuf }), (answer) => goodOfType(answer, PROTOBUF)),
  one('3.type-json',        'must', 'the answer has the type of the request: JSON',     () => json(spansJson), (answer) => goodOfType(answer, JSON_TYPE)),
  one('3.broken-protobuf',  'must', 'broken protobuf: 400 with a google.rpc.Status',    () => ({ body: Buffer.from([0xff]) }), (answer) => refusal(answer, 400)),
  one('3.broken-json',      'must', 'broken JSON: 400 with a google.rpc.Status',        () => json('{'), (answer) => refusal(answer, 400, JSON_TYPE)),
  one('3.broken-gzip',      'must', 'broken gzip: 400 with a google.rpc.Status',        () => ({ encoding: 'gzip', body: spansProtobuf }), (answer) => refusal(answer, 400)),
  one('3.path',             'must', 'another path: 404 with a google.rpc.Status',       () => ({ path: '/v1/nothing', body: spansProtobuf }), (answer) => refusal(answer, 404)),
  one('3.method',           'must', 'another method: 405 with a google.rpc.Status',     () => ({ method: 'PUT', body: spansProtobuf }), (answer) => refusal(answer, 405)),
  one('3.unknown-type',     'must', 'another content type: 415 with a google.rpc.Status', () => ({ type: 'text/plain', body: 'x' }), (answer) => refusal(answer, 415, JSON_TYPE)),
  one('4.empty-protobuf',   'must', 'an empty request succeeds: protobuf',              () => ({ body: '' }), fullSuccess),
  one('4.empty-json',       'must', 'an empty request succeeds: JSON',                  () => json('{}'), fullSuccess),
  one('5.partial',          'must', 'an item refused for ever: 200 with partial_success', () => ({ body: bodies.spanRequest({}, [noIds]) }), (answer) => partialSuccess(answer, 1)),
  one('8.raw',              'must', 'a body above 64 MiB: 413',                         () => ({ body: Buffer.alloc(64 * MIB + 1) }), (answer) => refusal(answer, 413)),
  one('8.gzip-bomb',        'must', 'a body above 64 MiB once decompressed: 413',       () => ({ encoding: 'gzip', body: gzipSync(Buffer.alloc(65 * MIB)) }), (answer) => refusal(answer, 413)),
  one('8.zstd-bomb',        'ours', 'the same in zstd, 32,000 to 1: 413',               () => ({ encoding: 'zstd', body: zstdCompressSync(Buffer.alloc(65 * MIB)) }), (answer) => refusal(answer, 413)),
  one('8.large',            'ours', 'a body of 8 MiB is taken',                         () => ({ body: bodies.spanRequest({ attributes: [{ key: 'x', value: { bytesValue: Buffer.alloc(8 * MIB) } }] }) }), ({ status }) => status === 200 ? null : String(status)),
  one('10.short-id',        'must', 'a trace id of 15 bytes refuses that span',         () => ({ body: bodies.spanRequest({ traceId: Buffer.alloc(15, 1) }) }), (answer) => partialSuccess(answer, 1)),
  one('10.zero-id',         'must', 'a span id of zeros refuses that span',             () => ({ body: bodies.spanRequest({ spanId: Buffer.alloc(8) }) }), (answer) => partialSuccess(answer, 1)),
  one('10.misdirected',     'ours', 'logs sent to /v1/traces: 400 with a hint',         () => ({ body: logsProtobuf }), (answer) => refusal(answer, 400) ?? (answer.body.includes('/v1/logs') ? null : 'no hint')),
  one('12.cors',            'ours', 'a page of another origin may not send',            () => ({ method: 'OPTIONS', headers: { origin: 'https://elsewhere.example', 'access-control-request-method': 'POST' } }), ({ headers }) => headers['access-control-allow-origin'] === undefined ? null : 'access-control-allow-origin is set'),
  { id: '5.passing',        level: 'must', needs: 'trouble', says: 'what passes refuses the request whole: 429 or 503', check: (target) => inTrouble(target, { body: spansProtobuf }, (answer) => answer.status === 429 || answer.status === 503 ? refusal(answer, answer.status) : String(answer.status)) },
  { id: '7.retry-after',    level: 'ours', needs: 'trouble', says: 'Retry-After is 2 s at most',              check: (target) => inTrouble(target, json(spansJson), retryAfter) },
  { id: '11.again',         level: 'must', says: 'the same request again succeeds again',                      check: sentTwice },
  { id: '12.concurrent',    level: 'must', says: '100 requests at once',                                      check: hundredAtOnce },
  { id: '12.keep-alive',    level: 'must', says: 'a connection stays open for the next request',              check: (target) => keptConnection(target, 0, 'keep-alive') },
  { id: '12.age',           level: 'ours', needs: 'passMinutes', says: 'after five minutes it is closed',      check: (target) => keptConnection(target, 5, 'close') },
]

function goodOfType(answer: HttpAnswer, type: string): string | null {
  return fullSuccess(answer) ?? (typeOf(answer) === type ? null : typeOf(answer))
}

async function inTrouble(target: Target, asked: HttpAsked, look: (answer: HttpAnswer) => string | null) {
  target.trouble?.(true)
  try {
    return look(await target.http(asked))
  } finally {
    target.trouble?.(false)
  }
}

function retryAfter({ headers }: HttpAnswer): string | null {
  const seconds = Number(headers['retry-after'])
  return seconds > 0 && seconds <= 2 ? null : `retry-after: ${headers['retry-after']}`
}

async function sentTwice(target: Target): Promise<string | null> {
  return (
    fullSuccess(await target.http({ body: spansProtobuf })) ?? fullSuccess(await target.http({ body: spansProtobuf }))
  )
}

async function hundredAtOnce(target: Target): Promise<string | null> {
  const answers = await Promise.all(Array.from({ length: 100 }, () => target.http({ body: spansProtobuf })))
  return answers.map(fullSuccess).find((seen) => seen !== null) ?? null
}

async function keptConnection(target: Target, minutes: number, expected: string): Promise<string | null> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  try {
    await target.http({ body: spansProtobuf, agent })
    target.passMinutes?.(minutes)
    const { headers } = await target.http({ body: spansProtobuf, agent })
    const connection = headers.connection ?? 'keep-alive'
    return connection === expected ? null : `connection: ${connection}`
  } finally {
    agent.destroy()
  }
}
