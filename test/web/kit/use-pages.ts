/** Pages of the shipped dashboard in a real browser; whatever goes wrong in one of them fails the test. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { extname, join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { openBrowser } from '../../kit/browser.ts'
import { buildWeb } from './build-web.ts'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
}

/** A collector serves what is built in its own tree; tests build beside it, so as not to disturb anyone. */
export function serveBuilt(page: Page, webDir: string): Promise<unknown> {
  return page.route(
    (url) => !url.pathname.startsWith('/api'),
    async (route) => {
      const asked = join(webDir, new URL(route.request().url()).pathname)
      const file = existsSync(asked) && statSync(asked).isFile() ? asked : join(webDir, 'index.html')
      await route.fulfill({ contentType: TYPES[extname(file)] ?? 'text/plain', body: readFileSync(file) })
    },
  )
}

export interface Pages {
  /** Where the built dashboard is. */
  webDir(): string
  open(url: string, options?: BrowserContextOptions): Promise<Page>
  /** Leave lines like this of the browser's console out of the faults that fail a test. */
  expectFaults(like: string): void
}

/**
 * Call inside `describe`: it builds, launches and tidies up around the tests there.
 * @param stop ends what the pages talk to: after each test, once they are closed, so that they do not miss it
 * @param prepare is shown each page before it goes anywhere
 */
export function usePages(stop: () => Promise<void>, prepare?: (page: Page) => Promise<unknown>): Pages {
  let browser: Browser
  let web: Awaited<ReturnType<typeof buildWeb>>
  const opened: { close(): Promise<void> }[] = []
  const faults: string[] = []
  const expected: string[] = []

  beforeAll(async () => {
    ;[browser, web] = await Promise.all([openBrowser(), buildWeb()])
  })
  afterAll(async () => {
    await browser?.close()
  })
  afterEach(async () => {
    for (const context of opened.splice(0)) await context.close()
    await stop()
    // The browser reports an answer of 404 as an error of the page.
    const allowed = ['404', ...expected.splice(0)]
    // A policy violation or a broken script shows here, whatever the test looked at.
    expect(faults.splice(0).filter((fault) => !allowed.some((like) => fault.includes(like)))).toEqual([])
  })

  return {
    webDir: () => web.dir,
    async open(url, options = {}) {
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options })
      opened.push(context)
      const page = await context.newPage()
      page.on('pageerror', (error) => faults.push(error.message))
      page.on('console', (message) => message.type() === 'error' && faults.push(message.text()))
      await prepare?.(page)
      await page.goto(url)
      // Each page is a chunk of its own, and comes after the frame around it.
      await page.locator('.coming').waitFor({ state: 'detached' })
      return page
    },
    expectFaults: (like) => void expected.push(like),
  }
}
