/** The list of stalls and one incident, in a real browser, over the real server and the real tables. */
import { describe, expect, test } from 'vitest'
import { hours, minutes } from '../../contract/units.ts'
import { noBrowser } from '../kit/browser.ts'
import { findViolations, LOOKS } from './kit/find-violations.ts'
import { now, useKeptDashboard } from './kit/kept-dashboard.ts'

describe.skipIf(noBrowser !== null)('stalls', () => {
  const dashboard = useKeptDashboard()
  const START = now()
  const DAY = { runs: 500, from: START - hours(30), to: START, versionMs: hours(20), stallShare: 0.05 }

  test('from the list to the run that hangs in two clicks; counts, order and filters are in the address', async () => {
    const page = await dashboard.open('/live')
    // Effects have run by then: the keyboard is listened to.
    await page.getByText('Nothing in flight').waitFor()
    await page.keyboard.press('g')
    await page.keyboard.press('s')
    await page.getByText('No run has stood still since').waitFor()
    dashboard.keep(DAY)
    await page.locator('.incident').first().waitFor()
    const { incidents, standing } = dashboard.serve().kept.store.incidents({ sort: 'stalls', limit: 200, now: now() })
    await page.getByRole('button', { name: `standing now ${standing}` }).waitFor()

    await page.getByRole('combobox', { name: 'Order', exact: true }).selectOption('stalls')
    const most = incidents[0]
    const row = page.locator('.incident').first()
    await page.waitForURL(/sort=stalls/)
    await page.locator(`.incident[data-row="${most?.fingerprint}"]`).waitFor()
    expect(await row.getAttribute('data-row')).toBe(most?.fingerprint)
    expect(await row.textContent()).toContain(`${most?.stalls}×`)

    // Whatever there is can be chosen, also when something is chosen already.
    const step = page.getByRole('combobox', { name: 'Step', exact: true })
    const steps = await step.locator('option').allTextContents()
    expect(steps.length).toBeGreaterThan(2)
    await step.selectOption(steps[1] ?? '')
    await page.waitForURL(
      (url) => url.searchParams.get('step') === steps[1] && url.searchParams.get('sort') === 'stalls',
    )
    await page.waitForFunction(
      (words) => [...document.querySelectorAll('.incident-what > b')].every((name) => name.textContent === words),
      steps[1],
    )
    await page.locator('.incident').first().waitFor()
    expect(await step.locator('option').allTextContents()).toEqual(steps)
    await page.getByRole('link', { name: 'Clear filters' }).click()
    await page.locator(`.incident[data-row="${most?.fingerprint}"]`).waitFor()

    await row.click()
    await page.getByRole('heading', { level: 1, name: /stand still in/ }).waitFor()
    await page.getByText('Why these are together').waitFor()
    expect(await page.locator('.stall-row[data-row]').count()).toBe(Math.min(50, most?.stalls ?? 0))
    const hanging = page.locator('a.stall-row.is-stalled').first()
    const id = await hanging.getAttribute('data-row')
    await hanging.click()
    await page.waitForURL(`**/runs/${id}`)

    await page.goto(`${dashboard.serve().address}/stalls?standing=yes&agent=nobody`)
    await page.getByText('No stalls match').waitFor()
    await page.getByRole('link', { name: 'Clear filters' }).first().click()
    await page.locator('.incident').first().waitFor()
  })

  test('whoever narrows by keyboard stays where they are, and may go on', async () => {
    const page = await dashboard.open('/stalls')
    dashboard.keep(DAY)
    await page.locator('.incident').first().waitFor()
    const muted = page.getByRole('button', { name: /^Muted 0/ })
    await muted.press('Enter')
    await page.waitForURL(/state=muted/)
    await page.getByText('Nothing is muted.').waitFor()
    expect(await muted.evaluate((button) => button === document.activeElement)).toBe(true)
    await muted.press('Enter')
    await page.waitForURL(/stalls$/)
    await page.locator('.incident.is-stalled').first().waitFor()
  })

  test('rows stay where they are under a pointer, and their values change in place', async () => {
    const page = await dashboard.open('/stalls')
    dashboard.keep({ ...DAY, to: START - hours(1) })
    await page.locator('.incident').nth(2).waitFor()
    const order = () => page.locator('.incident').evaluateAll((rows) => rows.map((row) => row.getAttribute('data-row')))
    const before = await order()
    const third = page.locator('.incident').nth(2)
    await third.hover()
    // A new stall of the third: it would go to the top.
    const { kept } = dashboard.serve()
    const incident = kept.store.incident({ id: before[2] ?? '', now: now() })
    const { environment, agent, phase, step, cause, code, stalls } = incident ?? {}
    const ingredients = { environment, agent, phase, step, cause, code } as never
    const stall = { fingerprint: before[2] ?? '', ingredients, version: '9.9.9', userId: null, sessionId: null }
    kept.save([], [{ kind: 'stands', runId: 'run_new', since: now() - minutes(1), stall }])
    await third.getByText(`${(stalls ?? 0) + 1}×`, { exact: true }).waitFor()
    expect(await order()).toEqual(before)
    await page.getByRole('button', { name: /new order — show/ }).click()
    expect((await order())[0]).toBe(before[2])
  })

  test('an unknown fingerprint is said so, and links lead on', async () => {
    const page = await dashboard.open('/stalls/0000')
    await page.getByRole('heading', { name: 'No stalls “0000”' }).waitFor()
    await page.getByRole('link', { name: 'List the stalls' }).click()
    await page.waitForURL('**/stalls')
  })

  test.each(LOOKS)(
    'no accessibility violations and no sideways scroll, %s, %d px',
    async (colorScheme, width, height) => {
      const page = await dashboard.open('/stalls', { colorScheme, viewport: { width, height }, hasTouch: width < 500 })
      await page.getByText('No run has stood still since').waitFor()
      expect(await findViolations(page)).toEqual([])
      dashboard.keep(DAY)
      await page.locator('.incident').first().waitFor()
      expect(await findViolations(page)).toEqual([])
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
      await page.locator('.incident').first().click()
      await page.locator('.stall-row[data-row]').first().waitFor()
      expect(await findViolations(page)).toEqual([])
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
    },
  )
})
