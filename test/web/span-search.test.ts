/** Searching spans in a real browser, before a running collector that was told of them as OTLP. */
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../contract/clock.ts'
import { seconds } from '../../contract/units.ts'
import { endRun } from '../kit/agent-telemetry.ts'
import { noBrowser } from '../kit/browser.ts'
import { waitForRun } from '../kit/laststep-api.ts'
import { findViolations, LOOKS } from './kit/find-violations.ts'
import { useLiveDashboard } from './kit/live-dashboard.ts'

const SHOP = { service: 'shop', version: '1.4.2', environment: 'staging' }

describe.skipIf(noBrowser !== null)('a search for spans', () => {
  const dashboard = useLiveDashboard()

  /** @param runs of which each third ships an order */
  async function fill(runs: number): Promise<void> {
    const { otlpHttp, dashboard: address } = await dashboard.start()
    const start = systemClock.now() - seconds(600)
    let last = ''
    for (let index = 0; index < runs; index++) {
      last = String(index).padStart(16, 'a') + String(index).padStart(16, 'b')
      const tool = index % 3 === 0 ? 'ship_order' : 'search_orders'
      const run = { traceId: last, agent: 'support', tool, userId: `u_${index}`, startedAt: start + seconds(index) }
      await endRun(otlpHttp, SHOP, run, run.startedAt + seconds(1))
    }
    await waitForRun(address, last, () => true)
  }

  test('begins with what is typed, tells what it found and how far it looked, and leads to the span', async () => {
    await fill(30)
    const page = await dashboard.open('/runs')
    await page.getByLabel('Span attribute').fill('gen_ai.tool.name = ship_order')
    await page.keyboard.press('Enter')
    await page.waitForURL(/attr=gen_ai.tool.name%3Ais%3Aship_order/)
    await page
      .getByRole('status')
      .getByText('10 runs found · everything that is kept was looked through, 30 runs')
      .waitFor({ state: 'attached' })
    const rows = page.locator('.found')
    expect(await rows.count()).toBe(10)
    expect(await rows.first().textContent()).toContain('gen_ai.tool.name = ship_order')
    expect(await findViolations(page)).toEqual([])

    // A second condition, on the same span; and out of it again.
    await page.getByLabel('Span attribute').fill('service.version is 1.0')
    await page.keyboard.press('Enter')
    await page.getByText('No span that is kept says that.').waitFor()
    await page.getByRole('link', { name: 'Without: service.version is 1.0' }).click()
    await rows.nth(9).waitFor()
    await page.getByLabel('User').fill('u_27')
    await page.keyboard.press('Enter')
    await expect.poll(() => rows.count()).toBe(1)
    await rows.first().click()
    await page.waitForURL(/\/runs\/a+27b+27\?span=b+27$/)
    await page.locator('.details', { hasText: 'execute_tool ship_order' }).waitFor()
  })

  test('goes on further back when it is told to', async () => {
    await fill(60)
    const page = await dashboard.open('/runs?attr=gen_ai.tool.name:any')
    const rows = page.locator('.found')
    await rows.nth(49).waitFor()
    await page.getByRole('button', { name: 'Look further back' }).click()
    await rows.nth(59).waitFor()
    expect(await page.getByRole('button', { name: 'Look further back' }).count()).toBe(0)
  })

  test('can be stopped, and ends by itself when the page is left', async () => {
    await fill(3)
    const page = await dashboard.open('/runs')
    // The answer does not come: it is held between the collector and the page.
    let asked = 0
    await page.route('**/api/search*', () => void (asked += 1))
    const aborted: string[] = []
    page.on('requestfailed', (request) => {
      if (request.url().includes('/api/search')) aborted.push(request.failure()?.errorText ?? '')
    })
    await page.getByLabel('Span attribute').fill('anything')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Stop' }).click()
    await page.getByRole('status').getByText('0 runs found · stopped').waitFor({ state: 'attached' })
    expect([asked, aborted]).toEqual([1, ['net::ERR_ABORTED']])
    await page.getByLabel('User').fill('u_1')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Stop' }).waitFor()
    await page.getByRole('link', { name: 'Clear filters' }).click()
    await expect.poll(() => aborted.length).toBe(2)
  })

  test('fields offer the values there are, and a value that no run has narrows nothing, which is said', async () => {
    await fill(12)
    const page = await dashboard.open('/runs')
    await page.locator('.rows > .row').nth(11).waitFor()
    const offered = (field: string) =>
      page
        .locator(`#values-${field} option`)
        .evaluateAll((options) => options.map((option) => [option.getAttribute('value'), option.textContent]))
    await page.getByLabel('Agent').focus()
    await expect.poll(() => offered('agent')).toEqual([['support', '12 runs']])
    await page.getByLabel('User').fill('u_1')
    await expect
      .poll(() => offered('user'))
      .toEqual([
        ['u_1', '1 run'],
        ['u_10', '1 run'],
        ['u_11', '1 run'],
      ])
    await page.getByLabel('Environment').fill('stag')
    await expect.poll(() => offered('environment')).toEqual([['staging', '']])
    await page.getByLabel('Environment').fill('')
    await page.getByLabel('User').fill('u_11')
    await page.keyboard.press('Enter')
    await expect.poll(() => page.locator('.rows > .row').count()).toBe(1)

    await page.goto(`${dashboard.collector().dashboard}/runs?agent=nobody&user=u_11`)
    await page.getByText('nobody knows here: agent “nobody”').waitFor()
    await expect.poll(() => page.locator('.rows > .row').count()).toBe(1)
    expect(await findViolations(page)).toEqual([])
  })

  test('what an address asks for and nobody knows is said, and the rest is shown', async () => {
    await fill(3)
    const page = await dashboard.open('/runs?status=stuck,completed&since=yesterday&attr=nonsense')
    await page.getByText('status “stuck”, since “yesterday”, attribute “nonsense”').waitFor()
    await page.locator('.rows > .row').nth(2).waitFor()
    expect(await findViolations(page)).toEqual([])
  })

  test('an id that stands in no index is found from where it was not found', async () => {
    await fill(3)
    const span = 'b'.repeat(15) + '1'
    const page = await dashboard.open(`/go/${span}`)
    await page.getByRole('heading', { name: 'Nothing has the id' }).waitFor()
    await page.getByRole('link', { name: 'Search every span for it' }).click()
    await page.locator('.found', { hasText: `span.id = ${span}` }).click()
    await page.waitForURL(new RegExp(`/runs/a+1b+1\\?span=${span}$`))
  })

  test.each(LOOKS)('fits its window, %s, %d px', async (colorScheme, width, height) => {
    await fill(9)
    const page = await dashboard.open('/runs?attr=*:has:order', {
      colorScheme,
      viewport: { width, height },
      hasTouch: width < 500,
    })
    await page.locator('.found').nth(8).waitFor()
    expect(await findViolations(page)).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
  })
})
