/** Trends in a real browser, over the real server and the real tables. */
import { describe, expect, test } from 'vitest'
import type { Page } from 'playwright-core'
import { hours } from '../../contract/units.ts'
import { noBrowser } from '../kit/browser.ts'
import { findViolations, LOOKS } from './kit/find-violations.ts'
import { now, useKeptDashboard } from './kit/kept-dashboard.ts'

/** Whether anything but the ground is painted there. */
const isPainted = (page: Page, id: string): Promise<boolean> =>
  page.locator(`[aria-labelledby="figure-${id}"] canvas`).evaluate((element) => {
    const canvas = element as HTMLCanvasElement
    const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] }
    return data.some((value) => value !== 0)
  })

/** Words on a canvas, pixels from its left edge. */
interface Said {
  readonly says: string
  readonly x: number
  readonly width: number
}

describe.skipIf(noBrowser !== null)('trends', () => {
  const dashboard = useKeptDashboard()
  const START = now()
  const DAYS = { runs: 2_000, from: START - hours(60), to: START, versionMs: hours(25), stallShare: 0.04 }

  test('six figures with a sentence each, drawn, split, as tables, and narrowed by a drag, all in the address', async () => {
    const page = await dashboard.open('/trends')
    await page.getByText('No run started or was in flight').waitFor()
    dashboard.keep(DAYS)
    await page.getByRole('link', { name: 'Look at the last 30 days' }).click()
    await page.locator('.figure').nth(5).waitFor()
    expect(await page.locator('.figure figcaption').allTextContents()).toEqual(
      expect.arrayContaining([expect.stringMatching(/% of .* runs completed/)]),
    )
    for (const id of ['completion', 'stalls', 'times', 'loss', 'in-flight', 'undelivered'])
      await expect.poll(() => isPainted(page, id), { timeout: 20_000 }).toBe(true)

    await page.getByRole('link', { name: '24 h' }).click()
    await page.getByLabel('Compare with').selectOption('time before')
    await page.waitForURL(/cmp=prev/)
    const said = page.locator('[aria-labelledby="figure-completion"] figcaption')
    await said.getByText(/^[\d.]+ % of .* runs completed.*\. Before: [\d.]+ % of .* runs completed/).waitFor()
    expect(await page.locator('[aria-labelledby="figure-completion"] .legend li').allTextContents()).toEqual([
      expect.stringMatching(/^all runs /),
      expect.stringMatching(/^before [\d.]+ %$/),
    ])
    await page.getByLabel('Compare with').selectOption('nothing')
    await page
      .getByText(/Before: /)
      .first()
      .waitFor({ state: 'detached' })
    await page.getByLabel('Split by').selectOption('version')
    await page.waitForURL(/split=version/)
    const completion = page.locator('[aria-labelledby="figure-completion"]')
    await completion.getByRole('link', { name: '1.4.2' }).waitFor()
    await page.getByRole('button', { name: 'p99' }).click()
    await page.waitForURL(/percentile=p99/)

    await completion.getByRole('button', { name: 'Table', exact: true }).click()
    expect(await completion.locator('tbody tr').count()).toBeGreaterThan(140)
    await completion.getByRole('button', { name: 'Table', exact: true }).click()

    const plot = page.locator('[aria-labelledby="figure-stalls"] canvas')
    const box = await plot.boundingBox()
    if (box === null) throw new Error('the figure has no place')
    await page.mouse.move(box.x + box.width * 0.5, box.y + 100)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width * 0.6, box.y + 100)
    await page.mouse.move(box.x + box.width * 0.8, box.y + 100)
    await page.mouse.up()
    await page.waitForURL(/from=2\d{3}-.*to=2\d{3}-/)
    await page.getByText('Showing a past range').waitFor()
    await page.goBack()
    await page.waitForURL(/\/trends\?split=version/)
  })

  test('a pause holds the answer, and lets the first answer to another question in', async () => {
    const page = await dashboard.open('/trends')
    dashboard.keep(DAYS)
    await page.reload()
    const completion = page.locator('[aria-labelledby="figure-completion"]')
    await completion.getByRole('link', { name: 'all runs' }).waitFor()
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByLabel('Split by').selectOption('version')
    await completion.getByRole('link', { name: '1.4.2' }).waitFor()
  })

  test('in a window that narrows the times below a figure leave each other room', async () => {
    const page = await dashboard.open('/live')
    dashboard.keep(DAYS)
    await page.addInitScript(() => {
      const said: Said[] = []
      Object.assign(globalThis, { said })
      const draw = CanvasRenderingContext2D.prototype.fillText
      CanvasRenderingContext2D.prototype.fillText = function (says, x, y, ...rest) {
        if (/^\d\d:\d\d$|^\d+ [A-Z]/.test(says)) {
          const left = this.getTransform().e / devicePixelRatio + x
          said.push({ says, x: left, width: this.measureText(says).width })
        }
        draw.call(this, says, x, y, ...rest)
      }
    })
    await page.goto(`${dashboard.serve().address}/trends?from=now-7d`)
    await page.locator('.figure').nth(5).waitFor()
    await expect.poll(() => isPainted(page, 'completion')).toBe(true)
    const said = () => page.evaluate(() => (globalThis as never as { said: Said[] }).said.splice(0))
    await said()
    await page.setViewportSize({ width: 390, height: 844 })
    const drawn: Said[] = []
    await expect.poll(async () => drawn.push(...(await said()))).toBeGreaterThan(0)
    const marks = [...new Map(drawn.map((mark) => [mark.says, mark])).values()].sort((a, b) => a.x - b.x)
    expect(marks.length).toBeGreaterThan(1)
    for (const [index, mark] of marks.slice(1).entries()) {
      const before = marks[index]
      expect(mark.x - (before?.x ?? 0), `${before?.says} and ${mark.says}`).toBeGreaterThan(1.5 * mark.width)
    }
  })

  test('whoever cannot drag chooses a range with the keyboard, and gets to the runs of a moment', async () => {
    const page = await dashboard.open('/trends')
    dashboard.keep(DAYS)
    await page.reload()
    const moment = page.getByLabel('Moment')
    await moment.focus()
    await page.keyboard.press('Home')
    await page.getByRole('button', { name: 'Zoom from here' }).press('Enter')
    await moment.focus()
    for (let step = 0; step < 12; step++) await page.keyboard.press('ArrowRight')
    await page.getByRole('button', { name: '…to here' }).press('Enter')
    await page.waitForURL(/from=2\d{3}-.*to=2\d{3}-/)
    const { searchParams } = new URL(page.url())
    const chosen = Date.parse(searchParams.get('to') ?? '') - Date.parse(searchParams.get('from') ?? '')
    // Thirteen buckets of ten minutes.
    expect(chosen).toBe(13 * 600_000)
    await page.getByRole('link', { name: 'Runs of that moment' }).click()
    await page.waitForURL(/\/runs\?since=.*until=/)
    await page.getByText(/^started from/).waitFor()
  })

  test.each(LOOKS)(
    'no accessibility violations and no sideways scroll, %s, %d px',
    async (colorScheme, width, height) => {
      const page = await dashboard.open('/trends', { colorScheme, viewport: { width, height }, hasTouch: width < 500 })
      await page.getByText('No run started or was in flight').waitFor()
      expect(await findViolations(page)).toEqual([])
      dashboard.keep(DAYS)
      await page.reload()
      await page.locator('.figure').nth(5).waitFor()
      await page.locator('.figure').first().getByRole('button', { name: 'Table', exact: true }).click()
      expect(await findViolations(page)).toEqual([])
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
    },
  )

  test('charts come with the trends and with no other page', async () => {
    const page = await dashboard.open('/live')
    await page.getByText('Nothing in flight').waitFor()
    const scripts = () =>
      page.evaluate(
        () => performance.getEntriesByType('resource').filter(({ name }) => name.includes('trends-page')).length,
      )
    expect(await scripts()).toBe(0)
    await page.keyboard.press('g')
    await page.keyboard.press('t')
    await page.getByText('No run started or was in flight').waitFor()
    expect(await scripts()).toBe(1)
  })
})
