import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ATTR, RECORD } from '../../contract/attributes.ts'
import { systemClock } from '../../contract/clock.ts'
import { createReporter, openSpans } from '../../sdk/index.ts'
import type { Reporter } from '../../sdk/index.ts'
import { eventually } from '../kit/eventually.ts'
import type { OtlpReceiver, ReceivedRecord, ReceivedSpan } from '../kit/otlp-receiver.ts'
import { readTracesData, startOtlpReceiver } from '../kit/otlp-receiver.ts'
import type { Provider } from './kit.ts'
import { SDKS } from './kit.ts'

let receiver: OtlpReceiver
let reporter: Reporter

beforeEach(async () => {
  receiver = await startOtlpReceiver()
  reporter = createReporter({ endpoint: receiver.url, serviceName: 'agents', instanceId: 'i-1', pulseMs: 0 })
})

afterEach(async () => {
  await reporter.stop()
  await receiver.stop()
})

const spanOf = ({ body = '' }: ReceivedRecord): ReceivedSpan => {
  const [span, ...others] = readTracesData(body)
  expect(others).toEqual([])
  if (span === undefined) throw new Error('a record without its span')
  return span
}

describe.each(SDKS)('open spans of $name', ({ provider }) => {
  const start = (sampled = true): Provider => provider([openSpans(reporter)], sampled)

  test('a span is reported soon after it started, without an end', async () => {
    const span = start()
      .getTracer('agent')
      .startSpan('execute_tool search', { attributes: { [ATTR.phase]: 'tool' } })
    const startedAt = systemClock.now()
    const record = await eventually(() => receiver.records(RECORD.spanStart)[0])
    // 200 ms to the flush; the rest is for a busy machine.
    expect(systemClock.now() - startedAt).toBeLessThan(600)

    const { traceId, spanId } = span.spanContext()
    expect(record).toMatchObject({
      traceId,
      spanId,
      resource: { 'service.name': 'agents', 'service.instance.id': 'i-1' },
    })
    expect(record.attributes).toEqual({
      [ATTR.partialEvent]: 'heartbeat',
      [ATTR.partialFrequency]: '5000ms',
      [ATTR.partialBodyType]: 'json/v1',
      [ATTR.seq]: 1,
      [ATTR.phase]: 'tool',
    })
    const reported = spanOf(record)
    expect(reported).toMatchObject({ traceId, spanId, name: 'execute_tool search' })
    expect(reported.endTimeUnixNano).toBeUndefined()
    expect(record.timeUnixNano).toBe(reported.startTimeUnixNano)
    span.end()
  })

  test('a span that ended before the flush is never mentioned', async () => {
    const tracer = start().getTracer('agent')
    tracer.startSpan('short').end()
    const long = tracer.startSpan('long')
    await reporter.flush()
    long.end()
    await reporter.flush()
    expect(receiver.records().map((record) => spanOf(record).name)).toEqual(['long', 'long'])
  })

  test('what is added later is sent again, once, with a higher seq', async () => {
    const span = start().getTracer('agent').startSpan('chat gpt-5')
    await reporter.flush()
    await reporter.flush()
    span.setAttribute('gen_ai.request.model', 'gpt-5')
    await reporter.flush()
    span.addEvent('exception', { 'exception.type': 'KeyError' })
    span.updateName('chat gpt-5.1')
    await reporter.flush()
    await reporter.flush()
    const records = receiver.records()
    expect(records.map((record) => [record.event, record.attributes[ATTR.seq]])).toEqual([
      [RECORD.spanStart, 1],
      [RECORD.spanSnapshot, 2],
      [RECORD.spanSnapshot, 3],
    ])
    const [, second, third] = records.map(spanOf)
    expect(second?.attributes['gen_ai.request.model']).toBe('gpt-5')
    expect(third).toMatchObject({ name: 'chat gpt-5.1', events: [{ attributes: { 'exception.type': 'KeyError' } }] })
    span.end()
  })

  test('an overwritten value of the same kind is news too', async () => {
    const span = start()
      .getTracer('agent')
      .startSpan('step', { attributes: { stage: 'one' } })
    await reporter.flush()
    span.setAttribute('stage', 'two')
    await reporter.flush()
    expect(receiver.records().map((record) => spanOf(record).attributes['stage'])).toEqual(['one', 'two'])
    span.end()
  })

  test('progress alone is sent once a second at most', async () => {
    const span = start()
      .getTracer('agent')
      .startSpan('chat', { attributes: { [ATTR.progress]: 1 } })
    await reporter.flush()
    for (const pieces of [2, 3, 4]) {
      span.setAttribute(ATTR.progress, pieces)
      await reporter.flush()
    }
    expect(receiver.records()).toHaveLength(1)
    const snapshot = await eventually(() => receiver.records(RECORD.spanSnapshot)[0])
    expect(spanOf(snapshot).attributes[ATTR.progress]).toBe(4)
    span.end()
  })

  test('the end carries the whole span and closes it', async () => {
    const span = start().getTracer('agent').startSpan('execute_tool search')
    await reporter.flush()
    span.setAttribute('found', 3)
    span.end()
    await reporter.flush()
    const end = receiver.records(RECORD.spanEnd)[0]
    expect(end?.attributes).toMatchObject({ [ATTR.partialEvent]: 'stop', [ATTR.seq]: 2 })
    expect(end?.attributes[ATTR.stopReason]).toBeUndefined()
    const ended = end && spanOf(end)
    expect(ended?.attributes['found']).toBe(3)
    expect(Number(ended?.endTimeUnixNano)).toBeGreaterThan(Number(ended?.startTimeUnixNano))
    expect(end?.timeUnixNano.slice(0, 13)).toBe(ended?.endTimeUnixNano?.slice(0, 13))
  })

  test('an orderly shutdown says goodbye to every open span, and invents no end', async () => {
    const running = start()
    const tracer = running.getTracer('agent')
    tracer.startSpan('told before')
    await reporter.flush()
    tracer.startSpan('never told')
    await running.shutdown()
    const stops = receiver.records(RECORD.spanEnd)
    expect(stops.map((record) => [spanOf(record).name, record.attributes[ATTR.stopReason]])).toEqual([
      ['told before', 'shutdown'],
      ['never told', 'shutdown'],
    ])
    expect(stops.map((record) => spanOf(record).endTimeUnixNano)).toEqual([undefined, undefined])
    expect(reporter.openSpans.list().spans).toEqual([])
  })

  test('children know their ancestors and their run', async () => {
    const tracer = start().getTracer('agent')
    const root = tracer.startSpan('invoke_agent helper', { attributes: { [ATTR.runId]: 'run_1' } }, ROOT_CONTEXT)
    const tool = tracer.startSpan('execute_tool search', {}, trace.setSpan(ROOT_CONTEXT, root))
    const call = tracer.startSpan('GET', {}, trace.setSpan(context.active(), tool))
    await reporter.flush()
    const [rootRecord, , callRecord] = receiver.records(RECORD.spanStart)
    if (rootRecord === undefined || callRecord === undefined) throw new Error('spans are missing')
    const attributes = spanOf(callRecord).attributes
    expect(attributes[ATTR.spanPath]).toEqual(['invoke_agent helper', 'execute_tool search', 'GET'])
    expect(attributes[ATTR.spanIdsPath]).toEqual([root.spanContext().spanId, tool.spanContext().spanId])
    expect(attributes[ATTR.spanStartsPath]).toEqual([
      spanOf(rootRecord).startTimeUnixNano,
      expect.stringMatching(/^\d{19}$/),
    ])
    expect(callRecord.attributes[ATTR.runId]).toBe('run_1')
    expect(spanOf(rootRecord).attributes[ATTR.spanPath]).toBeUndefined()
    for (const span of [call, tool, root]) span.end()
  })

  test('with ancestors off a child is as its program made it', async () => {
    const quiet = createReporter({ endpoint: receiver.url, serviceName: 'agents', pulseMs: 0 })
    const tracer = provider([openSpans(quiet, { ancestors: false, codeLocation: 'off' })]).getTracer('agent')
    const root = tracer.startSpan('invoke_agent helper', { attributes: { [ATTR.runId]: 'run_1' } }, ROOT_CONTEXT)
    const call = tracer.startSpan('GET', {}, trace.setSpan(ROOT_CONTEXT, root))
    await quiet.flush()
    const record = receiver.records(RECORD.spanStart)[1]
    expect(record && spanOf(record)).toHaveProperty('attributes', {})
    expect(record?.attributes[ATTR.runId]).toBe('run_1')
    for (const span of [call, root]) span.end()
    await quiet.stop()
  })

  test('an unsampled span is left alone', async () => {
    const span = start(false).getTracer('agent').startSpan('unsampled')
    expect(span.isRecording()).toBe(true)
    await reporter.flush()
    expect(receiver.records()).toEqual([])
    expect(reporter.openSpans.list().spans).toEqual([])
  })

  test('a span whose name a careless program left out is told like any other', async () => {
    const name: string = JSON.parse('{"route":null}').route
    const span = start().getTracer('agent').startSpan(name)
    await reporter.flush()
    expect(receiver.records(RECORD.spanStart).map((record) => spanOf(record).name)).toEqual(['null'])
    span.end()
  })

  test('long texts and many attributes are cut', async () => {
    const attributes = Object.fromEntries(Array.from({ length: 120 }, (_, index) => [`key${index}`, 'x']))
    const span = start()
      .getTracer('agent')
      .startSpan('big', { attributes: { prompt: 'p'.repeat(50_000), ...attributes } })
    await reporter.flush()
    const record = receiver.records(RECORD.spanStart)[0]
    expect(record?.body?.length).toBeLessThan(16_000)
    const prompt = record && spanOf(record).attributes['prompt']
    expect(prompt).toBe(`${'p'.repeat(4_096)}…`)
    span.end()
  })
})

test('after a loss the spans still open are told again', async () => {
  const small = createReporter({ endpoint: receiver.url, serviceName: 'agents', pulseMs: 0, queueMax: 2 })
  const [sdk] = SDKS
  const tracer = sdk?.provider([openSpans(small)]).getTracer('agent')
  receiver.answer(400)
  const span = tracer?.startSpan('lost at first')
  await small.flush()
  expect(small.stats()).toMatchObject({ dropped: 1, queued: 0 })
  receiver.answer(200)
  const record = await eventually(() => receiver.records()[0])
  expect(spanOf(record).name).toBe('lost at first')
  span?.end()
  await small.stop()
})
