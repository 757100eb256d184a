/** From OTLP at the real door to the API: what a run got over, and when Laststep itself did not hear, outlives a restart. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../contract/clock.ts'
import { fromIso, minutes, seconds, type Millis } from '../../contract/units.ts'
import { readCollectorConfig } from '../../collector/config.ts'
import { startCollector, type Collector } from '../../collector/main.ts'
import { getRun, sleepAwake, waitForRun } from '../kit/laststep-api.ts'
import { manualClock, passUntil } from '../kit/manual-clock.ts'
import { temporaryFolder } from '../kit/programs.ts'
import { speakAs } from '../kit/spoken-process.ts'

const dataDir = temporaryFolder('lived-through')
const clock = manualClock(systemClock.now())
let collector: Collector

beforeAll(async () => {
  collector = await start()
})
afterAll(() => passUntil(clock, collector.stop()))

test('a tool that hangs and answers, then Laststep is down, then the run ends: its page says both', async () => {
  const agent = speakAs(() => collector.otlpHttp, { instance: 'p-1', pulseMs: 3_600_000 })
  const id = agent.runId(1)
  await agent.pulse()
  await agent.open([1])
  await waitForRun(collector.dashboard, id, ({ status }) => status === 'running')
  await passesUntil('stalled')
  await agent.progress([1], 1)
  const { pastStalls, verdict } = await waitForRun(collector.dashboard, id, ({ status }) => status === 'running')
  expect(verdict.status).toBe('running')
  expect(pastStalls).toMatchObject([
    { status: 'stalled', cause: 'tool-silent', ending: 'recovered', step: { phase: 'tool', name: 'search_orders' } },
  ])

  await passUntil(clock, collector.stop())
  clock.skip(seconds(42))
  collector = await start()
  await agent.close([1])
  const run = await waitForRun(collector.dashboard, id, ({ status }) => status === 'completed')
  expect(run.pastStalls).toEqual(pastStalls)
  expect(run.gaps).toMatchObject([{ reason: 'down' }])
  const [gap] = run.gaps
  expect(fromIso(gap?.to ?? '') - fromIso(gap?.from ?? '')).toBeGreaterThanOrEqual(seconds(42))

  async function passesUntil(status: string): Promise<void> {
    for (let passed: Millis = 0; passed < minutes(20); passed += seconds(1)) {
      clock.pass(seconds(1))
      await sleepAwake(5)
      if (passed % seconds(10) === 0 && (await getRun(collector.dashboard, id)).status === status) return
    }
    throw new Error(`${id} is ${(await getRun(collector.dashboard, id)).status}`)
  }
})

async function start(): Promise<Collector> {
  const own = { 'http-port': '0', 'otlp-http-port': '0', 'otlp-grpc-port': '0', canary: 'off' }
  const read = readCollectorConfig({ 'data-dir': dataDir, ...own }, {})
  if ('problems' in read) throw new Error(read.problems.join('; '))
  return startCollector(read.config, clock, 'test')
}
