/** What became of an incident with its deploys, on its page in a real browser, over the real server and tables. */
import { describe, expect, test } from 'vitest'
import type { DeployEffects } from '../../contract/deploys.ts'
import { hours, minutes, toIso } from '../../contract/units.ts'
import { noBrowser } from '../kit/browser.ts'
import { findViolations, LOOKS } from './kit/find-violations.ts'
import { now, useKeptDashboard } from './kit/kept-dashboard.ts'

describe.skipIf(noBrowser !== null)('the deploys of an incident', () => {
  const dashboard = useKeptDashboard()
  const START = now()
  // Two versions, the second of which stalls three times as often.
  const DAYS = { runs: 4_000, from: START - hours(60), to: START, versionMs: hours(40), stallShare: 0.05 }

  /** The page of the incident that came most often, with what the server says of its deploys. */
  const openMost = async (
    ...options: Parameters<typeof dashboard.open> extends [string, ...infer Rest] ? Rest : never
  ) => {
    const page = await dashboard.open('/stalls', ...options)
    dashboard.keep(DAYS)
    const { kept, address } = dashboard.serve()
    const [most] = kept.store.incidents({ sort: 'stalls', limit: 1, now: now() }).incidents
    const path = `/stalls/${most?.fingerprint}`
    const told = async () => (await (await fetch(`${address}/api${path}/deploys`)).json()) as DeployEffects
    await page.goto(address + path)
    await page.getByRole('heading', { name: 'Deploys' }).waitFor()
    return { page, told }
  }

  test('the suspect one is open with its numbers, others open by keyboard; those announced are in it', async () => {
    const { page, told } = await openMost()
    const { effects, suspect } = await told()
    expect([effects.length, suspect?.version]).toEqual([1, effects[0]?.deploy.version])
    await page.getByText(effects[0]?.sentence ?? '', { exact: false }).waitFor()
    const row = page.locator('summary.effect').first()
    expect(await row.textContent()).toMatch(/agent-runtime 1\.4\.1.*first seen.*\d → \d.*suspect/)

    const url = 'https://ci.test/17'
    const announced = {
      service: 'orders-db',
      environment: 'production',
      version: '17.2',
      url,
      note: 'a new pool',
      by: 'ana',
    }
    const response = await fetch(`${dashboard.serve().address}/api/deploys`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...announced, at: toIso(now() - minutes(1)) }),
    })
    expect(response.status).toBe(201)
    await page.reload()
    const latest = page.locator('summary.effect', { hasText: 'orders-db' })
    await latest.waitFor()
    expect(await latest.textContent()).toContain('announced by ana')
    expect(await latest.textContent()).toContain('not enough to tell')
    const sentence = page.getByText('Note: a new pool')
    expect(await sentence.isVisible()).toBe(false)
    await latest.press('Enter')
    await sentence.waitFor()
    expect(await page.getByRole('link', { name: 'More about this deploy' }).getAttribute('href')).toBe(url)
    // It is a mark of its day's picture as well: the one there was, and the new one.
    expect(await page.locator('.incident-trend .spark-deploy').count()).toBe(2)
  })

  test.each(LOOKS)(
    'no accessibility violations and no sideways scroll, %s, %d px',
    async (colorScheme, width, height) => {
      const { page } = await openMost({ colorScheme, viewport: { width, height }, hasTouch: width < 500 })
      await page.locator('summary.effect .effect-value').first().waitFor()
      expect(await findViolations(page)).toEqual([])
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
    },
  )
})
