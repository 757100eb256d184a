/** Comparing runs, in a real browser over a real collector whose runs stand still for a planted cause. */
import { describe, expect, test } from 'vitest'
import type { Page } from 'playwright-core'
import { systemClock } from '../../contract/clock.ts'
import type { IncidentList } from '../../contract/stalls.ts'
import { hours } from '../../contract/units.ts'
import { noBrowser } from '../kit/browser.ts'
import { waitForRun } from '../kit/laststep-api.ts'
import { plantRuns } from '../kit/planted-runs.ts'
import { findViolations, LOOKS } from './kit/find-violations.ts'
import { useLiveDashboard } from './kit/live-dashboard.ts'

const CONTRACT = new URL('../journeys/quick.yaml', import.meta.url).pathname

describe.skipIf(noBrowser !== null)('compare', () => {
  const dashboard = useLiveDashboard()

  test('from a stalled run and its incident to what differs, and on to the runs that have it', async () => {
    const { dashboard: address, otlpHttp } = await dashboard.start(CONTRACT)
    const stalled = await plantRuns(otlpHttp, { stalled: 24, healthy: 150, from: systemClock.now() - hours(1) })
    for (const id of stalled) await waitForRun(address, id, ({ status }) => status === 'stalled')
    const { incidents } = (await (await fetch(`${address}/api/stalls`)).json()) as IncidentList
    const fingerprint = incidents[0]?.fingerprint ?? ''

    // The incident: the causes are on its page, with what comes next.
    const page = await dashboard.open(`/stalls/${fingerprint}`)
    const most = page.getByRole('list', { name: 'Attributes that differ most' })
    await most.locator('.difference').first().waitFor()
    expect((await keysOf(page)).slice(0, 3)).toEqual(['app.args.size', 'service.version', 'server.address'])
    const next = page.getByRole('region', { name: 'What healthy runs do next' })
    await next.getByText('reasoning › chat gpt-5-mini').waitFor()
    await next.getByText('not ended after').waitFor()

    // All of it on its own page, by its address.
    await page.getByRole('link', { name: 'Compare', exact: true }).click()
    await page.waitForURL(/\/compare\?a=incident/)
    const server = page.locator('[data-row$="server.address"]')
    await server.waitFor()
    expect(await server.getAttribute('aria-label')).toMatch(
      /server\.address: orders-db-2, A 9\d\.\d %, B 9?\d?\.\d %, difference \+8\d pt/,
    )
    await page.getByText('differ beyond chance').waitFor()
    await page.getByRole('heading', { name: 'What became of them' }).waitFor()
    await page.getByText(/^hidden: \d/).click()
    await page.getByText('another value in nearly every run').waitFor()
    expect(await page.locator('.compared-hidden').textContent()).toContain('app.request.id')

    // By keyboard from row to row, and from a row to its runs.
    await server.focus()
    await page.keyboard.press('k')
    expect(await page.evaluate(() => document.activeElement?.getAttribute('data-row'))).toContain('service.version')
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true)
    await server.getByRole('link', { name: 'filter' }).click()
    await page.waitForURL((url) => url.searchParams.getAll('attr').includes('server.address:is:orders-db-2'))
    await page.locator('a[data-row]').first().waitFor()

    // One run against healthy ones, from its page; then against yesterday's, of which there are none.
    await page.goto(`${address}/runs/${stalled[3]}`)
    await page.getByRole('link', { name: 'Compare', exact: true }).click()
    await page.getByText('Small sample: A has 1 run.').waitFor()
    await page.getByText('No difference beyond what chance makes of so few runs.').waitFor()
    await page.getByRole('link', { name: 'yesterday' }).click()
    await page.getByText('B has no runs to compare.').waitFor()

    for (const [theme, width, height] of [...LOOKS, ['dark', 320, 700] as const]) {
      await page.setViewportSize({ width, height })
      await page.emulateMedia({ colorScheme: theme })
      await page.goto(`${address}/compare?a=incident:${fingerprint}`)
      await server.waitFor()
      await next.getByText('not ended after').waitFor()
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), `${width}`).toBe(0)
      if (width !== 320) expect(await findViolations(page)).toEqual([])
    }

    // Nothing asked yet, and something that is wrong: each says what to do.
    await page.goto(`${address}/compare`)
    await page.getByText('A and B are groups of runs').waitFor()
    dashboard.expectFaults('400')
    await page.goto(`${address}/compare?a=everything`)
    await page.getByText('a must be incident:').waitFor()
  }, 300_000)
})

async function keysOf(page: Page): Promise<string[]> {
  return page.locator('.difference-name > b').allTextContents()
}
