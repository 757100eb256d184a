/** The shipped dashboard in a real browser, before the real server and the real tables, filled with made runs. */
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { systemClock } from '../../../contract/clock.ts'
import { openServe, type TestServe } from '../../collector/serve/kit/open-serve.ts'
import { openBrowser } from '../../kit/browser.ts'
import { madeHistory, type HistoryWish } from '../../kit/made-history.ts'
import { buildWeb } from './build-web.ts'

export interface KeptDashboard {
  /** A page at `path`. */
  open(path: string, options?: BrowserContextOptions): Promise<Page>
  keep(wish: HistoryWish): void
  readonly serve: () => TestServe
}

/** Call inside `describe`: it builds, launches and tidies up around the tests there. Each test begins with nothing kept. */
export function useKeptDashboard(): KeptDashboard {
  let browser: Browser
  let web: Awaited<ReturnType<typeof buildWeb>>
  let serve: TestServe | null = null
  const opened: { close(): Promise<void> }[] = []
  const faults: string[] = []

  beforeAll(async () => {
    ;[browser, web] = await Promise.all([openBrowser(), buildWeb()])
  })
  afterAll(async () => {
    await browser?.close()
  })
  afterEach(async () => {
    for (const thing of opened.splice(0)) await thing.close()
    await serve?.stop()
    serve = null
    // The browser reports an answer of 404 as an error of the page.
    expect(faults.splice(0).filter((fault) => !fault.includes('404'))).toEqual([])
  })

  const running = (): TestServe => {
    if (serve === null) throw new Error('open a page first')
    return serve
  }
  const ready = async (): Promise<TestServe> => (serve ??= await openServe({ webDir: web.dir }))
  return {
    serve: running,
    async open(path, options = {}) {
      const { address } = await ready()
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options })
      opened.push(context)
      const page = await context.newPage()
      page.on('pageerror', (error) => faults.push(error.message))
      page.on('console', (message) => message.type() === 'error' && faults.push(message.text()))
      await page.goto(address + path)
      return page
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
