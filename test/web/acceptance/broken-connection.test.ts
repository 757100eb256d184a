/**
 * Acceptance of the live board (ux/SPEC §4.15, numbers 3 and 4): the connection is torn while the collector goes on, or the
 * tab is hidden for ten minutes. Nothing is made up meanwhile, and nothing is missing or double afterwards.
 */
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterEach, describe, expect, test } from 'vitest'
import type { LiveFrame } from '../../../contract/live.ts'
import { OPEN_STATUSES } from '../../../contract/statuses.ts'
import { minutes, seconds } from '../../../contract/units.ts'
import { noBrowser } from '../../kit/browser.ts'
import { listRuns, sleepAwake, waitForRun } from '../../kit/laststep-api.ts'
import { speakAs, type SpokenProcess } from '../../kit/spoken-process.ts'
import { layCable, type Cable } from '../kit/cable.ts'
import { useLiveDashboard } from '../kit/live-dashboard.ts'

const CONTRACT = join(import.meta.dirname, 'hasty.yaml')
const PULSE_MS = minutes(10)

describe.skipIf(noBrowser !== null)('a dashboard that hears nothing for a while', () => {
  const dashboard = useLiveDashboard()
  let cable: Cable | null = null
  afterEach(async () => {
    await cable?.stop()
    cable = null
  })

  /** A collector with ten patient runs and three of an agent whose tools may take five seconds, and a cable to it. */
  async function begin() {
    const { otlpHttp, dashboard: address } = await dashboard.start(CONTRACT)
    const laid = (cable = await layCable(address))
    const patient = speakAs(() => otlpHttp, { instance: 'patient', pulseMs: PULSE_MS })
    const hasty = speakAs(() => otlpHttp, { instance: 'hasty', pulseMs: PULSE_MS, agent: 'hasty' })
    await patient.open([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    await hasty.open([0, 1, 2])
    dashboard.expectFaults('WebSocket connection')
    dashboard.expectFaults('Failed to load resource')
    return { address, patient, hasty, cable: laid, open: (path: string) => dashboard.open(path, {}, laid.address) }
  }

  /** Until all thirteen are on the page, the hasty ones get on. */
  async function settle(page: Page, hasty: SpokenProcess): Promise<void> {
    for (let pieces = 1; (await page.locator('#in-flight [data-row]').count()) < 13; pieces++) {
      await hasty.progress([0, 1, 2], pieces)
      await sleepAwake(200)
    }
    await hasty.progress([0, 1, 2], 1_000)
  }

  /** What happens while nobody looks: two end, one begins, three come to a standstill. */
  async function liveOn(address: string, patient: SpokenProcess, hasty: SpokenProcess): Promise<void> {
    await patient.close([0, 1])
    await patient.open([10])
    for (const number of [0, 1, 2])
      await waitForRun(address, hasty.runId(number), ({ status }) => status === 'stalled', seconds(60))
  }

  test('3. a torn connection is said, nobody turns stalled for it, and coming back brings everything once', async () => {
    const { address, patient, hasty, cable, open } = await begin()
    const board = await open('/live')
    const run = await open(`/runs/${patient.runId(5)}`)
    const bar = run.locator('.wf-row.is-open .wf-hatch').last()
    await bar.waitFor()
    await settle(board, hasty)
    const heard = rememberFrames(board)
    const before = await statuses(board)
    cable.pull()
    await liveOn(address, patient, hasty)

    for (const page of [board, run])
      await page
        .locator('#connection', { hasText: /Reconnecting… as of \d\d:\d\d:\d\d/ })
        .waitFor({ timeout: seconds(60) })
    expect(await statuses(board)).toEqual(before)
    expect(Object.values(before)).toEqual(Array(13).fill('running'))
    await run.locator('.wf[data-frozen]').waitFor()
    expect(await bar.isVisible()).toBe(true)
    const edge = () => bar.evaluate((element) => element.style.clipPath)
    const frozen = await edge()
    await drawnFrames(run, 60)
    expect(await edge()).toBe(frozen)

    cable.mend()
    for (const page of [board, run])
      await page.locator('#connection', { hasText: /^Live$/ }).waitFor({ timeout: seconds(60) })
    await expectToShow(board, address)
    expect(heard.filter(({ type }) => type === 'snapshot' || type === 'reset')).toEqual([])
    // One frame tells of all that happened, and of each run once.
    const told = heard.find((frame) => frame.type === 'changes')?.runs.map(({ id }) => id) ?? []
    const changed = [hasty.runId(0), hasty.runId(1), hasty.runId(2), ...[0, 1, 10].map(patient.runId)]
    expect([...told].sort()).toEqual(changed.sort())
    await drawnFrames(run, 60)
    expect(await edge()).not.toBe(frozen)
  })

  test('4. a tab that was hidden for ten minutes is live within a second of being looked at, with the right counts', async () => {
    const { address, patient, hasty, cable, open } = await begin()
    const page = await open('/live')
    // From here on the page's time passes when the test says so.
    await page.clock.install()
    await page.reload()
    await settle(page, hasty)
    await look(page, 'hidden')
    await page.clock.pauseAt(Date.now() + 1_000)
    cable.pull()
    await liveOn(address, patient, hasty)
    await page.clock.fastForward(minutes(10))
    await page.locator('#connection', { hasText: /Reconnecting… as of/ }).waitFor()
    cable.mend()

    const socket = page.waitForEvent('websocket')
    await look(page, 'visible')
    // Nothing but the look can have opened it: no timer runs.
    await (await socket).waitForEvent('framereceived')
    await page.clock.runFor(seconds(1))
    await page.locator('#connection', { hasText: /^Live$/ }).waitFor()
    await expectToShow(page, address)
  })

  /** The board shows what the collector knows: its counts, and each open run once. */
  async function expectToShow(page: Page, address: string): Promise<void> {
    const { runs } = await listRuns(address, 'limit=100')
    const open = runs.filter(({ status }) => OPEN_STATUSES.has(status))
    expect([runs.length, open.length]).toEqual([14, 12])
    const tiles = page.locator('.tile')
    await expect.poll(() => tiles.nth(0).innerText()).toMatch(/In flight\s+12\b/i)
    await expect.poll(() => tiles.nth(1).innerText()).toMatch(/Stalled now\s+3\b/i)
    await expect.poll(() => tiles.nth(2).innerText()).toMatch(/of 2 ended/)
    const ids = (list: string) =>
      page.locator(`${list} [data-row]`).evaluateAll((rows) => rows.map((row) => row.getAttribute('data-row') ?? ''))
    const stalled = runs.filter(({ status }) => status === 'stalled').map(({ id }) => id)
    await expect.poll(async () => (await ids('#attention')).toSorted()).toEqual(stalled.toSorted())
    // Those that just ended keep their place for ten seconds.
    const ended = new Set(runs.filter(({ status }) => !OPEN_STATUSES.has(status)).map(({ id }) => id))
    const inFlight = async () => (await ids('#in-flight')).filter((id) => !ended.has(id)).toSorted()
    await expect.poll(inFlight).toEqual(open.map(({ id }) => id).toSorted())
  }
})

/** Every frame of the feed that comes by a connection made from now on. */
function rememberFrames(page: Page): LiveFrame[] {
  const frames: LiveFrame[] = []
  page.on('websocket', (socket) =>
    socket.on('framereceived', ({ payload }) => frames.push(JSON.parse(String(payload)) as LiveFrame)),
  )
  return frames
}

async function statuses(page: Page): Promise<Record<string, string>> {
  return page
    .locator('#in-flight [data-row]')
    .evaluateAll((rows) =>
      Object.fromEntries(rows.map((row) => [row.getAttribute('data-row'), row.querySelector('.status')?.textContent])),
    )
}

function drawnFrames(page: Page, count: number): Promise<void> {
  return page.evaluate(
    (left) =>
      new Promise<void>((resolve) =>
        requestAnimationFrame(function next() {
          left -= 1
          if (left > 0) requestAnimationFrame(next)
          else resolve()
        }),
      ),
    count,
  )
}

/** As the browser tells a page whose tab is hidden, or looked at again. */
function look(page: Page, state: DocumentVisibilityState): Promise<void> {
  return page.evaluate((visibilityState) => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => visibilityState })
    document.dispatchEvent(new Event('visibilitychange'))
  }, state)
}
