/**
 * `npm run screens`: starts the demo, waits until something has stalled, and writes what people then see to
 * `docs/screens/`. Needs Chromium (`CHROMIUM_PATH`, or the system's).
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { readCollectorConfig } from '../collector/config.ts'
import { systemClock } from '../contract/clock.ts'
import type { RunRow } from '../contract/runs.ts'
import { minutes, seconds } from '../contract/units.ts'
import { openBrowser } from '../test/kit/browser.ts'
import { listRuns, sleepAwake } from '../test/kit/laststep-api.ts'
import { temporaryFolder } from '../test/kit/programs.ts'
import { startDemo } from './demo.ts'

const FOLDER = join(import.meta.dirname, '..', 'docs', 'screens')
const DESK = { width: 1440, height: 900 }
const PHONE = { width: 390, height: 844 }
/** Long enough for a hung tool and a swallowed exception to be among the stalls. */
const PATIENCE = minutes(5)

const settings = {
  'data-dir': temporaryFolder('screens'),
  'http-port': '0',
  'otlp-http-port': '0',
  'otlp-grpc-port': '0',
}
const read = readCollectorConfig(settings, {})
if ('problems' in read) throw new Error(read.problems.join('\n'))
const demo = await startDemo({
  collector: read.config,
  runtimePort: 0,
  users: 12,
  clock: systemClock,
  version: 'screens',
  say: (line) => console.log(line),
})
const browser = await openBrowser()
try {
  mkdirSync(FOLDER, { recursive: true })
  const hung = await waitForStall(demo.dashboard, (run) => run.step?.phase === 'tool')
  const swallowed = await waitForStall(demo.dashboard, (run) => run.cause === 'exception-swallowed')
  const live = `${demo.dashboard}/live`
  await shoot('live', live, DESK, 'light')
  await shoot('live-dark', live, DESK, 'dark')
  await shoot('live-phone', live, PHONE, 'light')
  await shoot('stalls', `${demo.dashboard}/stalls`, DESK, 'light')
  await shoot('stalls-phone', `${demo.dashboard}/stalls`, PHONE, 'dark')
  await shoot('trends', `${demo.dashboard}/trends?from=now-1h&split=version`, DESK, 'light')
  await shoot('run-hung-tool', `${demo.dashboard}/runs/${hung.id}`, DESK, 'light')
  await shoot('run-exception', `${demo.dashboard}/runs/${swallowed.id}`, DESK, 'light')
  await shoot('run-phone', `${demo.dashboard}/runs/${hung.id}`, PHONE, 'dark')
} finally {
  await browser.close()
  await demo.stop()
}
process.exit(0)

async function waitForStall(dashboard: string, fits: (run: RunRow) => boolean): Promise<RunRow> {
  const until = systemClock.now() + PATIENCE
  while (systemClock.now() < until) {
    const { runs } = await listRuns(dashboard, 'status=stalled&limit=200')
    const found = runs.find(fits)
    if (found) return found
    await sleepAwake(seconds(1))
  }
  throw new Error('the demo had no such stall in five minutes; try again')
}

async function shoot(name: string, url: string, viewport: typeof DESK, colorScheme: 'light' | 'dark'): Promise<void> {
  const page = await browser.newPage({ viewport, colorScheme })
  await page.goto(url)
  await page.locator('.headline, #attention li:visible, .incident, .figure canvas').first().waitFor()
  // The first beat of the feed, so that "Live" is true.
  await sleepAwake(seconds(1.5))
  await page.screenshot({ path: join(FOLDER, `${name}.png`) })
  await page.close()
  console.log(`docs/screens/${name}.png`)
}
