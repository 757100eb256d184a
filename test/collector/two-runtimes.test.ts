/** One collector, two runtimes: each run is judged by the contract its resource names, and its page says so. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../contract/clock.ts'
import { instantToNanos } from '../../contract/units.ts'
import { readCollectorConfig } from '../../collector/config.ts'
import { startCollector, type Collector } from '../../collector/main.ts'
import { waitForRun } from '../kit/laststep-api.ts'
import { temporaryFolder } from '../kit/programs.ts'

let collector: Collector
beforeAll(async () => {
  const ports = { 'http-port': '0', 'otlp-http-port': '0', 'otlp-grpc-port': '0' }
  const flags = { 'data-dir': temporaryFolder('two-runtimes'), contract: 'laststep,ag-ui', canary: 'off', ...ports }
  const read = readCollectorConfig(flags, {})
  if ('problems' in read) throw new Error(read.problems.join('; '))
  collector = await startCollector(read.config, systemClock, 'test')
})
afterAll(() => collector.stop())

// oxfmt-ignore
test.each([
  ['names one of them',       'ag-ui', 'run_a', ['RUN_STARTED', 'RUN_FINISHED'],      'ag-ui'],
  ['names none',              null,    'run_b', ['agent_started', 'agent_completed'], 'laststep'],
  ['names one nobody gave',   'mine',  'run_c', ['agent_started', 'agent_completed'], 'laststep'],
])('telemetry that %s', async (_what, contract, runId, events, judge) => {
  await send(contract, runId, events)
  const run = await waitForRun(collector.dashboard, runId, ({ outcome }) => outcome === 'succeeded')
  expect(run.contract.name).toBe(judge)
  expect(run.checklist.filter(({ state }) => state === 'done').map(({ event }) => event)).toEqual(events)
})

test('what nobody knows is counted in the status, and said on the run’s page', async () => {
  await send('ag-ui', 'run_d', ['RUN_STARTED', 'FOO', 'FOO'])
  const run = await waitForRun(collector.dashboard, 'run_d', ({ events }) => events === 3)
  const texts = run.verdict.evidence.map(({ text }) => text)
  expect(texts).toContain('2 messages of types the contract ag-ui does not know: FOO ×2')
  const status = await (await fetch(`${collector.dashboard}/api/status`)).json()
  expect(status).toMatchObject({ unknownEvents: { FOO: 2 }, unknownContracts: ['mine'] })
})

async function send(contract: string | null, runId: string, events: readonly string[]): Promise<void> {
  const named = contract === null ? {} : { 'laststep.contract': contract }
  const attributes = attributesOf({ 'service.name': 'agents', 'service.instance.id': `of ${runId}`, ...named })
  const logRecords = events.map((event, index) => deliveryOf(runId, index + 1, event))
  const response = await fetch(`${collector.otlpHttp}/v1/logs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceLogs: [{ resource: { attributes }, scopeLogs: [{ logRecords }] }] }),
  })
  expect(response.status).toBe(200)
}

function deliveryOf(runId: string, seq: number, event: string): object {
  const at = String(instantToNanos(systemClock.now()))
  const attributes = [
    ...attributesOf({ 'laststep.run.id': runId, 'laststep.delivery.event': event, 'laststep.connection.id': 'conn_1' }),
    { key: 'laststep.delivery.seq', value: { intValue: String(seq) } },
    { key: 'laststep.delivery.states', value: { arrayValue: { values: [{ stringValue: 'emitted' }] } } },
    { key: 'laststep.delivery.at', value: { arrayValue: { values: [{ intValue: at }] } } },
  ]
  return { timeUnixNano: at, eventName: 'laststep.delivery', attributes }
}

function attributesOf(texts: object): object[] {
  return Object.entries(texts).map(([key, value]) => ({ key, value: { stringValue: String(value) } }))
}
