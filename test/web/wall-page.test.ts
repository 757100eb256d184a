/** The wall, in a real browser before the real server: everything at once, large, honest about silence, left alone by hands. */
import type { Page, WebSocketRoute } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { hours, minutes, seconds } from '../../contract/units.ts'
import { noBrowser } from '../kit/browser.ts'
import { waitUntil } from '../kit/wait-until.ts'
import { now, useKeptDashboard } from './kit/kept-dashboard.ts'
import { makeRun, toRow } from './kit/make-run.ts'

const SCREEN = { viewport: { width: 1920, height: 1080 } }

describe.skipIf(noBrowser !== null)('the wall', () => {
  const dashboard = useKeptDashboard()

  async function openWall(query = ''): Promise<Page> {
    const page = await dashboard.open('/start', SCREEN)
    const at = now()
    for (let index = 0; index < 12; index++)
      dashboard
        .serve()
        .change(
          toRow(
            makeRun({ id: `stalled_${index}`, status: 'stalled', now: at, age: minutes(9) - index, quiet: minutes(8) }),
          ),
        )
    dashboard.keep({ runs: 60, from: at - hours(20), to: at, stallShare: 0.3 })
    await page.goto(`${dashboard.serve().address}/live?wall=1${query}`)
    await page.locator('.flight canvas').waitFor()
    return page
  }

  test('shows numbers, phases, the eight worst, the hour and the most stalls at once, and no way to elsewhere', async () => {
    const page = await openWall()
    await page.locator('#wall-attention .row[data-row]').nth(7).waitFor()
    expect(await page.locator('#wall-attention [data-row]').count()).toBe(8)
    expect(await page.getByText('the 8 most pressing').count()).toBe(1)
    await page.locator('.wall-stalls li').first().waitFor()
    expect(await page.locator('nav, #in-flight').count()).toBe(0)
    const seen = await page.evaluate(() => ({
      height: document.documentElement.scrollHeight,
      bottom: document.querySelector('.wall-third')?.getBoundingClientRect().bottom ?? 0,
      tile: getComputedStyle(document.querySelector('.tile-value') ?? document.body).fontSize,
      row: getComputedStyle(document.querySelector('.row[data-row]') ?? document.body).fontSize,
    }))
    expect(seen).toMatchObject({ height: 1080, tile: '52px', row: '20px' })
    expect(seen.bottom).toBeLessThanOrEqual(1080)
  })

  test('the hour is drawn, and is told in words', async () => {
    const page = await openWall()
    const chart = page.getByRole('img', { name: /^In flight by phase, last hour: 12 runs now, 12 at most/ })
    await chart.waitFor()
    // Where the areas end there is their colour, and not only the ground.
    const isDrawn = () =>
      chart.evaluate((canvas: HTMLCanvasElement) => {
        const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height)
        return data.some((value, index) => index % 4 === 3 && value > 0)
      })
    await waitUntil(async () => expect(await isDrawn()).toBe(true))
  })

  test('Esc leaves, and with it go the large letters', async () => {
    const page = await openWall()
    await page.keyboard.press('Escape')
    await page.getByRole('navigation', { name: 'Main' }).waitFor()
    expect(new URL(page.url()).search).toBe('')
    expect(await page.evaluate(() => 'wall' in document.documentElement.dataset)).toBe(false)
  })

  test('the screen is kept lit while it hangs there, and let go afterwards', async () => {
    const page = await dashboard.open('/start', SCREEN)
    // What the browser is asked is written down; it is the browser that answers.
    await page.addInitScript(() => {
      const asked: string[] = []
      Object.assign(window, { asked })
      const { wakeLock } = navigator
      const request = wakeLock.request.bind(wakeLock)
      wakeLock.request = async (type) => {
        const lock = await request(type)
        asked.push('lit')
        lock.addEventListener('release', () => asked.push('released'))
        return lock
      }
    })
    await page.goto(`${dashboard.serve().address}/live?wall=1`)
    const asked = () => page.evaluate(() => (window as unknown as { asked: string[] }).asked)
    await waitUntil(async () => expect(await asked()).toEqual(['lit']))
    await page.keyboard.press('Escape')
    await waitUntil(async () => expect(await asked()).toEqual(['lit', 'released']))
  })

  test('turns to trends and back by itself; a hand that moves stops it, a press lets it go on', async () => {
    const page = await openWall('&rotate=live,trends&every=5')
    await page.getByText('turns to Trends every 5 s').waitFor()
    await page.waitForURL(/\/trends\?wall=1/)
    await page.locator('.figure canvas').first().waitFor()
    expect(await page.locator('.filters:visible, .cursor-bar:visible').count()).toBe(0)
    await page.waitForURL(/\/live\?wall=1/)

    await page.mouse.move(300, 300)
    await page.mouse.move(340, 300)
    const goOn = page.getByRole('button', { name: /Stopped turning/ })
    await goOn.waitFor()
    const at = page.url()
    const clock = page.locator('.wall-clock')
    const before = await clock.textContent()
    const isLater = async () =>
      expect(secondsOf(await clock.textContent()) - secondsOf(before)).toBeGreaterThanOrEqual(7)
    await waitUntil(isLater)
    expect(page.url()).toBe(at)
    // The press is a touch as well; what it says comes after.
    await goOn.click()
    await page.waitForURL((url) => url.href !== at)
  })

  test('what is older than 15 s is said across the wall, and the board steps back until it is live again', async () => {
    const page = await dashboard.open('/start', SCREEN)
    const routes: WebSocketRoute[] = []
    let isSilent = false
    await page.routeWebSocket(/\/api\/live/, (route) => {
      routes.push(route)
      const server = route.connectToServer()
      server.onMessage((message) => void (isSilent || route.send(message)))
    })
    await page.goto(`${dashboard.serve().address}/live?wall=1`)
    await page
      .locator('#connection')
      .filter({ hasText: /^Live$/ })
      .waitFor()
    isSilent = true
    const band = page.getByRole('alert').filter({ hasText: /Not live for .* – data as of \d\d:\d\d:\d\d/ })
    await band.waitFor({ timeout: 60_000 })
    const width = await band.evaluate((element) => element.getBoundingClientRect().width)
    expect(width).toBe(1920)
    const opacity = () => page.locator('main').evaluate((element) => getComputedStyle(element).opacity)
    expect(await opacity()).toBe('0.6')
    isSilent = false
    await band.waitFor({ state: 'detached', timeout: 60_000 })
    expect(await opacity()).toBe('1')
    expect(routes.length).toBeGreaterThan(0)
  })
})

/** Of a wall clock, `03:14:07 UTC`. */
function secondsOf(text: string | null): number {
  const [hour = 0, minute = 0, second = 0] = (text ?? '').slice(0, 8).split(':').map(Number)
  return (hour * 3600 + minute * 60 + second) * (seconds(1) / 1000)
}
