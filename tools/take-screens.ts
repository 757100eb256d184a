/**
 * `npm run screens`: starts the demo and a collector that nobody sends to, waits until something of each kind has gone
 * wrong, and writes every screen to `docs/screens/`. Needs Chromium (`CHROMIUM_PATH`, or the system's). Takes some minutes.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { readCollectorConfig, type CollectorConfig } from '../collector/config.ts'
import { startCollector } from '../collector/main.ts'
import { systemClock } from '../contract/clock.ts'
import type { RunRow } from '../contract/runs.ts'
import type { TestRunAnswer } from '../contract/setup.ts'
import type { IncidentList } from '../contract/stalls.ts'
import { minutes, seconds } from '../contract/units.ts'
import { openBrowser } from '../test/kit/browser.ts'
import { listRuns, sleepAwake, waitForRun } from '../test/kit/laststep-api.ts'
import { temporaryFolder } from '../test/kit/programs.ts'
import { startDemo } from './demo.ts'

const FOLDER = join(import.meta.dirname, '..', 'docs', 'screens')
/** Long enough for a hung tool, a swallowed exception and an answer that nobody confirmed to be among the runs. */
const PATIENCE = minutes(8)
/** Before that the last hour on the wall has nothing in it. */
const HOUR_BEGINS = minutes(5)

/** What a screen is shown on. */
const DESK = { viewport: { width: 1440, height: 900 } }
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true }
const WALL = { viewport: { width: 1920, height: 1080 } }

interface Screen {
  readonly name: string
  readonly url: string
  readonly on: typeof DESK | typeof PHONE
  readonly theme: 'light' | 'dark'
  /** What must be in sight. */
  readonly shows: string
  /** What is done to the page before it is taken. */
  readonly after?: (page: Page) => Promise<void>
}

const startedAt = systemClock.now()
const demo = await startDemo({
  collector: configOf('screens'),
  runtimePort: 0,
  users: 12,
  clock: systemClock,
  version: 'screens',
  say: (line) => console.log(line),
})
const quiet = await startCollector(configOf('screens-quiet'), systemClock, 'screens')
const browser = await openBrowser()
try {
  mkdirSync(FOLDER, { recursive: true })
  for (const screen of await chooseScreens(demo.dashboard, quiet.dashboard)) await take(screen)
} finally {
  await browser.close()
  await quiet.stop()
  await demo.stop()
}
process.exit(0)

async function chooseScreens(full: string, empty: string): Promise<Screen[]> {
  const hung = await waitForTrouble(full, 'stalled', (run) => run.step?.phase === 'tool')
  const swallowed = await waitForTrouble(full, 'stalled', (run) => run.cause === 'exception-swallowed')
  const undelivered = await waitForTrouble(full, 'undelivered', () => true)
  await sleepAwake(Math.max(0, startedAt + HOUR_BEGINS - systemClock.now()))
  const { incidents } = (await (await fetch(`${full}/api/stalls?sort=stalls`)).json()) as IncidentList
  const stall = `${full}/stalls/${incidents[0]?.fingerprint ?? ''}`
  const [rows, headline, figures] = ['.row[data-row]', '.headline', '.figure canvas']
  const at = (path: string): string => `${full}${path}`
  return [
    { name: 'live', url: at('/live'), on: DESK, theme: 'light', shows: rows },
    { name: 'live-dark', url: at('/live'), on: DESK, theme: 'dark', shows: rows },
    { name: 'live-phone', url: at('/live'), on: PHONE, theme: 'light', shows: rows },
    { name: 'live-disconnected', url: at('/live'), on: DESK, theme: 'light', shows: rows, after: fallSilent },
    { name: 'wall', url: at('/live?wall=1&rotate=live,trends'), on: WALL, theme: 'dark', shows: '.flight canvas' },
    {
      name: 'wall-light',
      url: at('/live?wall=1&rotate=live,trends'),
      on: WALL,
      theme: 'light',
      shows: '.flight canvas',
    },
    { name: 'wall-trends', url: at('/trends?wall=1&from=now-1h'), on: WALL, theme: 'dark', shows: figures },
    { name: 'stalls', url: at('/stalls'), on: DESK, theme: 'light', shows: '.incident' },
    { name: 'stalls-phone', url: at('/stalls'), on: PHONE, theme: 'dark', shows: '.incident' },
    { name: 'stall', url: stall, on: DESK, theme: 'light', shows: headline },
    { name: 'stall-phone', url: stall, on: PHONE, theme: 'light', shows: headline },
    { name: 'runs', url: at('/runs'), on: DESK, theme: 'dark', shows: rows },
    { name: 'runs-phone', url: at('/runs'), on: PHONE, theme: 'light', shows: rows },
    { name: 'run-hung-tool', url: at(`/runs/${hung.id}`), on: DESK, theme: 'light', shows: headline },
    { name: 'run-hung-tool-dark', url: at(`/runs/${hung.id}`), on: DESK, theme: 'dark', shows: headline },
    { name: 'run-exception', url: at(`/runs/${swallowed.id}`), on: DESK, theme: 'light', shows: headline },
    { name: 'run-undelivered', url: at(`/runs/${undelivered.id}`), on: DESK, theme: 'light', shows: headline },
    { name: 'run-phone', url: at(`/runs/${hung.id}`), on: PHONE, theme: 'dark', shows: headline },
    { name: 'trends', url: at('/trends?from=now-1h&split=version'), on: DESK, theme: 'light', shows: figures },
    { name: 'trends-dark', url: at('/trends?from=now-1h'), on: DESK, theme: 'dark', shows: figures },
    { name: 'trends-phone', url: at('/trends?from=now-1h'), on: PHONE, theme: 'light', shows: figures },
    { name: 'empty', url: `${empty}/live`, on: DESK, theme: 'light', shows: '.first-event' },
    { name: 'empty-runs', url: `${empty}/runs`, on: DESK, theme: 'light', shows: '.empty' },
    {
      name: 'start',
      url: `${empty}/start`,
      on: DESK,
      theme: 'light',
      shows: '.first-event',
      after: () => sendTestRun(empty),
    },
    { name: 'start-phone', url: `${empty}/start?language=python`, on: PHONE, theme: 'dark', shows: '.first-event' },
    ...(['general', 'retention', 'appearance', 'keys', 'code'] as const).map((page): Screen => ({
      name: `settings-${page}`,
      url: at(`/settings/${page}`),
      on: DESK,
      theme: page === 'appearance' ? 'dark' : 'light',
      shows: '.settings :is(dd, input)',
    })),
    { name: 'settings-phone', url: at('/settings'), on: PHONE, theme: 'light', shows: '.settings dd' },
    { name: 'unknown', url: at('/nowhere'), on: DESK, theme: 'light', shows: '.message' },
  ]
}

function configOf(name: string): CollectorConfig {
  const ports = { 'http-port': '0', 'otlp-http-port': '0', 'otlp-grpc-port': '0' }
  const read = readCollectorConfig({ 'data-dir': temporaryFolder(name), ...ports }, {})
  if ('problems' in read) throw new Error(read.problems.join('\n'))
  return read.config
}

async function waitForTrouble(dashboard: string, status: string, fits: (run: RunRow) => boolean): Promise<RunRow> {
  const until = startedAt + PATIENCE
  while (systemClock.now() < until) {
    const { runs } = await listRuns(dashboard, `status=${status}&limit=200`)
    const found = runs.find(fits)
    if (found) return found
    await sleepAwake(seconds(1))
  }
  throw new Error(`the demo had no such ${status} run in ${PATIENCE / minutes(1)} minutes; try again`)
}

/** The test run stands still by the time the page is taken. */
async function sendTestRun(dashboard: string): Promise<void> {
  const { runId } = (await (await fetch(`${dashboard}/api/test-runs`, { method: 'POST' })).json()) as TestRunAnswer
  await waitForRun(dashboard, runId, ({ status }) => status === 'stalled')
  // One flush of the live feed.
  await sleepAwake(seconds(1))
}

/** Over a minute without a word, and the page says so across its whole width. */
async function fallSilent(page: Page): Promise<void> {
  await page.locator('.band').waitFor({ timeout: minutes(2) })
}

async function take({ name, url, on, theme, shows, after }: Screen): Promise<void> {
  const page = await browser.newPage({ ...on, colorScheme: theme })
  // What the live feed says goes through here, until it must be heard no more.
  let isSilent = false
  await page.routeWebSocket(/\/api\/live/, (route) => {
    const server = route.connectToServer()
    server.onMessage((message) => void (isSilent || route.send(message)))
  })
  await page.goto(url)
  await page.locator(shows).filter({ visible: true }).first().waitFor()
  // The first beat of the feed, so that "Live" is true.
  await sleepAwake(seconds(1.5))
  isSilent = after === fallSilent
  await after?.(page)
  await page.screenshot({ path: join(FOLDER, `${name}.png`) })
  await page.close()
  console.log(`docs/screens/${name}.png`)
}
