import { afterEach, beforeEach, expect, test } from 'vitest'
import { RECORD } from '../../contract/attributes.ts'
import { systemClock } from '../../contract/clock.ts'
import { createReporter, openSpans, recordConnection } from '../../sdk/index.ts'
import type { Reporter } from '../../sdk/index.ts'
import { eventually } from '../kit/eventually.ts'
import type { OtlpReceiver } from '../kit/otlp-receiver.ts'
import { startOtlpReceiver } from '../kit/otlp-receiver.ts'
import { SDKS } from './kit.ts'

let receiver: OtlpReceiver
const reporters: Reporter[] = []

beforeEach(async () => {
  receiver = await startOtlpReceiver()
})

afterEach(async () => {
  await Promise.all(reporters.splice(0).map((reporter) => reporter.stop()))
  await receiver.stop()
})

function open(options: Partial<Parameters<typeof createReporter>[0]> = {}): Reporter {
  const reporter = createReporter({ endpoint: receiver.url, serviceName: 'agents', pulseMs: 0, ...options })
  reporters.push(reporter)
  return reporter
}

const say = (reporter: Reporter, connectionId: string) =>
  recordConnection(reporter, { connectionId, state: 'closed', closeCode: 1006, closedBy: 'network', acks: false })

test('records leave by themselves and say who sends them', async () => {
  const reporter = open({
    serviceVersion: '1.2.3',
    environment: 'staging',
    contract: 'ag-ui',
    headers: { authorization: 'Bearer x' },
  })
  say(reporter, 'conn_1')
  const record = await eventually(() => receiver.records(RECORD.connection)[0])
  expect(record.resource).toEqual({
    'service.name': 'agents',
    'service.version': '1.2.3',
    'service.instance.id': reporter.instanceId,
    'deployment.environment.name': 'staging',
    'laststep.contract': 'ag-ui',
    'process.pid': process.pid,
    'process.working_directory': process.cwd(),
  })
  expect(record.attributes).toEqual({
    'laststep.connection.id': 'conn_1',
    'laststep.connection.state': 'closed',
    'laststep.connection.acks': false,
    'laststep.connection.close_code': 1006,
    'laststep.connection.close_by': 'network',
  })
  expect(receiver.requests[0]?.headers['authorization']).toBe('Bearer x')
  await eventually(() => reporter.stats().sent === 1)
  expect(reporter.stats()).toEqual({ queued: 0, sent: 1, dropped: 0, failedRequests: 0 })
})

test.each([
  ['to another machine compressed', 'gzip', (url: string) => url.replace('127.0.0.1', '0.0.0.0')],
  ['on this one as they are', undefined, (url: string) => url],
])('many records travel together, in order, %s', async (_, encoding, endpoint) => {
  // 0.0.0.0 leads back here, too, which the reporter cannot know.
  const reporter = open({ endpoint: endpoint(receiver.url) })
  for (let i = 0; i < 500; i++) say(reporter, `conn_${i}`)
  await reporter.flush()
  expect(receiver.requests).toHaveLength(1)
  expect(receiver.requests[0]?.headers['content-encoding']).toBe(encoding)
  expect(receiver.records().map((record) => record.attributes['laststep.connection.id'])).toEqual(
    Array.from({ length: 500 }, (_, i) => `conn_${i}`),
  )
})

test('a collector that is not ready is asked again, and gets everything once', async () => {
  const reporter = open()
  receiver.answer(503, { 'retry-after': '0' })
  say(reporter, 'conn_1')
  await eventually(() => reporter.stats().failedRequests > 1)
  expect(reporter.stats()).toMatchObject({ queued: 1, sent: 0, dropped: 0 })
  receiver.answer(200)
  say(reporter, 'conn_2')
  await eventually(() => receiver.records().length === 2)
  expect(reporter.stats()).toMatchObject({ queued: 0, sent: 2, dropped: 0 })
})

test('what the collector refuses for good is dropped, counted, and does not hold up the rest', async () => {
  const reporter = open()
  receiver.answer(400)
  say(reporter, 'conn_1')
  await reporter.flush()
  expect(reporter.stats()).toEqual({ queued: 0, sent: 0, dropped: 1, failedRequests: 1 })
  receiver.answer(200)
  say(reporter, 'conn_2')
  await reporter.flush()
  expect(receiver.records()).toHaveLength(1)
})

test('a collector that is down costs the runtime a counter', async () => {
  const gone = await startOtlpReceiver()
  await gone.stop()
  const reporter = open({ endpoint: gone.url, queueMax: 100 })
  const [sdk] = SDKS
  const tracer = sdk?.provider([openSpans(reporter)]).getTracer('agent')
  const spans = Array.from({ length: 50 }, () => tracer?.startSpan('open'))
  await reporter.flush()
  for (let i = 0; i < 1_000; i++) say(reporter, `conn_${i}`)
  expect(reporter.stats()).toMatchObject({ queued: 100, sent: 0, dropped: 950 })

  const from = systemClock.now()
  for (let i = 0; i < 20_000; i++) tracer?.startSpan('short').end()
  const usPerSpan = ((systemClock.now() - from) * 1_000) / 20_000
  // bench/sdk.ts has the exact numbers; this only catches waiting, and work per span that grows with the queue.
  expect(usPerSpan).toBeLessThan(100)
  for (const span of spans) span?.end()
})

test('a collector that never answers does not hold up the goodbye for ever', async () => {
  const reporter = open()
  receiver.answer(null)
  say(reporter, 'conn_1')
  const from = systemClock.now()
  await reporter.stop()
  expect(systemClock.now() - from).toBeLessThan(4_500)
})

test('stopping twice is stopping once, and nothing is queued afterwards', async () => {
  const reporter = open()
  say(reporter, 'conn_1')
  expect(reporter.stop()).toBe(reporter.stop())
  await reporter.stop()
  say(reporter, 'conn_2')
  await reporter.flush()
  expect(receiver.records()).toHaveLength(1)
  expect(reporter.stats()).toMatchObject({ sent: 1, dropped: 1 })
})

test.each([
  ['localhost:4318', 'endpoint must be an http(s) URL'],
  ['', 'endpoint must be an http(s) URL'],
  ['ftp://collector', 'endpoint must be an http(s) URL'],
])('the endpoint %j is refused with a word on what it must be', (endpoint, message) => {
  expect(() => createReporter({ endpoint, serviceName: 'agents' })).toThrow(message)
})

test('an empty service name is refused', () => {
  expect(() => createReporter({ endpoint: receiver.url, serviceName: '' })).toThrow('serviceName must not be empty')
})
