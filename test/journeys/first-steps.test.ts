/**
 * The first minutes of somebody new, for real: a collector that heard nothing, the page that says how to change that, the
 * very programs it shows, run as they stand, and the run that is sent to see what a stall looks like.
 */
import { execFile } from 'node:child_process'
import { symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { noBrowser, openBrowser } from '../kit/browser.ts'
import { NODE, ROOT, startCollectorProgram, temporaryFolder, type CollectorProgram } from '../kit/programs.ts'
import { hasPython, PYTHON, SDK_FOLDER } from '../kit/python.ts'

const run = promisify(execFile)
const HAS_PYTHON = hasPython(
  ['opentelemetry.sdk'],
  'the program for Python of the first steps',
  'test/sdk/python/requirements.txt',
)

describe.skipIf(noBrowser !== null)('the first steps', () => {
  /** A project of somebody's, with the packages installed. */
  const folder = temporaryFolder('first-agent')
  let collector: CollectorProgram
  let browser: Browser
  let page: Page
  beforeAll(async () => {
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
    collector = await startCollectorProgram(temporaryFolder('first-steps'))
    browser = await openBrowser()
    page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  })
  afterAll(async () => {
    await browser?.close()
    await collector?.stop()
  })

  test('(a) the board of a new collector says how to connect an agent, and to which port', async () => {
    await page.goto(`${collector.dashboard}/live`)
    await page.getByRole('heading', { name: /Nothing has come yet/ }).waitFor()
    await page.getByText('Waiting for the first event').waitFor()
    expect(await page.locator('.snippet code').nth(1).textContent()).toContain(collector.otlpHttp)
  })

  test('(b) the test run is found out, is one click away, and counts nowhere', async () => {
    await page.getByRole('button', { name: 'Send a test run' }).click()
    const now = page.locator('.test-run-now')
    await now.filter({ hasText: 'stalled' }).waitFor({ timeout: 60_000 })
    await page.locator('#attention .row', { hasText: 'tool › search_orders' }).locator('.test-mark').waitFor()
    expect(await page.locator('.tile', { hasText: 'Stalled now' }).locator('.tile-value').textContent()).toMatch(/^0/)
    await now.getByRole('link').click()
    await page.getByRole('heading', { name: /Stalled in tool › search_orders/i }).waitFor()
    await page.getByText('src/tools/search-orders.ts:88').first().waitFor()
    // It was nobody's event: who comes back is still shown how to connect.
    await page.goto(`${collector.dashboard}/live`)
    await page.getByRole('heading', { name: /Nothing has come yet/ }).waitFor()
  })

  test('(c) what was refused is told with the words its sender got', async () => {
    const headers = { 'content-type': 'application/json' }
    await fetch(`${collector.otlpHttp}/v1/logs`, { method: 'POST', headers, body: LOG_OF_NO_RUN })
    await fetch(`${collector.otlpHttp}/v1/traces`, { method: 'POST', headers, body: '{"resourceSpans": 7' })
    await page.goto(`${collector.dashboard}/start`)
    await page.getByText(/Events have come since .* from shop\. No run is live\./).waitFor()
    await page.locator('.checks li').filter({ hasText: '1 refused' }).waitFor()
    await page.locator('.checks li').filter({ hasText: '2 requests came' }).waitFor()
  })

  test('(d) the program for Node.js, as it stands on the page, connects', async () => {
    await page.goto(`${collector.dashboard}/start?language=node`)
    const path = join(folder, 'agent.ts')
    writeFileSync(path, String(await page.locator('.snippet code').nth(1).textContent()))
    const ended = run(NODE, [path])
    await page.getByText(/Connected: /).waitFor({ timeout: 60_000 })
    expect((await ended).stderr).toBe('')
    await page.getByText(/Connected: .* completed/).waitFor({ timeout: 60_000 })
    await page.goto(`${collector.dashboard}/live`)
    await page.locator('#in-flight').waitFor()
    expect(await page.getByRole('heading', { name: /Nothing has come yet/ }).count()).toBe(0)
  })

  test.skipIf(!HAS_PYTHON)('(e) the program for Python connects as well', async () => {
    await page.goto(`${collector.dashboard}/start?language=python`)
    const path = join(folder, 'agent.py')
    writeFileSync(path, String(await page.locator('.snippet code').nth(1).textContent()))
    const env = { ...process.env, PYTHONPATH: SDK_FOLDER, PYTHONDONTWRITEBYTECODE: '1' }
    const ended = run(PYTHON, [path], { env })
    await ended
    // The run before it was named by a UUID, this one is by its trace.
    await page.getByText(/Connected: [0-9a-f]{12}….* completed/).waitFor({ timeout: 60_000 })
  })
})

const LOG_OF_NO_RUN = JSON.stringify({
  resourceLogs: [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] },
      scopeLogs: [{ logRecords: [{ traceId: '5b8efff798038103d269b633813fc60c', body: { stringValue: 'hello' } }] }],
    },
  ],
})
