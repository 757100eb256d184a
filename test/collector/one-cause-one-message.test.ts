/** From OTLP at the real door to a real webhook: five hundred runs with one cause are one message. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readCollectorConfig } from '../../collector/config.ts'
import { startCollector, type Collector } from '../../collector/main.ts'
import type { MessageBody } from '../../collector/notify/message.ts'
import type { FindingList } from '../../contract/findings.ts'
import { systemClock } from '../../contract/clock.ts'
import { seconds, type Millis } from '../../contract/units.ts'
import { listRuns, sleepAwake } from '../kit/laststep-api.ts'
import { manualClock, passUntil } from '../kit/manual-clock.ts'
import { temporaryFolder } from '../kit/programs.ts'
import { speakAs } from '../kit/spoken-process.ts'
import { startWebhookReceiver, type WebhookReceiver } from './notify/kit/webhook-receiver.ts'

const RUNS = Array.from({ length: 500 }, (_, index) => index)

let receiver: WebhookReceiver
let collector: Collector
const dataDir = temporaryFolder('one-cause')
const clock = manualClock(systemClock.now())

beforeAll(async () => {
  receiver = await startWebhookReceiver()
  collector = await start()
})
afterAll(async () => {
  await passUntil(clock, collector.stop())
  await receiver.stop()
})

test('500 runs of one process that dies: one message about the process, none about a run, also after a restart', async () => {
  const doomed = speakAs(() => collector.otlpHttp, { instance: 'p-1', pulseMs: 30_000 })
  await doomed.pulse()
  await doomed.open(RUNS)
  await doomed.pulse()
  await until(() => received().length > 0)
  const [{ data, type }] = received() as [MessageBody]
  expect(type).toBe('source.silent')
  expect(data).toMatchObject({
    finding: { name: 'p-1 (service checkout)', state: 'open', openRuns: 500 },
    group: { count: 500, standing: 1, version: 1 },
  })
  // Each run has its own verdict, and says what explains it.
  const { findings } = (await (await fetch(`${collector.dashboard}/api/findings`)).json()) as FindingList
  const { runs } = await listRuns(collector.dashboard, 'status=lost&limit=500')
  expect(findings).toMatchObject([{ kind: 'source-silent', state: 'open', openRuns: 500 }])
  expect(runs).toHaveLength(500)
  expect(new Set(runs.map(({ explainedBy }) => explainedBy))).toEqual(new Set([findings[0]?.id]))

  await passUntil(clock, collector.stop())
  collector = await start()
  await passes(seconds(60))
  expect(types()).toEqual(['source.silent'])
})

test('500 runs that hang in one tool: one message at once, one update with all of them, one when all are well', async () => {
  receiver.received.length = 0
  const hanging = speakAs(() => collector.otlpHttp, { instance: 'p-2', pulseMs: 3_600_000, tool: 'ship_order' })
  await hanging.pulse()
  for (let at = 0; at < RUNS.length; at += 100) {
    await hanging.open(RUNS.slice(at, at + 100))
    await passes(seconds(5))
  }
  await until(() => received().length > 0)
  const [first] = received() as [MessageBody]
  expect(first).toMatchObject({ type: 'run.stalled', data: { verdict: { step: { name: 'ship_order' } } } })
  await until(() => received().length > 1)
  expect(received()[1]).toMatchObject({
    type: 'run.stalled.grown',
    data: { group: { count: 500, standing: 500, users: 100, version: 2, firstSeenAt: first.timestamp } },
  })
  await hanging.pulse()
  await hanging.close(RUNS)
  await until(() => received().length > 2)
  expect(received()[2]).toMatchObject({ type: 'run.recovered', data: { group: { count: 500, standing: 0 } } })
  await passes(seconds(60))
  expect(types()).toEqual(['run.stalled', 'run.stalled.grown', 'run.recovered'])
})

async function start(): Promise<Collector> {
  const own = { 'http-port': '0', 'otlp-http-port': '0', 'otlp-grpc-port': '0', canary: 'off' }
  const webhook = {
    'webhook-url': receiver.url,
    'webhook-secret': `whsec_${Buffer.alloc(32, 7).toString('base64')}`,
  }
  const read = readCollectorConfig({ 'data-dir': dataDir, ...own, ...webhook }, {})
  if ('problems' in read) throw new Error(read.problems.join('; '))
  return startCollector(read.config, clock, 'test')
}

/** Each message once: an answer that comes late has it sent again, under the same id. */
function received(): MessageBody[] {
  const byId = new Map(receiver.received.map(({ headers, body }) => [headers['webhook-id'], body]))
  return [...byId.values()].map((body) => JSON.parse(body) as MessageBody)
}
const types = (): string[] => received().map(({ type }) => type)

/** Time passes for the collector, and between its seconds what it began may end: its disk and its receiver are real. */
async function passes(length: Millis): Promise<void> {
  for (let passed = 0; passed < length; passed += seconds(1)) {
    clock.pass(seconds(1))
    await sleepAwake(10)
  }
}

async function until(isSo: () => boolean): Promise<void> {
  for (let passed = 0; !isSo(); passed += 1) {
    if (passed > 1_000) throw new Error(`waited in vain; received ${JSON.stringify(types())}`)
    await passes(seconds(1))
  }
}
