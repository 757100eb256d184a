/** `compat: 'g-research'`, held against the rules of the collector it is for, as time passes. */
import type { Span } from '@opentelemetry/api'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { seconds } from '../../contract/units.ts'
import type { Millis } from '../../contract/units.ts'
import type { Reporter, ReporterOptions } from '../../sdk/index.ts'
import { createReporter, openSpans, recordConnection } from '../../sdk/index.ts'
import { eventually } from '../kit/eventually.ts'
import { manualClock } from '../kit/manual-clock.ts'
import type { OtlpReceiver } from '../kit/otlp-receiver.ts'
import { startOtlpReceiver } from '../kit/otlp-receiver.ts'
import { gResearchCollector } from './g-research-collector.ts'
import type { GResearchCollector } from './g-research-collector.ts'
import type { Provider } from './kit.ts'
import { SDKS } from './kit.ts'

const FLUSH_MS = 200

interface Stage {
  readonly reporter: Reporter
  readonly provider: Provider
  readonly collector: GResearchCollector
  startSpan(name: string): Span
  /** Let time pass for the program and the collector, or for the collector alone. */
  pass(length: Millis, who?: 'both' | 'collector'): Promise<void>
}

let receiver: OtlpReceiver
let stage: Stage

beforeEach(async () => {
  receiver = await startOtlpReceiver()
})

afterEach(async () => {
  await stage.reporter.stop()
  await receiver.stop()
})

/** @param expiryFactor 1 forgives nothing; the example of its README has 3 */
function setStage(expiryFactor: number, options: Pick<ReporterOptions, 'compat'> = { compat: 'g-research' }): Stage {
  const clock = manualClock()
  const collector = gResearchCollector(expiryFactor)
  const reporter = createReporter({
    endpoint: receiver.url,
    serviceName: 'agents',
    environment: 'staging',
    pulseMs: 0,
    flushMs: FLUSH_MS,
    clock,
    ...options,
  })
  const [sdk] = SDKS
  if (sdk === undefined) throw new Error('no SDK to test with')
  const provider = sdk.provider([openSpans(reporter)])
  let read = 0
  let ahead = 0
  stage = {
    reporter,
    provider,
    collector,
    startSpan: (name) => provider.getTracer('agent').startSpan(name),
    async pass(length, who = 'both') {
      for (let passed = 0; passed < length; passed += FLUSH_MS) {
        if (who === 'both') clock.pass(FLUSH_MS)
        else ahead += FLUSH_MS
        await eventually(() => reporter.stats().queued === 0)
        const now = clock.now() + ahead
        for (const { body } of receiver.requests.slice(read)) collector.consume(body, now)
        read = receiver.requests.length
        collector.collect(now)
      }
    },
  }
  return stage
}

test('a quiet span stays open there for as long as it is open here, and then is gone', async () => {
  const { collector, pass, startSpan } = setStage(1)
  const span = startSpan('execute_tool search')
  await pass(seconds(60))
  expect(collector.open()).toMatchObject([{ name: 'execute_tool search', ...idsOf(span) }])
  span.end()
  await pass(seconds(20))
  expect(collector.open()).toEqual([])
  expect(collector.expired).toEqual([])
  expect(collector.ignored).toBe(0)
})

test('many quiet spans are all repeated in time', async () => {
  const { collector, pass, startSpan } = setStage(1)
  const spans = Array.from({ length: 5_000 }, (_, index) => startSpan(`step ${index}`))
  await pass(seconds(12))
  expect(collector.open()).toHaveLength(spans.length)
  expect(collector.expired).toEqual([])
})

test('without the option a quiet span is given up there, which is what the option is for', async () => {
  const { collector, pass, startSpan } = setStage(3, {})
  startSpan('execute_tool search')
  await pass(seconds(16))
  expect(collector.open()).toEqual([])
  expect(collector.expired).toHaveLength(1)
})

test('a process that dies leaves its span to expire, as last told, with its resource', async () => {
  const { collector, pass, startSpan } = setStage(3)
  const span = startSpan('execute_tool search')
  await pass(seconds(6))
  span.setAttribute('gen_ai.tool.name', 'search')
  await pass(seconds(1))
  await pass(seconds(14), 'collector')
  expect(collector.expired).toEqual([])
  await pass(seconds(2), 'collector')
  expect(collector.expired).toMatchObject([idsOf(span)])
  const [expired] = collector.expired
  expect(expired?.attributes).toContainEqual({ key: 'gen_ai.tool.name', value: { stringValue: 'search' } })
  expect(expired?.attributes).toContainEqual({ key: 'partial.gc', value: { boolValue: true } })
  expect(expired?.resource).toContainEqual({
    key: 'deployment.environment.name',
    value: { stringValue: 'staging' },
  })
})

test('a span that ends before the first flush is never mentioned', async () => {
  const { collector, pass, startSpan } = setStage(1)
  startSpan('short').end()
  await pass(seconds(10))
  expect([collector.open(), collector.expired, receiver.requests]).toEqual([[], [], []])
})

test('a span the process leaves unfinished is not stopped there: nobody would send it otherwise', async () => {
  const { collector, pass, provider, startSpan } = setStage(3)
  const left = startSpan('left')
  const ended = startSpan('ended')
  await pass(seconds(1))
  ended.end()
  await provider.shutdown()
  await pass(seconds(30), 'collector')
  expect(collector.expired).toMatchObject([idsOf(left)])
  // The goodbye to it is for Laststep alone.
  expect(collector.ignored).toBe(1)
})

test('records of other kinds do not trouble it', async () => {
  const { collector, pass, reporter, startSpan } = setStage(1)
  recordConnection(reporter, { connectionId: 'conn_1', state: 'opened' })
  startSpan('execute_tool search')
  await pass(seconds(1))
  expect(collector.open()).toHaveLength(1)
  expect(collector.ignored).toBe(1)
})

function idsOf(span: Span): { traceId: string; spanId: string } {
  const { traceId, spanId } = span.spanContext()
  return { traceId, spanId }
}
