/** The shipped dashboard, open in a real browser, hearing a fixture collector: what every browser test here needs. */
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { systemClock } from '../../../contract/clock.ts'
import { minutes, seconds } from '../../../contract/units.ts'
import { openBrowser } from '../../kit/browser.ts'
import { buildWeb } from './build-web.ts'
import { startFixtureCollector, type FixtureCollector } from './fixture-collector.ts'
import { makeRun } from './make-run.ts'

export interface DashboardUnderTest {
  /** A fresh collector with the runs below, and a page at `path` of its dashboard. */
  open(path: string, options?: BrowserContextOptions): Promise<Page>
  collector(): FixtureCollector
  /** Leave lines like this of the browser's console out of the faults that fail a test. */
  expectFaults(like: string): void
}

const START = systemClock.now()
export const STALLED = makeRun({ id: 'run_stalled', status: 'stalled', now: START, age: minutes(5), quiet: minutes(4) })
export const UNDELIVERED = makeRun({ id: 'run_undelivered', status: 'undelivered', now: START, age: minutes(3) })
export const LOST = makeRun({ id: 'run_lost', status: 'lost', now: START, age: minutes(40), quiet: minutes(39) })
const FAILED = makeRun({ id: 'run_failed', status: 'failed', now: START, age: minutes(2) })
/** Twenty runs in flight, `run_0` the youngest. */
export const IN_FLIGHT = Array.from({ length: 20 }, (_, index) =>
  makeRun({ id: `run_${index}`, now: START, age: seconds(10 + index * 4), quiet: seconds(3), phase: 'reasoning' }),
)
const ENDED = Array.from({ length: 70 }, (_, index) =>
  makeRun({ id: `done_${index}`, status: 'completed', now: START, age: minutes(4) + index, endedAgo: minutes(2) }),
)

/** Call inside `describe`: it builds, launches and tidies up around the tests there. */
export function useDashboard(): DashboardUnderTest {
  let browser: Browser
  let web: Awaited<ReturnType<typeof buildWeb>>
  let collector: FixtureCollector
  const opened: { close(): Promise<void> }[] = []
  let faults: string[] = []
  let expected: string[] = []

  beforeAll(async () => {
    ;[browser, web] = await Promise.all([openBrowser(), buildWeb()])
  })
  afterAll(async () => {
    await browser?.close()
  })
  afterEach(async () => {
    for (const thing of opened.splice(0)) await thing.close()
    await collector.stop()
    // A policy violation or a broken script shows here, whatever the test looked at.
    expect(faults.filter((fault) => !expected.some((like) => fault.includes(like)))).toEqual([])
  })

  return {
    async open(path, options = {}) {
      collector = await startFixtureCollector(web.dir, [STALLED, UNDELIVERED, LOST, FAILED, ...IN_FLIGHT, ...ENDED])
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options })
      opened.push(context)
      const page = await context.newPage()
      faults = []
      // The browser reports an answer of 404 as an error of the page.
      expected = ['404']
      page.on('pageerror', (error) => faults.push(error.message))
      page.on('console', (message) => message.type() === 'error' && faults.push(message.text()))
      await page.goto(collector.url + path)
      return page
    },
    collector: () => collector,
    expectFaults: (like) => void expected.push(like),
  }
}
