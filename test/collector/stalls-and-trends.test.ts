/** Stalls and trends, from real OTLP at the real door to the API, also after a restart. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readCollectorConfig } from '../../collector/config.ts'
import { startCollector, type Collector } from '../../collector/main.ts'
import { systemClock } from '../../contract/clock.ts'
import type { DeployEffects, DeployList } from '../../contract/deploys.ts'
import type { IncidentDetail, IncidentList } from '../../contract/stalls.ts'
import type { Trends } from '../../contract/trends.ts'
import { minutes, seconds, toIso } from '../../contract/units.ts'
import { beginRun, endRun, type AgentRun } from '../kit/agent-telemetry.ts'
import { getRun, sleepAwake } from '../kit/laststep-api.ts'
import { temporaryFolder } from '../kit/programs.ts'

const START = systemClock.now()
const OLD = { service: 'shop', version: '1.4.1', environment: 'staging' }
const NEW = { ...OLD, version: '1.4.2' }
const dataDir = temporaryFolder('stalls')
let collector: Collector

beforeAll(async () => {
  collector = await start()
})
afterAll(() => collector.stop())

test('stalls with one cause are one incident, with its users, versions and the deploy that brought it', async () => {
  // A version that works, then one whose tool hangs.
  for (const index of [0, 1, 2]) {
    const run = runOf(index, { startedAt: START - minutes(20) })
    await endRun(collector.otlpHttp, OLD, run, run.startedAt + seconds(2))
  }
  for (const index of [10, 11, 12]) await beginRun(collector.otlpHttp, NEW, runOf(index))
  await beginRun(collector.otlpHttp, NEW, runOf(13, { tool: 'ship_order', userId: 'user-0' }))
  const { incidents, states, values } = await until(
    () => get<IncidentList>('/api/stalls?sort=stalls'),
    ({ incidents: found }) => found.reduce((sum, { standing }) => sum + standing, 0) === 4,
  )
  expect(states).toEqual({ open: 2, acknowledged: 0, muted: 0, resolved: 0 })
  const steps = ['tool › search_orders', 'tool › ship_order']
  expect(values).toEqual({ agent: ['support'], step: steps, version: ['1.4.2'], environment: ['staging'] })
  // They are what one may choose besides, whatever is chosen now.
  const narrowed = await get<IncidentList>('/api/stalls?step=tool › ship_order')
  expect([narrowed.total, narrowed.values]).toEqual([1, values])
  expect(incidents).toMatchObject([
    {
      agent: 'support',
      environment: 'staging',
      phase: 'tool',
      step: 'search_orders',
      cause: 'tool-silent',
      code: { file: 'src/tools/search_orders.ts', line: 88 },
      life: { state: 'open', since: null },
      tag: 'new',
      stalls: 3,
      users: 2,
      firstVersion: '1.4.2',
      deploy: { version: '1.4.2', service: 'shop' },
      versions: [{ version: '1.4.2', stalls: 3 }],
    },
    { step: 'ship_order', stalls: 1, users: 1 },
  ])
  expect(incidents[0]?.trend.at(-1)).toBe(3)
  // From the run to its incident.
  const run = await getRun(collector.dashboard, runOf(10).traceId)
  expect(run.fingerprint).toBe(incidents[0]?.fingerprint)
}, 60_000)

test('a run that moves on leaves its incident counted and quiet; its beginning finds it', async () => {
  const { incidents } = await get<IncidentList>('/api/stalls?step=search_orders')
  const fingerprint = incidents[0]?.fingerprint ?? ''
  for (const index of [10, 11, 12]) await endRun(collector.otlpHttp, NEW, runOf(index), systemClock.now())
  const detail = await until(
    () => get<IncidentDetail>(`/api/stalls/STL-${fingerprint.slice(0, 6).toUpperCase()}`),
    ({ standing }) => standing === 0,
  )
  expect(detail).toMatchObject({ fingerprint, stalls: 3, userIds: ['user-0', 'user-1'] })
  expect(detail.latestStalls.map(({ runId }) => runId).sort()).toEqual(
    [10, 11, 12].map((index) => runOf(index).traceId),
  )
  expect(detail.latestStalls.every(({ endedAt, run }) => endedAt !== null && run?.status === 'completed')).toBe(true)
  expect((await get<IncidentList>('/api/stalls?standing=yes')).incidents).toMatchObject([{ step: 'ship_order' }])
  expect((await fetch(`${collector.dashboard}/api/stalls/0000`)).status).toBe(404)
  expect((await fetch(`${collector.dashboard}/api/stalls?state=quiet`)).status).toBe(400)
}, 60_000)

test('trends say what became of runs where they started, how long phases took, and when a version was first seen', async () => {
  const trends = await get<Trends>('/api/trends?from=now-1h&split=version')
  const of = (version: string) => trends.series.find(({ name }) => name === version)
  const sum = (line: readonly number[] = []) => line.reduce((total, value) => total + value, 0)
  expect(sum(of('1.4.1')?.counts.started)).toBe(3)
  expect(sum(of('1.4.1')?.counts.completed)).toBe(3)
  expect(sum(of('1.4.2')?.counts.started)).toBe(4)
  expect(sum(of('1.4.2')?.counts.standing)).toBe(1)
  expect(sum(of('1.4.2')?.stalls)).toBe(4)
  expect(of('1.4.2')?.inFlight.at(-1)).toBe(1)
  expect(of('1.4.1')?.inFlight.at(-1)).toBe(0)
  expect(trends.deploys).toMatchObject([{ service: 'shop', environment: 'staging', version: '1.4.2' }])
  expect(trends.steps.map(({ step, stalls }) => [step, sum(stalls)])).toEqual([
    ['search_orders', 3],
    ['ship_order', 1],
  ])
  expect(trends.values).toEqual({ agent: ['support'], environment: ['staging'], version: ['1.4.2', '1.4.1'] })
  expect(sum((await get<Trends>('/api/trends?agent=nobody')).series[0]?.counts.started)).toBe(0)
  expect((await fetch(`${collector.dashboard}/api/trends?from=now&to=now-1h`)).status).toBe(400)
}, 60_000)

test('an announced deploy is one with the version that was seen, at the time that was announced', async () => {
  const at = toIso(START - minutes(6))
  const announced = await fetch(`${collector.dashboard}/api/deploys`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ service: 'shop', environment: 'staging', version: '1.4.2', at, by: 'ana' }),
  })
  expect(announced.status).toBe(201)
  const { deploys } = await get<DeployList>('/api/deploys')
  expect(deploys).toMatchObject([{ service: 'shop', version: '1.4.2', at, source: 'api', by: 'ana' }])
  expect((await get<Trends>('/api/trends?from=now-1h')).deploys).toEqual(deploys)
  const { incidents } = await get<IncidentList>('/api/stalls')
  expect(incidents.map(({ deploy }) => deploy)).toEqual([deploys[0], deploys[0]])
  const { effects } = await get<DeployEffects>(`/api/stalls/${incidents[0]?.fingerprint}/deploys`)
  expect(effects).toMatchObject([{ deploy: deploys[0], found: 'too-few', before: { runs: 0 }, isSuspect: false }])
}, 60_000)

test('a restart counts nothing twice, and knows what was announced', async () => {
  const before = await Promise.all([get<IncidentList>('/api/stalls'), get<Trends>('/api/trends')])
  await collector.stop()
  collector = await start()
  const after = await Promise.all([get<IncidentList>('/api/stalls'), get<Trends>('/api/trends')])
  expect(after[0].incidents).toEqual(before[0].incidents)
  expect(after[1].series.map(({ counts }) => counts.started.filter(Boolean))).toEqual(
    before[1].series.map(({ counts }) => counts.started.filter(Boolean)),
  )
}, 60_000)

function start(): Promise<Collector> {
  const ports = { 'http-port': '0', 'otlp-http-port': '0', 'otlp-grpc-port': '0' }
  const contract = new URL('../journeys/quick.yaml', import.meta.url).pathname
  const read = readCollectorConfig({ 'data-dir': dataDir, canary: 'off', contract, ...ports }, {})
  if ('problems' in read) throw new Error(read.problems.join('; '))
  return startCollector(read.config, systemClock, 'test')
}

function runOf(index: number, different: Partial<AgentRun> = {}): AgentRun {
  const traceId = `${String(index).padStart(16, 'a')}${String(index).padStart(16, 'b')}`
  const userId = `user-${index % 2}`
  return { traceId, agent: 'support', tool: 'search_orders', userId, startedAt: START, ...different }
}

async function get<T>(path: string): Promise<T> {
  const response = await fetch(collector.dashboard + path)
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  return (await response.json()) as T
}

async function until<T>(ask: () => Promise<T>, fits: (answer: T) => boolean): Promise<T> {
  for (const limit = systemClock.now() + seconds(50); ; await sleepAwake(50)) {
    const answer = await ask()
    if (fits(answer)) return answer
    if (systemClock.now() > limit) throw new Error(`waited in vain; last: ${JSON.stringify(answer)}`)
  }
}
