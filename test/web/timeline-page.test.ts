/** A run's timeline in a real browser, of a running collector that was told of the run in OTLP. */
import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../contract/clock.ts'
import type { RunDetail } from '../../contract/runs.ts'
import { noBrowser } from '../kit/browser.ts'
import { useLiveDashboard } from './kit/live-dashboard.ts'
import { id, sendRun, SPAN, TRACE } from './kit/send-run.ts'
import { findViolations } from './kit/find-violations.ts'

describe.skipIf(noBrowser !== null)('the timeline', () => {
  const dashboard = useLiveDashboard()

  /** The page of the made run, with its rows there. */
  async function openRun(wish: Partial<Parameters<typeof sendRun>[1]> = {}, query = ''): Promise<Page> {
    const { otlpHttp } = await dashboard.start()
    await sendRun(otlpHttp, { now: systemClock.now(), ...wish })
    const page = await dashboard.open(`/runs/${TRACE}${query}`)
    await page.locator('.wf-row', { hasText: 'search_orders' }).waitFor()
    return page
  }
  const names = (page: Page) => page.locator('.wf-row:not([hidden]) .wf-title').allTextContents()
  const selected = (page: Page) => page.locator('.wf-row[aria-selected=true] .wf-title').textContent()
  const ticks = (page: Page) => page.locator('.wf-ticks > span').allTextContents()
  /** Where the window of the waterfall is, in seconds of the run. */
  const windowOf = async (page: Page) => [
    Number(await page.getByLabel('Window from').inputValue()),
    Number(await page.getByLabel('Window to').inputValue()),
  ]

  test('problems by keyboard: the next one, zoomed to, and only those; the address keeps all of it', async () => {
    const page = await openRun()
    await page.keyboard.press('!')
    await page.waitForURL(new RegExp(`span=${SPAN.failed}`))
    expect(await selected(page)).toBe('execute_tool search_orders')
    await page.keyboard.press('f')
    await page.waitForURL(/t0=10500&t1=48145&follow=0/)
    await page.getByRole('button', { name: 'Problems only 1' }).click()
    await page.waitForURL(/only=problems/)
    expect(await names(page)).toEqual(['invoke_agent support', 'execute_tool search_orders'])

    const shown = await ticks(page)
    await page.reload()
    await page.locator('.wf-row', { hasText: 'search_orders' }).waitFor()
    expect(await names(page)).toEqual(['invoke_agent support', 'execute_tool search_orders'])
    expect(await ticks(page)).toEqual(shown)
    expect(await selected(page)).toBe('execute_tool search_orders')
    expect(await page.getByRole('button', { name: /Follow/ }).getAttribute('aria-pressed')).toBe('false')
    await page.keyboard.press('0')
    await page.waitForURL((url) => !url.searchParams.has('t0') && !url.searchParams.has('follow'))
  })

  test('what is folded stays folded for whoever follows the link; a problem below is unfolded when one goes to it', async () => {
    const page = await openRun({ isEnded: true })
    const tree = page.getByRole('treegrid')
    await tree.focus()
    await page.keyboard.press('ArrowLeft')
    await page.waitForURL(/fold=/)
    // The failed span is chosen on a run that is over; its request is folded away.
    expect(await names(page)).not.toContain('GET orders')
    await page.reload()
    await page.locator('.wf-row', { hasText: 'ship_order' }).waitFor()
    expect(await names(page)).not.toContain('GET orders')
    await page.goto(`${page.url().split('?')[0]}?fold=${SPAN.root}`)
    await page.waitForFunction(() => document.querySelectorAll('.wf-row:not([hidden])').length === 1)
    await page.keyboard.press('!')
    await page.waitForURL((url) => !url.searchParams.has('fold') && url.searchParams.get('span') === SPAN.failed)
    expect(await selected(page)).toBe('execute_tool search_orders')
  })

  test('siblings, panning, and a second press of f for all below', async () => {
    const page = await openRun({ isEnded: true }, `?span=${SPAN.chat}`)
    await page.keyboard.press('.')
    await page.waitForURL(/span=0*3/)
    await page.keyboard.press('.')
    await page.waitForURL(/span=0*5/)
    await page.keyboard.press('.')
    await page.keyboard.press(',')
    await page.waitForURL(/span=0*3/)
    await page.keyboard.press('f')
    await page.waitForURL(/t0=10500/)
    const [from, to] = (await windowOf(page)) as [number, number]
    await page.keyboard.press('d')
    const [later] = await windowOf(page)
    expect(later).toBeCloseTo(from + (to - from) * 0.2, 0)
    await page.keyboard.press('a')
    await page.keyboard.press('w')
    const [closer] = await windowOf(page)
    expect(closer).toBeGreaterThan(from)
    await page.keyboard.press('s')
    expect((await windowOf(page))[0]).toBeCloseTo(from, 1)
  })

  test('the overview: its edges move by keys and by hand, its fields take seconds, a drag chooses', async () => {
    const page = await openRun({ isEnded: true, queries: 40 })
    const [from, to] = (await windowOf(page)) as [number, number]
    expect(await page.getByLabel('Window from').inputValue()).not.toMatch(/^-0\.0$/)
    const start = page.getByRole('slider', { name: 'Window begins' })
    await start.focus()
    await page.keyboard.press('ArrowRight')
    expect((await windowOf(page))[0]).toBeCloseTo(from + (to - from) * 0.05, 0)
    expect(await start.getAttribute('aria-valuetext')).toMatch(/ s after the start$/)
    await page.getByLabel('Window from').fill('20')
    await page.keyboard.press('Enter')
    await page.waitForURL(/t0=20000/)
    expect(await windowOf(page)).toEqual([20, to])

    const plot = await page.locator('.overview-plot').boundingBox()
    if (!plot) throw new Error('no overview')
    const x = (share: number) => plot.x + plot.width * share
    await page.mouse.move(x(0.25), plot.y + 30)
    await page.mouse.down()
    await page.mouse.move(x(0.5), plot.y + 30, { steps: 4 })
    await page.mouse.up()
    const [left, right] = (await windowOf(page)) as [number, number]
    // The overview is of the whole run, so a quarter of its width is a quarter of what was there at first.
    expect(left).toBeCloseTo(from + (to - from) * 0.25, 0)
    expect(right).toBeCloseTo(from + (to - from) * 0.5, 0)

    // All spans are painted, the failed one in its colour.
    const colours = await page.locator('.overview-canvas').evaluate((canvas: HTMLCanvasElement) => {
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height)
      const found = new Set<string>()
      for (let at = 0; at < data.length; at += 4) if (data[at + 3] === 255) found.add(data.slice(at, at + 3).join())
      return [...found]
    })
    expect(colours).toContain('138,0,28')
    expect(colours.length).toBeGreaterThan(1)
  })

  test('one moment through everything: a line of the log shows where it is, and stays when it is chosen', async () => {
    const page = await openRun({ isEnded: true })
    const lines = page.locator('.wf-plot .cursor-plot > i, .overview .cursor-plot > i')
    expect(await lines.count()).toBe(0)
    const log = page.locator('.log', { hasText: 'orders did not answer' })
    await log.hover()
    expect(await lines.count()).toBe(2)
    expect(await page.locator('.cursor-label').textContent()).toBe('41.000 s')
    await log.locator('.log-text').click()
    await page.waitForURL(/log=1/)
    await page.locator('h1').hover()
    expect(await page.locator('.cursor-label').textContent()).toBe('41.000 s')
    // Where the hand is counts more, and the logs show what came before it.
    const row = await page.locator('.wf-row', { hasText: 'ship_order' }).locator('.wf-bar').boundingBox()
    await page.mouse.move((row?.x ?? 0) + 1, (row?.y ?? 0) + 2)
    expect(await page.locator('.cursor-label').textContent()).toMatch(/^(59|1 m 00)\./)
    expect(await page.locator('.log.is-reached').textContent()).toContain('orders did not answer')
  })

  test('a span by its attributes, its lines, and as it is: the address keeps which', async () => {
    const page = await openRun({ isEnded: true }, `?span=${SPAN.failed}`)
    await page.getByRole('tab', { name: 'Attributes' }).focus()
    await page.keyboard.press('ArrowRight')
    await page.waitForURL(/tab=logs/)
    await page.getByRole('tabpanel').getByRole('button', { name: 'orders did not answer' }).waitFor()
    await page.keyboard.press('ArrowLeft')
    await page.keyboard.press('ArrowLeft')
    await page.waitForURL(/tab=raw/)
    await page.reload()
    const raw = await page.getByRole('tabpanel', { name: 'Raw' }).locator('pre').textContent()
    expect(JSON.parse(raw ?? '')).toMatchObject({ spanId: SPAN.failed, status: 'error' })
    // It stays on the next span.
    await page.locator('.wf-row[aria-selected=true]').waitFor()
    await page.keyboard.press('.')
    await page.waitForURL(new RegExp(`span=${SPAN.hanging}.*tab=raw`))
  })

  test('a number goes to that critical event, in whatever part of the run it was', async () => {
    const page = await openRun({ isEnded: true }, '?t0=90000&t1=95000')
    await page.keyboard.press('1')
    await page.waitForURL((url) => url.searchParams.has('span'))
    expect(await selected(page)).toBe('invoke_agent support')
    await page.keyboard.press('2')
    await page.waitForURL(new RegExp(`span=${SPAN.chat}`))
    // The address is there before the next frame is drawn.
    await expect.poll(async () => (await windowOf(page))[0]).toBeLessThanOrEqual(1)
    const [from, to] = (await windowOf(page)) as [number, number]
    expect(to - from).toBeCloseTo(5, 1)
  })

  test('the same query thousands of times, beyond what a page holds, is told once with how long it takes', async () => {
    const { otlpHttp } = await dashboard.start()
    await sendRun(otlpHttp, { now: systemClock.now(), queries: 6_000, queryName: 'GET row', isEnded: true })
    const page = await dashboard.open(`/runs/${TRACE}`)
    await page.locator('.wf-row').first().waitFor()
    expect(await page.locator('.left-out').textContent()).toBe('Left out: GET row ×1\u2009005, p95 500 ms')
  }, 60_000)

  test('of a run with more spans than a page holds, the linked one is there; the rest is said, and one press away', async () => {
    const { otlpHttp } = await dashboard.start()
    await sendRun(otlpHttp, { now: systemClock.now(), queries: 12_000, isEnded: true })
    const linked = id(1_000 + 11_500)
    const page = await dashboard.open(`/runs/${TRACE}?span=${linked}`)
    const row = page.locator('.wf-row[aria-selected=true]')
    await row.waitFor()
    expect(await row.locator('.wf-title').textContent()).toBe('query 11500')
    expect(await row.isVisible()).toBe(true)
    const said = page.locator('.timeline > header .hint')
    expect(await said.textContent()).toMatch(/^showing 5\u2009000 of 12\u2009005 spans/)

    // A link found elsewhere, to a span that is not here.
    const other = id(1_000 + 6_000)
    expect(await page.locator('.wf-row', { hasText: /^query 6000$/ }).count()).toBe(0)
    await page.evaluate((path) => {
      const link = document.body.appendChild(document.createElement('a'))
      link.href = path
      link.click()
      link.remove()
    }, `/runs/${TRACE}?span=${other}`)
    await page.locator('.wf-row[aria-selected=true]', { hasText: 'query 6000' }).waitFor()

    // Around the window that is looked at.
    await page.getByLabel('Window from').fill('14')
    await page.keyboard.press('Enter')
    await page.getByLabel('Window to').fill('14.4')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'load around here' }).click()
    await page.waitForFunction(() =>
      performance.getEntriesByType('resource').some(({ name }) => name.includes('around=14200')),
    )
    const download = page.waitForEvent('download')
    await page.getByRole('link', { name: 'download all' }).click()
    const file = await (await download).path()
    expect((JSON.parse(readFileSync(file, 'utf8')) as RunDetail).spans).toHaveLength(12_005)
  }, 120_000)

  test.each([
    ['light', 1440],
    ['dark', 1440],
    ['dark', 390],
  ] as const)('no accessibility violations, %s, %d px', async (colorScheme, width) => {
    const { otlpHttp } = await dashboard.start()
    await sendRun(otlpHttp, { now: systemClock.now(), queries: 20 })
    const page = await dashboard.open(`/runs/${TRACE}?log=1`, { colorScheme, viewport: { width, height: 844 } })
    await page.locator('.wf-row').first().waitFor()
    expect(await findViolations(page)).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
  })
})
