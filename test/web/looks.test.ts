/** What must hold for every page: accessible, themed, and as narrow as a phone. */
import { describe, expect, test } from 'vitest'
import { noBrowser } from '../kit/browser.ts'
import { STALLED, useDashboard } from './kit/dashboard.ts'
import { findViolations } from './kit/find-violations.ts'

describe.skipIf(noBrowser !== null)('every page', () => {
  const dashboard = useDashboard()

  test('the chosen theme holds, also after a reload', async () => {
    const page = await dashboard.open('/live')
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
    const light = await ground()
    await page.getByRole('button', { name: /Theme: system/ }).click()
    await page.getByRole('button', { name: /Theme: light/ }).click()
    const dark = await ground()
    expect(dark).not.toBe(light)
    await page.reload()
    expect(await ground()).toBe(dark)
  })

  // oxfmt-ignore
  test.each([
    // theme   width  height  pages
    ['light',  1440,  900,    ['/live', '/runs/run_stalled', '/runs/run_undelivered?msg=46', '/runs/run_lost?process=agent-runtime-7f9c', '/runs', '/runs/nope']],
    ['dark',   1440,  900,    ['/live', '/runs/run_stalled']],
    ['light',  390,   844,    ['/live', '/runs/run_stalled']],
  ] as const)('no accessibility violations, %s, %d px', async (colorScheme, width, height, pages) => {
    const page = await dashboard.open('/live', { colorScheme, viewport: { width, height }, hasTouch: width < 500 })
    for (const path of pages) {
      await page.goto(dashboard.collector().url + path)
      await page.locator('.rows .row, .wf-row, .message').first().waitFor()
      expect(await findViolations(page), path).toEqual([])
    }
    await page.locator('#connection').click()
    await page.getByText('Verdicts can be trusted').waitFor()
    expect(await findViolations(page)).toEqual([])
  })

  test('at 320 px nothing scrolls sideways', async () => {
    const page = await dashboard.open('/live', { viewport: { width: 320, height: 700 } })
    for (const path of ['/live', `/runs/${STALLED.id}`, '/runs']) {
      await page.goto(dashboard.collector().url + path)
      await page.locator('.rows .row, .wf-row').first().waitFor()
      expect(await page.evaluate(() => document.documentElement.scrollWidth), path).toBeLessThanOrEqual(320)
    }
  })
})
