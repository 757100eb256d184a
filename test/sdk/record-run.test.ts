import { SpanStatusCode } from '@opentelemetry/api'
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ATTR, RECORD } from '../../contract/attributes.ts'
import { createReporter, recordRun } from '../../sdk/index.ts'
import type { Reporter } from '../../sdk/index.ts'
import type { OtlpReceiver } from '../kit/otlp-receiver.ts'
import { startOtlpReceiver } from '../kit/otlp-receiver.ts'

let receiver: OtlpReceiver
let reporter: Reporter
const exporter = new InMemorySpanExporter()
const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] })
const tracer = provider.getTracer('test')

beforeEach(async () => {
  exporter.reset()
  receiver = await startOtlpReceiver()
  reporter = createReporter({ endpoint: receiver.url, serviceName: 'agents', pulseMs: 0 })
})

afterEach(async () => {
  await reporter.stop()
  await receiver.stop()
})

const run = { runId: 'run_1', agent: 'helper', userId: 'ann', sessionId: 'thread_1', tracer }

function finished(name: string) {
  const span = exporter.getFinishedSpans().find((span) => span.name === name)
  if (span === undefined) throw new Error(`no span ${name}`)
  return span
}

test('a run and its phases are spans of one trace, and the work keeps its result', async () => {
  const result = await recordRun(reporter, run, async ({ phase, progress }) => {
    await phase('reasoning', 'gpt-5', (span) => {
      progress(span)
      progress(span, 4)
    })
    await phase('tool', 'search', () => 'found', { [ATTR.toolCallId]: 'call_1' })
    await phase('waiting', null, () => {})
    return phase('finalise', null, () => 42)
  })
  expect(result).toBe(42)

  const root = finished('invoke_agent helper')
  expect(root.attributes).toEqual({
    [ATTR.operation]: 'invoke_agent',
    [ATTR.runId]: 'run_1',
    [ATTR.agent]: 'helper',
    [ATTR.userId]: 'ann',
    [ATTR.sessionId]: 'thread_1',
    [ATTR.conversationId]: 'thread_1',
  })
  const phases = ['chat gpt-5', 'execute_tool search', 'waiting', 'finalise'].map(finished)
  expect(phases.map((span) => span.parentSpanContext?.spanId)).toEqual(phases.map(() => root.spanContext().spanId))
  expect(phases.map((span) => span.attributes)).toEqual([
    {
      [ATTR.runId]: 'run_1',
      [ATTR.phase]: 'reasoning',
      [ATTR.operation]: 'chat',
      [ATTR.model]: 'gpt-5',
      [ATTR.progress]: 5,
    },
    {
      [ATTR.runId]: 'run_1',
      [ATTR.phase]: 'tool',
      [ATTR.operation]: 'execute_tool',
      [ATTR.toolName]: 'search',
      [ATTR.toolCallId]: 'call_1',
    },
    { [ATTR.runId]: 'run_1', [ATTR.phase]: 'waiting', [ATTR.waiting]: true },
    { [ATTR.runId]: 'run_1', [ATTR.phase]: 'finalise' },
  ])
})

test('what a phase throws is recorded where it happened and thrown on', async () => {
  class KeyError extends Error {
    override readonly name = 'KeyError'
  }
  const failing = recordRun(reporter, run, ({ phase }) =>
    phase('tool', 'search', () => {
      throw new KeyError('orchestrator_available')
    }),
  )
  await expect(failing).rejects.toThrow(KeyError)
  for (const name of ['execute_tool search', 'invoke_agent helper']) {
    const span = finished(name)
    expect(span.status).toEqual({ code: SpanStatusCode.ERROR, message: 'orchestrator_available' })
    expect(span.attributes[ATTR.errorType]).toBe('KeyError')
    expect(span.events[0]?.attributes).toMatchObject({
      'exception.type': 'KeyError',
      'exception.stacktrace': expect.stringContaining('record-run.test.ts'),
    })
  }
})

test('an exception caught by the work stays on the phase; the run is not in error', async () => {
  await recordRun(reporter, run, async ({ phase }) => {
    await phase('tool', 'search', () => Promise.reject(new TypeError('no'))).catch(() => {})
  })
  expect(finished('execute_tool search').status.code).toBe(SpanStatusCode.ERROR)
  expect(finished('invoke_agent helper').status.code).toBe(SpanStatusCode.UNSET)
})

test('a run says what becomes of it, on its own trace', async () => {
  await recordRun(reporter, run, (recorder) => {
    recorder.accepted()
    recorder.queued('no free worker')
    recorder.started()
    recorder.waiting('approval')
    recorder.resumed()
    recorder.ended('cancelled', 'user asked')
  })
  await reporter.flush()
  const records = receiver.records(RECORD.run)
  expect(records.map((record) => record.attributes[ATTR.runState])).toEqual([
    'accepted',
    'queued',
    'started',
    'waiting',
    'resumed',
    'ended',
  ])
  expect(records.at(-1)?.attributes).toEqual({
    [ATTR.runId]: 'run_1',
    [ATTR.agent]: 'helper',
    [ATTR.userId]: 'ann',
    [ATTR.sessionId]: 'thread_1',
    [ATTR.conversationId]: 'thread_1',
    [ATTR.runState]: 'ended',
    [ATTR.runOutcome]: 'cancelled',
    [ATTR.runReason]: 'user asked',
  })
  const { traceId, spanId } = finished('invoke_agent helper').spanContext()
  expect(records.map((record) => [record.traceId, record.spanId])).toEqual(records.map(() => [traceId, spanId]))
})

test('a run that ends without a word sends none: a forgotten end must be seen', async () => {
  await recordRun(reporter, run, () => {})
  await reporter.flush()
  expect(receiver.records(RECORD.run)).toEqual([])
})
