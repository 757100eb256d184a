/** The real collector with its canary, as people run it; and the canary against doors that fail it. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { readCollectorConfig } from '../../../collector/config.ts'
import { startCollector, type Collector } from '../../../collector/main.ts'
import { CANARY_EVERY } from '../../../collector/observe/judge-canary.ts'
import { startCanary, type Canary } from '../../../collector/observe/start-canary.ts'
import { systemClock, type Clock } from '../../../contract/clock.ts'
import type { Health } from '../../../contract/health.ts'
import type { LiveFrame } from '../../../contract/live.ts'
import type { RunDetail, RunList } from '../../../contract/runs.ts'
import { toIso } from '../../../contract/units.ts'
import { temporaryFolder } from '../../kit/programs.ts'
import { startWebhookReceiver, type WebhookReceiver } from '../notify/kit/webhook-receiver.ts'
import { openLiveClient, type LiveClient } from '../serve/kit/live-client.ts'
import { waitUntil } from '../../kit/wait-until.ts'

async function start(dataDir: string, more: Record<string, string> = {}, clock = systemClock): Promise<Collector> {
  const ports = { 'http-port': '0', 'otlp-http-port': '0', 'otlp-grpc-port': '0' }
  const read = readCollectorConfig({ 'data-dir': dataDir, ...ports, ...more }, {})
  if ('problems' in read) throw new Error(read.problems.join('; '))
  return startCollector(read.config, clock, 'test')
}

async function ask<Answer>(collector: Collector, path: string): Promise<Answer> {
  return (await (await fetch(`${collector.dashboard}${path}`)).json()) as Answer
}

describe('in the collector', () => {
  const dataDir = temporaryFolder('canary')
  let collector: Collector
  let live: LiveClient
  let told: WebhookReceiver
  beforeAll(async () => {
    told = await startWebhookReceiver()
    collector = await start(dataDir, {
      'webhook-url': told.url,
      'webhook-secret': `whsec_${Buffer.alloc(32, 7).toString('base64')}`,
    })
    live = await openLiveClient(collector.dashboard)
    const health = () => ask<Health>(collector, '/api/health')
    await waitUntil(async () => expect((await health()).canary).not.toBeNull())
  })
  afterAll(async () => {
    await live.close()
    await collector.stop()
    await told.stop()
  })

  test('it is flagged within a second of its deadline, by what a reader sees, and ends as completed late', async () => {
    const { canary, evaluator, ready } = await ask<Health>(collector, '/api/health')
    expect(canary).toMatchObject({ outcome: 'in-time' })
    expect(canary?.lateMs).toBeLessThanOrEqual(1_000)
    expect(evaluator.deadlines).toBe(1)
    expect(ready).toBe(true)
    const { runs } = await ask<RunList>(collector, '/api/runs?canary=1')
    const run = await ask<RunDetail>(collector, `/api/runs/${runs[0]?.id}`)
    expect(run).toMatchObject({ status: 'completed', agent: 'laststep-canary', contract: { name: 'laststep.canary' } })
    expect(run.verdict.lateByMs).toBeGreaterThan(0)
    expect(run.spans).toHaveLength(2)
  })

  test('nobody sees it: lists, board, status, messages and counts are without it', async () => {
    expect((await ask<RunList>(collector, '/api/runs')).runs).toEqual([])
    expect((await ask<RunList>(collector, '/api/runs?agent=laststep-canary')).runs).toEqual([])
    expect((await ask<RunList>(collector, '/api/runs?status=completed,stalled')).runs).toEqual([])
    expect(await ask(collector, '/api/status')).toMatchObject({ openRuns: 0 })
    expect(told.received).toEqual([])
    const frames = live.frames.filter((frame): frame is Extract<LiveFrame, { runs: unknown }> => 'runs' in frame)
    expect(frames.flatMap(({ runs }) => runs)).toEqual([])
    expect(frames.every(({ counts }) => counts.inFlight === 0 && counts.endedRecently === 0)).toBe(true)
    const metrics = await (await fetch(`${collector.dashboard}/metrics`)).text()
    expect(metrics).toMatch(/^laststep_verdicts_total\{status="stalled"} 0$/m)
    expect(metrics).not.toMatch(/^laststep_(flags|retractions)_total\{/m)
    expect(metrics).toMatch(/^laststep_canary_in_time 1$/m)
    expect(metrics).toMatch(/^laststep_verdict_delay_seconds_count 1$/m)
  })

  test('its metrics are well-formed and few', async () => {
    const answer = await fetch(`${collector.dashboard}/metrics`)
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    const lines = (await answer.text()).split('\n').slice(0, -1)
    const labels = /\{([a-z_]+="(\\.|[^"\\\n])*",?)+}/.source
    const sample = new RegExp(`^[a-z_]+(${labels})? (-?[0-9.]+(e[-+][0-9]+)?|\\+Inf)$`)
    expect(lines.filter((line) => !line.startsWith('#') && !sample.test(line))).toEqual([])
    const types = lines.filter((line) => line.startsWith('# TYPE')).map((line) => line.split(' ')[2])
    expect(new Set(types).size).toBe(types.length)
    expect(lines.length).toBeLessThan(500)
  })

  test('two requests and at most 3 KB in the log, so that a day of them is 4 MB', async () => {
    const metrics = await (await fetch(`${collector.dashboard}/metrics`)).text()
    const [, entries, bytes] =
      /^laststep_log_entries_total (\d+)$[^]*^laststep_log_bytes_total (\d+)$/m.exec(metrics) ?? []
    expect(Number(entries)).toBe(2)
    expect(Number(bytes)).toBeLessThan(3_000)
  })
})

test('one that a collector did not live to end is ended by the next', async () => {
  const dataDir = temporaryFolder('canary-left')
  const quiet = await start(dataDir, { canary: 'off' })
  const canary = startCanary({
    clock: systemClock,
    otlpHttp: quiet.otlpHttp,
    // Nobody answers there: it is sent, and never ended by who sent it.
    dashboard: 'http://127.0.0.1:9',
    leftBehind: [],
    graceEndsAt: () => 0,
    log: { warn: () => {} },
  })
  const open = async (collector: Collector) =>
    (await ask<RunList>(collector, '/api/runs?canary=1')).runs.map(({ status }) => status)
  await expect.poll(() => open(quiet), { timeout: 30_000 }).toEqual(['running'])
  await quiet.stop()
  await canary.stop()

  const next = await start(dataDir)
  await expect.poll(async () => (await open(next)).includes('completed'), { timeout: 30_000 }).toBe(true)
  await next.stop()
})

test('after a time in which we were down nothing is flagged for a while, and that is no failure of ours', async () => {
  const dataDir = temporaryFolder('canary-after-a-gap')
  await (await start(dataDir, { canary: 'off' })).stop()
  const later: Clock = { ...systemClock, now: () => systemClock.now() + 20_000 }
  const next = await start(dataDir, {}, later)
  const health = () => ask<Health>(next, '/api/health')
  await expect.poll(async () => (await health()).canary, { timeout: 15_000 }).not.toBeNull()
  const { canary, ready, blind } = await health()
  expect(blind.gaps).toBe(1)
  expect(canary).toMatchObject({ outcome: 'postponed', lateMs: null })
  expect(ready).toBe(true)
  await next.stop()
})

describe('a canary that is failed', () => {
  const closes: (() => Promise<void> | void)[] = []
  afterEach(async () => {
    for (const close of closes.splice(0)) await close()
  })

  /** A collector as the canary sees it, that does wrong what it is told to. */
  async function startLiar(does: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
    const server = createServer(does)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    closes.push(() => {
      server.closeAllConnections()
      server.close()
    })
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  /** Ten times as fast as it is. */
  const fast: Clock = {
    now: systemClock.now,
    after: (delay, call) => systemClock.after(delay / 10, call),
    every: (period, call) => systemClock.every(period / 10, call),
  }

  async function fateOf(does: (request: IncomingMessage, response: ServerResponse) => void, graceEndsAt = 0) {
    const url = await startLiar(does)
    const log = { warn: () => {} }
    const ends = { otlpHttp: url, dashboard: url, leftBehind: [] }
    const canary: Canary = startCanary({ ...ends, clock: fast, graceEndsAt: () => graceEndsAt, log })
    closes.push(() => canary.stop())
    await expect.poll(() => canary.facts().last, { timeout: 30_000 }).not.toBeNull()
    return canary.facts()
  }

  const run = (status: string, since: number, lateByMs: number | null) =>
    JSON.stringify({ status, verdict: { since: toIso(since), lateByMs } })
  const answering =
    (door: number, page: (asked: number) => [number, string]) =>
    (request: IncomingMessage & { asked?: number }, response: ServerResponse): void => {
      request.resume()
      if (request.method === 'POST') return void response.writeHead(door).end('{}')
      const [status, body] = page((pages += 1))
      response.writeHead(status).end(body)
    }
  let pages = 0
  const now = () => systemClock.now()

  // oxfmt-ignore
  test.each([
    // what goes wrong                            door  the page says, the first time and later                                      outcome
    ['nothing',                                   200,  [() => run('stalled', now() - 90, null), () => run('completed', now(), 90)],  'in-time'],
    ['the door is shut',                          503,  [() => run('stalled', now(), null), () => run('completed', now(), 90)],      'unanswered'],
    ['the verdict comes two seconds late',        200,  [() => run('stalled', now() - 2_000, null), () => run('completed', now(), 9)], 'late'],
    ['the verdict never comes',                   200,  [() => run('running', now(), null), () => run('running', now(), null)],      'missed'],
    ['nobody can read it',                        200,  [null, null],                                                                'missed'],
    ['it is not seen to end',                     200,  [() => run('stalled', now(), null), () => run('stalled', now(), null)],      'unclosed'],
    ['it ends as if it had never been late',      200,  [() => run('stalled', now(), null), () => run('completed', now(), null)],    'unclosed'],
  ] as const)('%s', async (_what, door, [first, later], outcome) => {
    pages = 0
    const fate = await fateOf(
      answering(door, (asked) => {
        const says = asked === 1 ? first : later
        return says === null ? [503, '{}'] : [200, says()]
      }),
    )
    expect(fate.last?.outcome).toBe(outcome)
    // After one that failed the next comes sooner.
    const nextMs = fate.dueAt - (fate.last?.sentAt ?? 0)
    if (outcome === 'in-time') expect(nextMs).toBe(CANARY_EVERY)
    else expect(nextMs).toBeLessThan(CANARY_EVERY / 2)
  })

  test('a gap in our own hearing meanwhile proves nothing', async () => {
    const fate = await fateOf(
      answering(200, () => [200, run('running', now(), null)]),
      systemClock.now() + 60_000,
    )
    expect(fate.last).toMatchObject({ outcome: 'postponed', lateMs: null })
  })
})
