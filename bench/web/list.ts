/** The list of runs once somebody has loaded ten thousand of them: what stands in the page, and what scrolling costs. */
import { startFixtureCollector } from '../../test/web/kit/fixture-collector.ts'
import { makeRun, toRow } from '../../test/web/kit/make-run.ts'
import { systemClock } from '../../contract/clock.ts'
import { openMeter } from './page-meter.ts'
import type { Bench, Budget } from './main.ts'

const RUNS = 10_000
const SCROLL_FRAMES = 180
/** More than is asked for: it is not the loading, page after page, that is measured. */
const A_PAGE = 1_000

export async function measureList(bench: Bench): Promise<Budget[]> {
  const collector = await startFixtureCollector(bench.webDir, [])
  const made = toRow(makeRun({ id: 'run', now: systemClock.now(), status: 'completed' }))
  let given = 0
  try {
    const page = await bench.open(`${collector.url}/runs`, (page) =>
      page.route(/\/api\/runs\?/, async (route) => {
        const asked = new URL(route.request().url()).searchParams
        const from = Number(asked.get('cursor') ?? 0)
        const to = Math.min(RUNS, from + A_PAGE)
        const runs = Array.from({ length: to - from }, (_, index) => ({ ...made, id: `run_${from + index}` }))
        given = Math.max(given, to)
        await route.fulfill({ json: { runs, next: to < RUNS ? String(to) : null } })
      }),
    )
    await page.locator('[data-row="run_0"]').waitFor()
    const more = page.locator('.more .button')
    while ((await more.count()) > 0) {
      const before = given
      // Not a click, which waits until the button stands still.
      await more.dispatchEvent('click')
      await page.waitForFunction(() => document.querySelector('.more .button[disabled]') === null)
      if (given === before) throw new Error(`the list goes no further than ${given} runs`)
    }
    const rows = await page.locator('[data-row]').count()
    const meter = await openMeter(page)
    const scroll = await meter.each(SCROLL_FRAMES, () => scrollBy(0, 60))
    await page.locator('a[href="/live"]').first().click()
    await page.locator('#attention').waitFor()
    const mount = await meter.during(async () => {
      await page.goBack()
      await page.locator('.run-grid [data-row]').first().waitFor()
    })
    return [
      { what: 'a list of 10,000 runs: rows in the page', most: 80, unit: 'rows', result: rows, slack: 1 },
      { what: 'the same: back to it', most: 50, unit: 'ms', result: mount.cpuMs, slack: 2 },
      { what: 'the same: scrolling, a frame', most: 8, unit: 'ms', result: scroll.cpuMs / scroll.frames, slack: 2 },
    ]
  } finally {
    await collector.stop()
  }
}
