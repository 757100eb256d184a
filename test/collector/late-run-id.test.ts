/** A run that is shown under its trace id and tells its own later is one run with one page, under either id. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../contract/clock.ts'
import { instantToNanos, type Instant } from '../../contract/units.ts'
import { readCollectorConfig } from '../../collector/config.ts'
import { startCollector, type Collector } from '../../collector/main.ts'
import { getRun, listRuns, waitForRun } from '../kit/laststep-api.ts'
import { temporaryFolder } from '../kit/programs.ts'

const TRACE = '7d81f95a00000000000000000000000a'
const ROOT = '00000000000000a1'
const RUN = 'run_0000000000000001'

let collector: Collector
beforeAll(async () => {
  const ports = { 'http-port': '0', 'otlp-http-port': '0', 'otlp-grpc-port': '0' }
  const read = readCollectorConfig({ 'data-dir': temporaryFolder('late-run-id'), canary: 'off', ...ports }, {})
  if ('problems' in read) throw new Error(read.problems.join('; '))
  collector = await startCollector(read.config, systemClock, 'test')
})
afterAll(() => collector.stop())

test('spans without a run id first, then the id: spans and deliveries are on the page under both', async () => {
  const at = systemClock.now()
  await send('traces', [spanOf('00000000000000a2', 'chat gpt-5', at, at + 5, {})])
  await waitForRun(collector.dashboard, TRACE, ({ status }) => status === 'running')

  await send('traces', [spanOf(ROOT, 'invoke_agent research', at, at + 9, { 'laststep.run.id': RUN })])
  await send('logs', [deliveryOf(1, 'agent_started', at), deliveryOf(2, 'agent_completed', at)])
  for (const id of [TRACE, RUN]) {
    const run = await waitForRun(collector.dashboard, id, ({ outcome }) => outcome === 'succeeded')
    expect(run.id).toBe(TRACE)
    expect(run.spans.map(({ name }) => name).toSorted()).toEqual(['chat gpt-5', 'invoke_agent research'])
    expect(run.deliveries.map(({ event }) => event)).toEqual(['agent_started', 'agent_completed'])
  }
  expect(await getRun(collector.dashboard, RUN)).toEqual(await getRun(collector.dashboard, TRACE))
  expect((await listRuns(collector.dashboard)).runs.map(({ id }) => id)).toEqual([TRACE])
})

async function send(kind: 'traces' | 'logs', records: readonly object[]): Promise<void> {
  const resource = { attributes: attributesOf({ 'service.name': 'agents', 'service.instance.id': 'p1' }) }
  const body =
    kind === 'traces'
      ? { resourceSpans: [{ resource, scopeSpans: [{ spans: records }] }] }
      : { resourceLogs: [{ resource, scopeLogs: [{ logRecords: records }] }] }
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(`${collector.otlpHttp}/v1/${kind}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  })
  expect([response.status, await response.json()]).toEqual([200, {}])
}

function spanOf(spanId: string, name: string, startedAt: Instant, endedAt: Instant, attributes: object): object {
  const parentSpanId = spanId === ROOT ? '' : ROOT
  const [startTimeUnixNano, endTimeUnixNano] = [nanosOf(startedAt), nanosOf(endedAt)]
  const times = { startTimeUnixNano, endTimeUnixNano }
  return { traceId: TRACE, spanId, parentSpanId, name, kind: 1, ...times, attributes: attributesOf(attributes) }
}

function deliveryOf(seq: number, event: string, at: Instant): object {
  const said = { 'laststep.run.id': RUN, 'laststep.delivery.event': event, 'laststep.connection.id': 'conn_1' }
  const attributes = [
    ...attributesOf(said),
    { key: 'laststep.delivery.seq', value: { intValue: String(seq) } },
    { key: 'laststep.delivery.states', value: { arrayValue: { values: [{ stringValue: 'emitted' }] } } },
    { key: 'laststep.delivery.at', value: { arrayValue: { values: [{ intValue: nanosOf(at) }] } } },
  ]
  return { timeUnixNano: nanosOf(at), eventName: 'laststep.delivery', traceId: TRACE, spanId: ROOT, attributes }
}

function attributesOf(texts: object): object[] {
  return Object.entries(texts).map(([key, value]) => ({ key, value: { stringValue: String(value) } }))
}

function nanosOf(at: Instant): string {
  return String(instantToNanos(at))
}
