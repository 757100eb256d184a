/**
 * From a user's message to the page an engineer reads: every program for real, over real sockets, in a real Chromium.
 *
 * The stories run in order on one collector; the last one kills it and asks the next collector about all of them again.
 */
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../contract/clock.ts'
import { CRITICAL_EVENTS } from '../../contract/events.ts'
import type { RunDetail } from '../../contract/runs.ts'
import { fromIso, seconds } from '../../contract/units.ts'
import { connectUser, fetchToken, type UserClient } from '../../tools/user-client.ts'
import { noBrowser, openBrowser } from '../kit/browser.ts'
import { getRun, sleepAwake, waitForRun } from '../kit/laststep-api.ts'
import {
  startCollectorProgram,
  startRuntimeProgram,
  temporaryFolder,
  type CollectorProgram,
  type RuntimeProgram,
} from '../kit/programs.ts'

const ROOT = dirname(dirname(import.meta.dirname))
const DATA = temporaryFolder('journeys')
const CONTRACT = ['--contract', join(import.meta.dirname, 'quick.yaml')]
/** A second after its deadline a stall must be on the page. */
const SEEN_WITHIN_MS = 1_000

let collector: CollectorProgram
let runtime: RuntimeProgram
let doomed: RuntimeProgram
let browser: Browser
let page: Page
/** What was concluded in each story, for the last one. */
const told = new Map<string, RunDetail>()

beforeAll(async () => {
  collector = await startCollectorProgram(DATA, CONTRACT)
  const pulse = ['--pulse-ms', '500', '--environment', 'journeys']
  runtime = await startRuntimeProgram(collector.otlpHttp, pulse)
  doomed = await startRuntimeProgram(collector.otlpHttp, pulse)
})

afterAll(async () => {
  await browser?.close()
  await Promise.all([runtime?.stop(), doomed?.stop()])
  await collector?.stop()
})

describe.skipIf(noBrowser !== null)('the golden path', () => {
  beforeAll(async () => {
    browser = await openBrowser()
    page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
    await page.goto(`${collector.dashboard}/live`)
    await page.getByRole('heading', { name: /needs attention/i }).waitFor()
  })

  test('(a) a healthy run is completed and delivered, with all five events', async () => {
    const user = await connect(runtime, 'ada')
    const runId = await user.ask('What is 6 times 7?')
    await user.waitForEnd(runId)
    // What became of its last message, and how its last spans ended, comes by requests of their own.
    const run = await waitForRun(
      collector.dashboard,
      runId,
      ({ status, delivery, spans }) =>
        status === 'completed' && delivery.outcome === 'delivered' && spans.every(({ endedAt }) => endedAt !== null),
    )
    expect(run).toMatchObject({
      cause: null,
      delivery: { outcome: 'delivered' },
      userId: 'ada',
      environment: 'journeys',
    })
    expect(run.checklist.map(({ event, state }) => `${event} ${state}`)).toEqual(
      CRITICAL_EVENTS.map((event) => `${event} done`),
    )
    expect(run.spans.filter(({ endedAt }) => endedAt === null)).toEqual([])
    // What the user received is what we say the user received.
    const received = user.frames.filter(({ run_id }) => run_id === runId).map(({ seq }) => seq)
    expect(run.deliveries.map(({ seq }) => seq)).toEqual(received)

    await page.goto(`${collector.dashboard}/runs/${runId}`)
    await page
      .getByText(/completed/i)
      .first()
      .waitFor()
    for (const event of CRITICAL_EVENTS) expect(await page.getByText(event).count()).toBeGreaterThan(0)
    told.set('healthy', run)
    await user.close()
  })

  test('(b) a hung tool is on the page within a second of its deadline, with its name, file and line, without a reload', async () => {
    await page.goto(`${collector.dashboard}/live`)
    const loads = countLoads(page)
    const user = await connect(runtime, 'grace')
    const runId = await user.ask('Fetch http://127.0.0.1/status for me', { fault: 'hung-tool' })
    const row = page
      .getByRole('link')
      .filter({ hasText: runId.slice(-4) })
      .filter({ hasText: 'stalled' })
    await row.first().waitFor({ timeout: 20_000 })
    const seenAt = systemClock.now()

    const run = await getRun(collector.dashboard, runId)
    expect(run).toMatchObject({ status: 'stalled', cause: 'tool-silent', confidence: 'T1', step: { phase: 'tool' } })
    expect(run.step?.name).toBe('http_fetch')
    expect(run.step?.code?.file).toMatch(/^server\/.+\.ts$/)
    expect(run.step?.code?.line).toBeGreaterThan(0)
    expect(run.verdict.limit).toMatchObject({ ms: 3_000 })
    const lateBy = seenAt - fromIso(run.verdict.deadline ?? '')
    console.log(`hung tool: on the page ${Math.round(lateBy)} ms after its deadline`)
    expect(lateBy).toBeLessThan(SEEN_WITHIN_MS)
    expect(await row.first().innerText()).toContain('http_fetch')
    expect(loads()).toBe(0)

    await row.first().click()
    await page.goto(`${collector.dashboard}/runs/${runId}`)
    await page.getByText(`${run.step?.code?.file}:${run.step?.code?.line}`).first().waitFor()
    told.set('hung tool', run)
    await user.close()
  })

  test('(c) the swallowed exception is named with its type and the line that threw', async () => {
    const user = await connect(runtime, 'edsger')
    const runId = await user.ask('What is 1 + 1?', { fault: 'removed-singleton' })
    const run = await waitForRun(collector.dashboard, runId, ({ status }) => status === 'stalled')
    expect(run).toMatchObject({ cause: 'exception-swallowed', step: { phase: 'started' } })
    const { file, line } = run.step?.code ?? {}
    expect(file).toBe('server/orchestrate/create-execution-orchestrator.ts')
    const source = await sourceLine(file ?? '', line ?? 0)
    expect(source).toMatch(/throw/)
    const text = run.verdict.evidence.map((evidence) => evidence.text).join('\n')
    expect(text).toContain('KeyError')
    expect(text).toContain('orchestrator_available')
    expect(text).toContain(`${file}:${line}`)

    await page.goto(`${collector.dashboard}/runs/${runId}`)
    await page.getByText('KeyError').first().waitFor()
    await page.getByText(`${file}:${line}`).first().waitFor()
    told.set('swallowed exception', run)
    await user.close()
  })

  test('(d) a killed process is shown as lost at the step it held', async () => {
    const user = await connect(doomed, 'alan')
    const runId = await user.ask('Write the slow report')
    await user.waitFor(({ type }) => type === 'tool_executing')
    await waitForRun(collector.dashboard, runId, ({ step }) => step?.phase === 'tool')
    await doomed.kill()
    const run = await waitForRun(collector.dashboard, runId, ({ status }) => status === 'lost')
    expect(run).toMatchObject({ cause: 'process-lost', confidence: 'T2', step: { phase: 'tool', name: 'slow_report' } })

    await page.goto(`${collector.dashboard}/runs/${runId}`)
    await page.getByText(/lost/i).first().waitFor()
    await page.getByText('slow_report').first().waitFor()
    told.set('killed process', run)
  })

  test('(e) a client that stops reading is shown as undelivered though the run completed', async () => {
    const user = await connect(runtime, 'barbara')
    const runId = await user.ask('What is 2 + 3?')
    user.stopReading()
    const run = await waitForRun(collector.dashboard, runId, ({ status }) => status === 'undelivered')
    expect(run).toMatchObject({ outcome: 'succeeded', cause: 'unreceived' })
    // What came before the client went deaf was received; the answer was not.
    expect(run.delivery.outcome).not.toBe('delivered')
    expect(run.delivery.confirmed).toBeLessThan(run.delivery.required)
    const answer = run.deliveries.find(({ event }) => event === 'agent_completed')
    expect(answer?.states.map(({ state }) => state)).toContain('written')
    expect(answer?.states.map(({ state }) => state)).not.toContain('received')

    await page.goto(`${collector.dashboard}/runs/${runId}`)
    await page
      .getByText(/not delivered|undelivered/i)
      .first()
      .waitFor()
    told.set('deaf client', run)
    user.drop()
  })

  test('(f) after SIGKILL the next collector says the same about all of them', async () => {
    expect([...told.keys()]).toHaveLength(5)
    const [dashboardPort, otlpPort] = [portOf(collector.dashboard), portOf(collector.otlpHttp)]
    // A run is told by the first that is known of it; its last spans may come after.
    const asKnown = new Map<string, RunDetail>()
    for (const [story, { id }] of told) asKnown.set(story, await getRun(collector.dashboard, id))
    await collector.kill()
    await sleepAwake(seconds(1.5))
    const before = systemClock.now()
    collector = await startCollectorProgram(DATA, [
      ...CONTRACT,
      '--http-port',
      dashboardPort,
      '--otlp-http-port',
      otlpPort,
    ])
    console.log(`collector after SIGKILL: listening ${Math.round(systemClock.now() - before)} ms after its start`)
    for (const [story, run] of asKnown) {
      const again = await getRun(collector.dashboard, run.id)
      expect(conclusions(run), story).toEqual(conclusions(told.get(story)!))
      expect(conclusions(again), story).toEqual(conclusions(run))
      expect(again.spans.map(({ spanId }) => spanId).sort(), story).toEqual(
        run.spans.map(({ spanId }) => spanId).sort(),
      )
    }
    const hung = told.get('hung tool')
    await page.goto(`${collector.dashboard}/runs/${hung?.id}`)
    await page
      .getByText(/stalled/i)
      .first()
      .waitFor()
    await page.getByText('http_fetch').first().waitFor()
  })
})

async function connect(to: RuntimeProgram, user: string): Promise<UserClient> {
  const client = await connectUser({ url: to.ws, token: await fetchToken(to.http, user) })
  await client.waitFor(({ type }) => type === 'connection_established')
  return client
}

/** Everything a verdict says except the moment it was asked. */
function conclusions({ id, status, cause, confidence, step, outcome, delivery, verdict }: RunDetail) {
  const { since, deadline, limit } = verdict
  // That the collector was down meanwhile is said with each flag, and is no conclusion.
  const evidence = verdict.evidence.filter(({ text }) => !text.startsWith('Laststep did not hear'))
  return { id, status, cause, confidence, step, outcome, delivery, since, deadline, limit, evidence }
}

/** Counts how often the page loads from now on. */
function countLoads(of: Page): () => number {
  let loads = 0
  of.on('load', () => (loads += 1))
  return () => loads
}

async function sourceLine(file: string, line: number): Promise<string> {
  return (await readFile(join(ROOT, file), 'utf8')).split('\n')[line - 1] ?? ''
}

function portOf(address: string): string {
  return new URL(address).port
}
