import { afterEach, beforeEach, expect, test } from 'vitest'
import { ATTR, RECORD } from '../../contract/attributes.ts'
import { createReporter, openSpans } from '../../sdk/index.ts'
import { eventually } from '../kit/eventually.ts'
import type { OtlpReceiver } from '../kit/otlp-receiver.ts'
import { startOtlpReceiver } from '../kit/otlp-receiver.ts'
import { programPath, runProgram, SDKS } from './kit.ts'

let receiver: OtlpReceiver

beforeEach(async () => {
  receiver = await startOtlpReceiver()
})

afterEach(() => receiver.stop())

const pulses = () => receiver.records(RECORD.pulse)

test('a process beats, lists its open spans, and says goodbye', async () => {
  const reporter = createReporter({ endpoint: receiver.url, serviceName: 'agents', pulseMs: 300 })
  const [sdk] = SDKS
  const tracer = sdk?.provider([openSpans(reporter)]).getTracer('agent')
  const span = tracer?.startSpan('execute_tool search')
  const { traceId, spanId } = span?.spanContext() ?? {}
  const lists = () => pulses().map((pulse) => String(pulse.attributes[ATTR.pulseOpen]))
  await eventually(() => lists().filter((list) => list.startsWith(`${traceId}:${spanId}::`)).length >= 2)
  expect(lists().at(-1)).toMatch(/^\w{32}:\w{16}::\d{19}:execute_tool search$/)
  span?.end()
  await eventually(() => lists().at(-1) === '')
  await reporter.stop()

  const seqs = pulses().map((pulse) => pulse.attributes[ATTR.pulseSeq])
  expect(seqs).toEqual(seqs.map((_, index) => index + 1))
  expect(pulses().map((pulse) => pulse.attributes[ATTR.pulseLast])).toEqual([
    ...seqs.slice(1).map(() => undefined),
    true,
  ])
  expect(pulses()[0]).toMatchObject({
    resource: { 'service.name': 'agents', 'service.instance.id': reporter.instanceId },
    attributes: { [ATTR.pulseIntervalMs]: 300, [ATTR.pulseOpenNotListed]: 0, [ATTR.pulseLoopBlockedMs]: 0 },
  })
  expect(pulses().at(-1)?.attributes[ATTR.pulseLoopDelayMs]).toBeTypeOf('number')
})

test('a blocked main thread does not silence the pulse, which lists the span that blocks it', async () => {
  const { code, stdout, stderr } = await runProgram('blocked-loop.ts', receiver.url)
  expect([code, stderr]).toEqual([0, ''])
  const spanId = stdout.trim()
  const [first, blocked, turning, last, ...more] = pulses().map((pulse) => pulse.attributes)
  expect(more).toEqual([])
  expect(first).toMatchObject({ [ATTR.pulseLoopBlockedMs]: 0, [ATTR.pulseOpen]: [] })
  // The span began in the tick that blocks: the main thread never got to report it.
  expect(blocked?.[ATTR.pulseOpen]).toEqual([expect.stringContaining(`:${spanId}::`)])
  expect(blocked?.[ATTR.pulseLoopBlockedMs]).toBeGreaterThan(1_000)
  expect(blocked?.[ATTR.pulseLoopBlockedMs]).toBeLessThan(2_000)
  expect(turning).toMatchObject({ [ATTR.pulseLoopBlockedMs]: 0 })
  expect(last).toMatchObject({ [ATTR.pulseLast]: true })
  const pulseTimes = pulses().map((pulse) => Number(pulse.timeUnixNano) / 1e6)
  const spanRecord = receiver.records(RECORD.spanStart)[0]
  expect(spanRecord?.spanId).toBe(spanId)
  expect((pulseTimes[1] ?? 0) - Number(spanRecord?.timeUnixNano) / 1e6).toBeLessThan(1_600)
})

test('nothing of it keeps a finished process alive, nor a collector that is down', async () => {
  const gone = await startOtlpReceiver()
  await gone.stop()
  for (const endpoint of [receiver.url, gone.url]) {
    const { code, stdout, stderr, tookMs } = await runProgram('ends-by-itself.ts', endpoint)
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^done/)
    expect(tookMs).toBeLessThan(5_000)
  }
})

test('requests under way to a silent collector keep no process alive', async () => {
  receiver.answer(null)
  const { code, tookMs } = await runProgram('ends-by-itself.ts', receiver.url, { env: { LASTSTEP_TEST_HOLD: '1' } })
  expect(code).toBe(0)
  expect(tookMs).toBeLessThan(5_000)
})

test('a goodbye to a silent collector ends', async () => {
  receiver.answer(null)
  const { code, tookMs } = await runProgram('ends-by-itself.ts', receiver.url, { env: { LASTSTEP_TEST_STOP: '1' } })
  expect(code).toBe(0)
  expect(tookMs).toBeLessThan(8_000)
})

test('an orderly stop sends everything before the process ends', async () => {
  const { code, stderr } = await runProgram('ends-by-itself.ts', receiver.url, { env: { LASTSTEP_TEST_STOP: '1' } })
  expect([code, stderr]).toEqual([0, ''])
  expect(receiver.records(RECORD.connection)).toHaveLength(1)
  expect(receiver.records(RECORD.spanEnd).map((record) => record.attributes[ATTR.stopReason])).toEqual(['shutdown'])
  expect(pulses().at(-1)?.attributes[ATTR.pulseLast]).toBe(true)
})

test.each([
  ['a flag', { nodeArgs: ['--import', programPath('ends-by-itself.ts')] }],
  ['the environment', { env: { NODE_OPTIONS: `--import ${programPath('ends-by-itself.ts')}` } }],
])('loaded with --import by %s, the pulse does not start the program again', async (_, options) => {
  const { code, stdout } = await runProgram('waits.ts', receiver.url, options)
  expect(code).toBe(0)
  expect(stdout.match(/^done/gm)).toHaveLength(1)
  const instances = new Set(pulses().map((pulse) => pulse.resource['service.instance.id']))
  expect(instances.size).toBe(1)
})
