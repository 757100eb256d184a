import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ATTR, RECORD } from '../../contract/attributes.ts'
import { openSpans } from '../../sdk/index.ts'
import { joinProvider } from '../../sdk/join-provider.ts'
import { createReporter } from '../../sdk/reporter.ts'
import type { OtlpReceiver } from '../kit/otlp-receiver.ts'
import { startOtlpReceiver } from '../kit/otlp-receiver.ts'
import { runProgram, SDKS } from './kit.ts'

let ours: OtlpReceiver
let theirs: OtlpReceiver

beforeEach(async () => {
  ours = await startOtlpReceiver()
  theirs = await startOtlpReceiver()
})

afterEach(async () => {
  await ours.stop()
  await theirs.stop()
})

async function run(env: Readonly<Record<string, string>> = {}): Promise<string[]> {
  const { code, stderr, stdout } = await runProgram('instrumented.ts', ours.url, { env })
  expect([code, stderr]).toEqual([0, ''])
  return stdout.trim().split('\n')
}

const names = (receiver: OtlpReceiver) => receiver.spans().map((span) => span.name)

test('a program without OpenTelemetry gets open spans, finished spans and a pulse of one instance', async () => {
  const stdout = await run({ OTEL_RESOURCE_ATTRIBUTES: 'team.size=7,service.instance.id=other' })
  expect(names(ours)).toEqual(['inner', 'outer'])
  const [inner, outer] = ours.spans()
  expect(inner?.parentSpanId).toBe(outer?.spanId)
  expect(inner?.attributes[ATTR.codeFile]).toBe('test/sdk/programs/instrumented.ts')
  expect(ours.records(RECORD.spanStart)).toHaveLength(2)
  expect(ours.records(RECORD.pulse).at(-1)?.attributes[ATTR.pulseLast]).toBe(true)
  const instances = [...ours.spans(), ...ours.records()].map(({ resource }) => resource['service.instance.id'])
  expect(new Set(instances)).toEqual(new Set(['i-1']))
  // Neither kind of export makes spans of itself.
  expect(stdout).toEqual(['requests traced: 0 of some'])
})

test('exporters the environment names keep working', async () => {
  await run({
    OTEL_EXPORTER_OTLP_ENDPOINT: theirs.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_LOGS_EXPORTER: 'none',
    OTEL_RESOURCE_ATTRIBUTES: 'team.size=7',
  })
  expect(names(theirs)).toEqual(['inner', 'outer'])
  expect(names(ours)).toEqual(['inner', 'outer'])
  expect(theirs.records()).toEqual([])
  // What Laststep stamps is of use to them too, and their own resource is theirs still.
  expect(theirs.spans()[0]).toMatchObject({
    attributes: { [ATTR.spanPath]: ['outer', 'inner'] },
    resource: {
      'service.name': 'instrumented',
      'service.instance.id': 'i-1',
      'team.name': 'search',
      'team.size': '7',
      'process.runtime.name': 'nodejs',
    },
  })
})

test('a collector the environment already sends spans to does not get them twice', async () => {
  await run({
    OTEL_EXPORTER_OTLP_ENDPOINT: `${ours.url}/`,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_LOGS_EXPORTER: 'none',
  })
  expect(names(ours)).toEqual(['inner', 'outer'])
  expect(ours.records(RECORD.spanStart)).toHaveLength(2)
})

test.each(['traceExporter', 'spanProcessors'])('exporters passed as %s keep working', async (option) => {
  const stdout = await run({ LASTSTEP_TEST_THEIRS: option })
  expect(stdout.filter((line) => line.startsWith('theirs'))).toEqual(['theirs: inner', 'theirs: outer'])
  expect(names(ours)).toEqual(['inner', 'outer'])
  expect(ours.records(RECORD.spanStart)).toHaveLength(2)
})

test('with OTEL_TRACES_EXPORTER=none spans go to Laststep alone', async () => {
  await run({ OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: theirs.url })
  expect(names(ours)).toEqual(['inner', 'outer'])
  expect(names(theirs)).toEqual([])
})

test.each(['true', ' True '])('a disabled OpenTelemetry (%j) stays disabled', async (word) => {
  await run({ OTEL_SDK_DISABLED: word, OTEL_EXPORTER_OTLP_ENDPOINT: theirs.url })
  expect(names(ours)).toEqual([])
  expect(ours.records(RECORD.pulse).at(-1)?.attributes[ATTR.pulseLast]).toBe(true)
})

describe.each(SDKS)('joining a provider of $name that runs already', ({ provider }) => {
  test('puts our processors first', async () => {
    const reporter = createReporter({ endpoint: ours.url, serviceName: 'joined', pulseMs: 0 })
    const seen: unknown[] = []
    const running = provider([
      {
        onStart: (span) => void seen.push(span.attributes[ATTR.codeLine]),
        onEnd() {},
        forceFlush: () => Promise.resolve(),
        shutdown: () => Promise.resolve(),
      },
    ])
    joinProvider(running, [openSpans(reporter, { codeLocation: 'always' })])
    running.getTracer('joined').startSpan('after joining')
    expect(seen).toEqual([expect.any(Number)])
    await running.shutdown()
    expect(ours.records(RECORD.spanEnd)).toHaveLength(1)
    await reporter.stop()
  })
})

test('a provider of an unknown kind is refused with the way out, and nothing goes on in the background', async () => {
  const { code, stdout } = await runProgram('unjoinable.ts', ours.url, {
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: theirs.url },
  })
  expect(stdout).toContain('pass your exporters to instrument() in `spanProcessors`')
  expect(code).toBe(0)
  expect(ours.records(RECORD.pulse).at(-1)?.attributes[ATTR.pulseLast]).toBe(true)
})
