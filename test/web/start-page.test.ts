/** The first steps and the collector's own settings, in a real browser before the real server; and what axe says of all of it. */
import { describe, expect, test } from 'vitest'
import { minutes, toIso } from '../../contract/units.ts'
import { noBrowser } from '../kit/browser.ts'
import { findViolations } from './kit/find-violations.ts'
import { now, useKeptDashboard } from './kit/kept-dashboard.ts'
import { makeRun, toRow } from './kit/make-run.ts'

const PAGES = [
  '/live',
  '/start',
  '/start?language=otel',
  '/settings',
  '/settings/retention',
  '/settings/appearance',
  '/settings/keys',
  '/settings/code',
  '/live?wall=1',
]

describe.skipIf(noBrowser !== null)('the first steps', () => {
  const dashboard = useKeptDashboard()

  test('a collector that heard nobody says so on the live board, with its own address in every snippet', async () => {
    const page = await dashboard.open('/live')
    await page.getByRole('heading', { name: /Nothing has come yet/ }).waitFor()
    for (const language of ['Python', 'OpenTelemetry you have', 'Node.js']) {
      await page.getByRole('button', { name: language }).click()
      await page.locator('.snippet code').filter({ hasText: 'http://127.0.0.1:4318' }).first().waitFor()
    }
    await page.getByText('Waiting for the first event').waitFor()
    expect(new URL(page.url()).pathname).toBe('/live')
  })

  test('one that heard somebody before does not: its board is empty because nothing happens', async () => {
    const page = await dashboard.open('/live', {}, { firstEventAt: toIso(now() - minutes(60)) })
    await page.getByText('Nothing in flight.').waitFor()
    expect(await page.getByRole('heading', { name: /Nothing has come yet/ }).count()).toBe(0)
  })

  test('the first run is told of as it comes, with its events', async () => {
    const page = await dashboard.open('/start')
    await page.getByText('Waiting for the first event').waitFor()
    dashboard.serve().change({ ...toRow(makeRun({ id: 'run_first', now: now(), age: 5 })), events: 3 })
    await page.getByText('Connected: run_first, 3 events, running').waitFor()
    await page.getByRole('link', { name: 'run_first' }).click()
    await page.waitForURL(/\/runs\/run_first$/)
  })

  test('events that are of no run are told of, with what may be wrong', async () => {
    const heard = { firstEventAt: toIso(now()), lastEventAt: toIso(now()), lastService: 'shop', requests: 4 }
    const refusals = [{ reason: 'malformed', says: 'a length is too long', count: 3, lastAt: toIso(now()) }]
    const page = await dashboard.open('/start', {}, { ...heard, refusals, clockBehindMs: minutes(3) })
    await page.getByText(/Events have come since .* from shop\. No run is live\./).waitFor()
    const checks = page.locator('.checks li')
    expect(await checks.count()).toBe(4)
    expect(await checks.nth(0).textContent()).toContain('7 requests came')
    expect(await checks.nth(1).textContent()).toContain('“a length is too long”')
    expect(await checks.nth(2).textContent()).toContain('at most 3 m 00 s behind')
    expect(await checks.nth(3).textContent()).toContain('invoke_agent')
  })

  test('a language is in the address, and a command is copied whole', async () => {
    const page = await dashboard.open('/start', { permissions: ['clipboard-read', 'clipboard-write'] })
    await page.getByRole('link', { name: 'Python' }).click()
    await page.waitForURL(/language=python/)
    await page.getByRole('button', { name: 'Copy agent.py' }).click()
    await page.getByRole('button', { name: 'agent.py copied' }).waitFor()
    expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/^import time\n[\s\S]*time\.sleep\(2\)$/)
  })

  test('settings say how the collector was started and how full it is', async () => {
    const page = await dashboard.open('/settings')
    for (const said of [
      '0.1.0-test',
      'http://127.0.0.1:4318',
      'http://127.0.0.1:4317',
      '/var/lib/laststep',
      'laststep v1',
    ])
      await page.locator('.settings dd').filter({ hasText: said }).first().waitFor()
    await page.getByRole('link', { name: 'Retention' }).click()
    await page.getByText('3.0 GiB of 10.0 GiB (30.0 %)').waitFor()
    await page.getByText('for 14 days').waitFor()
  })

  // oxfmt-ignore
  test.each([
    ['light', 1440, 900],
    ['dark',  1440, 900],
    ['light', 390,  844],
    ['dark',  390,  844],
    ['light', 320,  700],
    ['dark',  320,  700],
  ] as const)('no accessibility violations, nothing scrolls sideways, %s, %d px', async (colorScheme, width, height) => {
    const page = await dashboard.open('/start', { colorScheme, viewport: { width, height }, hasTouch: width < 500 })
    for (const path of PAGES) {
      await page.goto(dashboard.serve().address + path)
      await page.locator('.first-event, .settings dd, .settings input, .flight canvas').first().waitFor()
      expect(await findViolations(page), path).toEqual([])
      expect(await page.evaluate(() => document.documentElement.scrollWidth), path).toBeLessThanOrEqual(width)
    }
  })
})
