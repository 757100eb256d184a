/** The run that people send before they have an agent: it stalls for real, is seen where they look, and counts nowhere. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readCollectorConfig } from '../../collector/config.ts'
import { startCollector, type Collector } from '../../collector/main.ts'
import { runIdOf, testRunBegins } from '../../collector/observe/test-run-telemetry.ts'
import { systemClock } from '../../contract/clock.ts'
import type { LiveFrame } from '../../contract/live.ts'
import type { RunDetail, RunList } from '../../contract/runs.ts'
import type { Setup, TestRunAnswer } from '../../contract/setup.ts'
import type { IncidentList } from '../../contract/stalls.ts'
import type { Trends } from '../../contract/trends.ts'
import { minutes } from '../../contract/units.ts'
import { beginRun, type AgentRun } from '../kit/agent-telemetry.ts'
import { temporaryFolder } from '../kit/programs.ts'
import { waitUntil } from '../kit/wait-until.ts'
import { startWebhookReceiver, type WebhookReceiver } from './notify/kit/webhook-receiver.ts'
import { openLiveClient, type LiveClient } from './serve/kit/live-client.ts'

async function start(dataDir: string, more: Record<string, string> = {}): Promise<Collector> {
  const ports = { 'http-port': '0', 'otlp-http-port': '0', 'otlp-grpc-port': '0' }
  const read = readCollectorConfig({ 'data-dir': dataDir, ...ports, canary: 'off', ...more }, {})
  if ('problems' in read) throw new Error(read.problems.join('; '))
  return startCollector(read.config, systemClock, 'test')
}

async function ask<Answer>(collector: Collector, path: string): Promise<Answer> {
  return (await (await fetch(`${collector.dashboard}${path}`)).json()) as Answer
}

const send = (collector: Collector, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${collector.dashboard}/api/test-runs`, { method: 'POST', headers })

const hearingOf = async (collector: Collector) => (await ask<Setup>(collector, '/api/setup')).hearing

describe('the test run', () => {
  const dataDir = temporaryFolder('test-run')
  let collector: Collector
  let live: LiveClient
  let told: WebhookReceiver
  let id: string
  beforeAll(async () => {
    told = await startWebhookReceiver()
    const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
    collector = await start(dataDir, { 'webhook-url': told.url, 'webhook-secret': secret })
    live = await openLiveClient(collector.dashboard)
    id = ((await (await send(collector)).json()) as TestRunAnswer).runId
    await waitUntil(async () => expect((await ask<RunDetail>(collector, `/api/runs/${id}`)).status).toBe('stalled'))
  })
  afterAll(async () => {
    await live.close()
    await collector.stop()
    await told.stop()
  })

  test('stalls at its tool, with its process alive, the line of code, and what the user got until then', async () => {
    const run = await ask<RunDetail>(collector, `/api/runs/${id}`)
    expect(run).toMatchObject({
      status: 'stalled',
      cause: 'tool-silent',
      confidence: 'T1',
      contract: { name: 'laststep.test-run' },
      step: { phase: 'tool', name: 'search_orders', code: { file: 'src/tools/search-orders.ts', line: 88 } },
      delivery: { required: 3, confirmed: 3 },
      process: { id: `test-run-${id.slice(-8)}` },
    })
    expect(run.spans.map(({ name, endedAt }) => [name, endedAt === null])).toEqual([
      ['invoke_agent test-agent', true],
      ['chat gpt-5', false],
      ['execute_tool search_orders', true],
    ])
  })

  test('is on the live board, and in no list, count, trend, metric or message', async () => {
    const frames = live.frames.filter((frame): frame is Extract<LiveFrame, { runs: unknown }> => 'runs' in frame)
    const statuses = frames.flatMap(({ runs }) => runs).filter((row) => row.id === id)
    expect(statuses.at(-1)?.status).toBe('stalled')
    expect(frames.every(({ counts }) => counts.inFlight === 0 && counts.stalled === 0)).toBe(true)
    const newcomer = await openLiveClient(collector.dashboard)
    await waitUntil(() => expect(newcomer.frames[0]).toMatchObject({ type: 'snapshot', runs: [{ id }] }))
    await newcomer.close()

    expect((await ask<RunList>(collector, '/api/runs')).runs).toEqual([])
    expect((await ask<RunList>(collector, '/api/runs?status=stalled&agent=test-agent')).runs).toEqual([])
    expect((await ask<IncidentList>(collector, '/api/stalls')).incidents).toEqual([])
    const trends = await ask<Trends>(collector, '/api/trends?from=now-1h')
    expect(
      trends.series.flatMap(({ counts, inFlight }) => [...counts.started, ...inFlight]).every((n) => n === 0),
    ).toBe(true)
    expect(await ask(collector, '/api/status')).toMatchObject({ openRuns: 0 })
    const metrics = await (await fetch(`${collector.dashboard}/metrics`)).text()
    expect(metrics).toMatch(/^laststep_verdicts_total\{status="stalled"} 0$/m)
    expect(told.received).toEqual([])
  })

  test('is no event of anybody', async () => {
    expect(await hearingOf(collector)).toMatchObject({ firstEventAt: null, requests: 0, lastService: null })
  })

  test('one at a time: who asks again is shown the one under way', async () => {
    expect(await (await send(collector)).json()).toEqual({ runId: id })
  })

  test('a page of another site may not send one', async () => {
    expect((await send(collector, { origin: 'https://evil.example' })).status).toBe(403)
    expect((await send(collector, { origin: collector.dashboard })).status).toBe(200)
  })

  test('ends with the collector, as cancelled; the next one begins without it', async () => {
    await live.close()
    await collector.stop()
    collector = await start(dataDir)
    live = await openLiveClient(collector.dashboard)
    const run = await ask<RunDetail>(collector, `/api/runs/${id}`)
    expect(run).toMatchObject({ status: 'cancelled' })
    expect(run.spans.every(({ endedAt }) => endedAt !== null)).toBe(true)
    expect(await ask(collector, '/api/status')).toMatchObject({ openRuns: 0 })
  })
})

test('one that a killed process left standing is ended by the next', async () => {
  const dataDir = temporaryFolder('test-run-left')
  const first = await start(dataDir)
  const left = { traceId: '0af7651916cd43dd8448eb211c80319c', sentAt: systemClock.now() }
  const headers = { 'content-type': 'application/json' }
  await fetch(`${first.otlpHttp}/v1/logs`, { method: 'POST', headers, body: testRunBegins(left) })
  const id = runIdOf(left)
  await waitUntil(async () => expect((await ask<RunDetail>(first, `/api/runs/${id}`)).status).toBe('stalled'))
  await first.stop()
  const second = await start(dataDir)
  try {
    await waitUntil(async () => expect((await ask<RunDetail>(second, `/api/runs/${id}`)).status).toBe('cancelled'))
  } finally {
    await second.stop()
  }
})

describe('what was heard', () => {
  const dataDir = temporaryFolder('hearing')
  const run: AgentRun = {
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    agent: 'support',
    tool: 'search_orders',
    userId: 'u_1',
    startedAt: systemClock.now() - minutes(3),
  }
  const agent = { service: 'support-agent', version: '1.4.2', environment: 'staging' }
  let collector: Collector
  beforeAll(async () => void (collector = await start(dataDir)))
  afterAll(() => collector.stop())

  test('a refused request is told with the reason its sender got', async () => {
    const headers = { 'content-type': 'application/json' }
    await fetch(`${collector.otlpHttp}/v1/traces`, { method: 'POST', headers, body: '{"resourceSpans": 7' })
    await fetch(`${collector.otlpHttp}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: 'hi',
    })
    const { refusals, firstEventAt } = await hearingOf(collector)
    expect(refusals.map(({ reason, count }) => [reason, count])).toEqual([
      ['unknown-type', 1],
      ['malformed', 1],
    ])
    expect(refusals[0]?.says).toContain('application/x-protobuf')
    expect(firstEventAt).toBeNull()
  })

  test('the first event is remembered, whose it was, and how far its clock is behind; also after a restart', async () => {
    await beginRun(collector.otlpHttp, agent, run)
    const first = await hearingOf(collector)
    expect(first).toMatchObject({ requests: 1, lastService: 'support-agent' })
    expect(first.clockBehindMs).toBeGreaterThanOrEqual(minutes(3))
    expect(first.firstEventAt).not.toBeNull()
    await collector.stop()
    collector = await start(dataDir)
    expect(await hearingOf(collector)).toMatchObject({
      firstEventAt: first.firstEventAt,
      lastEventAt: null,
      requests: 0,
    })
  })

  test('the settings are told as they are, with the ports that were given', async () => {
    const setup = await ask<Setup>(collector, '/api/setup')
    expect(setup).toMatchObject({
      version: 'test',
      host: '127.0.0.1',
      isReachable: false,
      dataDir,
      contracts: [{ name: 'laststep', version: 1 }],
      fsync: 'always',
      isTelling: false,
      hasCanary: false,
    })
    expect(setup.ports).toEqual({
      dashboard: Number(new URL(collector.dashboard).port),
      otlpHttp: Number(new URL(collector.otlpHttp).port),
      otlpGrpc: Number(new URL(collector.otlpGrpc).port),
    })
    expect(setup.kept.bytes).toBeGreaterThan(0)
    expect(setup.kept.since).not.toBeNull()
  })
})
