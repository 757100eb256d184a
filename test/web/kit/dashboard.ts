/** The shipped dashboard, open in a real browser, hearing a fixture collector: what every browser test here needs. */
import type { BrowserContextOptions, Page } from 'playwright-core'
import { systemClock } from '../../../contract/clock.ts'
import { minutes, seconds } from '../../../contract/units.ts'
import { startFixtureCollector, type FixtureCollector } from './fixture-collector.ts'
import { makeRun } from './make-run.ts'
import { usePages, type Pages } from './use-pages.ts'

export interface DashboardUnderTest {
  /** A fresh collector with the runs below, and a page at `path` of its dashboard. */
  open(path: string, options?: BrowserContextOptions): Promise<Page>
  collector(): FixtureCollector
  readonly expectFaults: Pages['expectFaults']
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
  let collector: FixtureCollector
  const pages = usePages(() => collector.stop())
  return {
    async open(path, options) {
      const runs = [STALLED, UNDELIVERED, LOST, FAILED, ...IN_FLIGHT, ...ENDED]
      collector = await startFixtureCollector(pages.webDir(), runs)
      return pages.open(collector.url + path, options)
    },
    collector: () => collector,
    expectFaults: pages.expectFaults,
  }
}
