/** The shipped dashboard in a real browser, before the real server and the real tables, filled with made runs. */
import type { BrowserContextOptions, Page } from 'playwright-core'
import { systemClock } from '../../../contract/clock.ts'
import type { Hearing } from '../../../contract/setup.ts'
import { openServe, type TestServe } from '../../collector/serve/kit/open-serve.ts'
import { madeHistory, type HistoryWish } from '../../kit/made-history.ts'
import { usePages } from './use-pages.ts'

export interface KeptDashboard {
  /** A page at `path`. @param heard of anybody, before the page is opened */
  open(path: string, options?: BrowserContextOptions, heard?: Partial<Hearing>): Promise<Page>
  keep(wish: HistoryWish): void
  /** Leave lines like this of the browser's console out of the faults that fail a test. */
  expectFaults(like: string): void
  readonly serve: () => TestServe
}

/**
 * Call inside `describe`: it builds, launches and tidies up around the tests there. Each test begins with nothing kept.
 * @param listsKept lists the runs from the tables, all of them
 */
export function useKeptDashboard(listsKept = false): KeptDashboard {
  let serve: TestServe | null = null
  const pages = usePages(async () => {
    await serve?.stop()
    serve = null
  })
  const running = (): TestServe => {
    if (serve === null) throw new Error('open a page first')
    return serve
  }
  return {
    serve: running,
    expectFaults: pages.expectFaults,
    async open(path, options, heard) {
      serve ??= await openServe({ webDir: pages.webDir(), listsKept, ...(heard && { hearing: heard }) })
      return pages.open(serve.address + path, options)
    },
    keep(wish) {
      const made = [...madeHistory(wish)]
      running().kept.save(
        made.map(({ run }) => run),
        made.flatMap(({ stalls }) => stalls),
      )
      for (const { run } of made.slice(-200)) running().store(run)
    },
  }
}

/** Now, by the clock the server reads. */
export const now = (): number => systemClock.now()
