/** What the exporters people really use send, as they send it: JavaScript's of both lines, and Python's. */
import { ROOT_CONTEXT, SpanStatusCode, trace, type Tracer } from '@opentelemetry/api'
import { OTLPLogExporter as LogsOverGrpc } from '@opentelemetry/exporter-logs-otlp-grpc'
import { OTLPLogExporter as LogsInJson } from '@opentelemetry/exporter-logs-otlp-http'
import { OTLPLogExporter as LogsInProtobuf } from '@opentelemetry/exporter-logs-otlp-proto'
import { OTLPTraceExporter as OverGrpc } from '@opentelemetry/exporter-trace-otlp-grpc'
import { OTLPTraceExporter as InJson } from '@opentelemetry/exporter-trace-otlp-http'
import { OTLPTraceExporter as InProtobuf } from '@opentelemetry/exporter-trace-otlp-proto'
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs'
import { BatchSpanProcessor, TracerProvider, type ReadableSpan, type SpanProcessor } from '@opentelemetry/sdk-trace'
import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { startOtlpHttp, type Accepted, type OtlpReceiver } from '../../../collector/accept/receive-otlp.ts'
import { startOtlpGrpc } from '../../../collector/accept/receive-otlp-grpc.ts'
import { Unavailable } from '../../../collector/unavailable.ts'
import type { Encoding } from '../../../collector/entry.ts'
import { hasPython, PYTHON } from '../../kit/python.ts'

let receiver: OtlpReceiver
let overGrpc: OtlpReceiver
let taken: Accepted[]
/** How many requests to put off before taking any. */
let putOff: number

beforeEach(async () => {
  taken = []
  putOff = 0
  const settings = {
    host: '127.0.0.1',
    port: 0,
    take: async (accepted: Accepted) => {
      if (putOff-- > 0) throw new Unavailable('not now')
      taken.push(accepted)
    },
    log: console,
  }
  receiver = await startOtlpHttp(settings)
  overGrpc = await startOtlpGrpc(settings)
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await Promise.all([receiver.stop(), overGrpc.stop()])
})

interface Provider {
  getTracer(name: string, version: string): Tracer
  shutdown(): Promise<void>
}

/** A run with one tool that fails, as an application would write it. */
async function runOnce(provider: Provider): Promise<void> {
  const tracer = provider.getTracer('shop', '1.2.3')
  const agent = tracer.startSpan('invoke_agent support', { attributes: { 'gen_ai.operation.name': 'invoke_agent' } })
  const inAgent = trace.setSpan(ROOT_CONTEXT, agent)
  const tool = tracer.startSpan('execute_tool search', { attributes: { 'laststep.progress': 2 ** 40 } }, inAgent)
  tool.recordException(new TypeError('no such order'))
  tool.setStatus({ code: SpanStatusCode.ERROR, message: 'failed' })
  tool.end()
  agent.end()
  await provider.shutdown()
}

const EXPECTED = [
  {
    kind: 'span',
    name: 'execute_tool search',
    parentSpanId: expect.stringMatching(/^[0-9a-f]{16}$/),
    endedAt: expect.any(Number),
    status: 'error',
    statusMessage: 'failed',
    known: { 'laststep.progress': 2 ** 40 },
    exception: { type: 'TypeError', message: 'no such order', stacktrace: expect.stringContaining('real-exporters') },
    source: { service: expect.stringContaining('unknown_service') },
  },
  {
    kind: 'span',
    name: 'invoke_agent support',
    parentSpanId: null,
    known: { 'gen_ai.operation.name': 'invoke_agent' },
  },
]

type Protocol = 'protobuf' | 'json' | 'grpc'

function endpointOf(protocol: Protocol, kind: 'traces' | 'logs'): string {
  return protocol === 'grpc' ? overGrpc.address : `${receiver.address}/v1/${kind}`
}

// The 2.x line lives in a package of its own, untyped here; this is its door.
const require2 = createRequire(new URL('../../sdk/otel-2/package.json', import.meta.url))
type Exporter2 = new (options: { url: string }) => object
interface Sdk2 {
  readonly BasicTracerProvider: new (options: { spanProcessors: readonly object[] }) => Provider
  readonly BatchSpanProcessor: new (exporter: object) => object
}
const sdk2: Sdk2 = require2('@opentelemetry/sdk-trace-base')
const exporter2 = (name: string): Exporter2 =>
  (require2(`@opentelemetry/exporter-trace-otlp-${name}`) as { OTLPTraceExporter: Exporter2 }).OTLPTraceExporter

const line2 = (name: string) => (url: string) =>
  new sdk2.BasicTracerProvider({ spanProcessors: [new sdk2.BatchSpanProcessor(new (exporter2(name))({ url }))] })
const line3 = (Exporter: typeof InJson | typeof InProtobuf | typeof OverGrpc) => (url: string) =>
  new TracerProvider({ spanProcessors: [new BatchSpanProcessor({ exporter: new Exporter({ url }) })] })

describe.each(['none', 'gzip'])('JavaScript exporters, compression %s', (compression) => {
  beforeEach(() => void vi.stubEnv('OTEL_EXPORTER_OTLP_COMPRESSION', compression))

  test.each([
    ['3.x', 'protobuf', line3(InProtobuf)],
    ['3.x', 'json', line3(InJson)],
    ['3.x', 'grpc', line3(OverGrpc)],
    ['2.x', 'protobuf', line2('proto')],
    ['2.x', 'json', line2('http')],
    ['2.x', 'grpc', line2('grpc')],
  ] as const)('spans, %s, %s', async (_line, protocol, provider) => {
    await runOnce(provider(endpointOf(protocol, 'traces')))
    expect(taken).toHaveLength(1)
    const encoding = protocol === 'json' ? 'json' : 'protobuf'
    expect(taken[0]).toMatchObject({ kind: 'traces', encoding, signals: EXPECTED })
  })

  test.each([
    ['protobuf', LogsInProtobuf],
    ['json', LogsInJson],
    ['grpc', LogsOverGrpc],
  ] as const)('logs, 3.x, %s', async (protocol, Exporter) => {
    const exporter = new Exporter({ url: endpointOf(protocol, 'logs') })
    const provider = new LoggerProvider({ processors: [new BatchLogRecordProcessor({ exporter })] })
    const spanContext = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 }
    provider.getLogger('shop').emit({ body: 'hello', context: trace.setSpanContext(ROOT_CONTEXT, spanContext) })
    await provider.shutdown()
    const { traceId, spanId } = spanContext
    expect(taken).toMatchObject([{ kind: 'logs', signals: [{ kind: 'log', traceId, spanId }] }])
  })
})

describe('after a passing fault nothing is lost', () => {
  test('HTTP: the exporter comes back', async () => {
    putOff = 1
    await runOnce(line3(InProtobuf)(endpointOf('protobuf', 'traces')))
    expect(receiver.counts).toMatchObject({ unavailable: 1, accepted: 1 })
    expect(taken[0]).toMatchObject({ signals: EXPECTED })
  })

  test('gRPC: the exporter would not come back, so the call is held', async () => {
    putOff = 3
    await runOnce(line3(OverGrpc)(endpointOf('grpc', 'traces')))
    expect(overGrpc.counts).toMatchObject({ unavailable: 0, accepted: 1 })
    expect(taken[0]).toMatchObject({ signals: EXPECTED })
  })
})

describe('Python exporters', () => {
  const modules = ['http', 'grpc'].map((name) => `opentelemetry.exporter.otlp.proto.${name}.trace_exporter`)
  const isThere = hasPython(modules, "Python's OTLP exporters", 'test/collector/accept/python/requirements.txt')

  test.skipIf(!isThere).each([
    ['http', 'none'],
    ['http', 'gzip'],
    ['grpc', 'none'],
    ['grpc', 'gzip'],
  ] as const)('%s, compression %s', async (protocol, compression) => {
    const script = fileURLToPath(new URL('python/export.py', import.meta.url))
    const { address } = protocol === 'grpc' ? overGrpc : receiver
    await promisify(execFile)(PYTHON, [script, protocol, address, compression], { timeout: 30_000 })
    const [tool, agent] = EXPECTED
    const exception = { type: 'TypeError', message: 'no such order' }
    const source = { service: 'python-shop' }
    expect(taken.map(({ kind }) => kind).toSorted()).toEqual(['logs', 'traces'])
    expect(taken.find(({ kind }) => kind === 'traces')?.signals).toMatchObject([{ ...tool, exception, source }, agent])
    expect(taken.find(({ kind }) => kind === 'logs')?.signals).toMatchObject([{ kind: 'log', source }])
  })
})

test.each([
  ['json', JsonTraceSerializer, 'application/json'],
  ['protobuf', ProtobufTraceSerializer, 'application/x-protobuf'],
] as const)(
  'a span that still runs, written by the standard %s serializer',
  async (encoding: Encoding, serializer, type) => {
    const started: ReadableSpan[] = []
    const watcher: SpanProcessor = {
      onStart: (span) => void started.push(span),
      onEnd: () => {},
      forceFlush: () => Promise.resolve(),
      shutdown: () => Promise.resolve(),
    }
    const span = new TracerProvider({ spanProcessors: [watcher] })
      .getTracer('shop')
      .startSpan('execute_tool slow_report')
    // An SDK span is readable before its end; the serializers write its end as 0.
    const body = serializer.serializeRequest(started)
    const answer = await fetch(`${receiver.address}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': type },
      body: new Uint8Array(body ?? []),
    })
    expect(answer.status).toBe(200)
    const { traceId, spanId } = span.spanContext()
    expect(taken[0]?.signals).toMatchObject([{ traceId, spanId, name: 'execute_tool slow_report', endedAt: null }])
    expect(taken[0]?.encoding).toBe(encoding)
    span.end()
  },
)
