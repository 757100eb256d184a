/** The page of a stalled run with 5,000 spans: it grows, is zoomed and scrolled. */
import { sleepAwake } from '../../test/kit/laststep-api.ts'
import { startFixtureCollector } from '../../test/web/kit/fixture-collector.ts'
import { makeRun } from '../../test/web/kit/make-run.ts'
import { systemClock } from '../../contract/clock.ts'
import { minutes, seconds } from '../../contract/units.ts'
import { LATE_MS, openMeter } from './page-meter.ts'
import type { Bench, Budget } from './main.ts'

const SPANS = 5_000
/** Those every made run has. */
const SPANS_ANYWAY = 6
const FRAMES = 180

export async function measureWaterfall(bench: Bench): Promise<Budget[]> {
  const now = systemClock.now()
  const extraSpans = SPANS - SPANS_ANYWAY
  const run = makeRun({ id: 'run_long', status: 'stalled', now, age: minutes(6), quiet: minutes(4), extraSpans })
  const small = makeRun({ id: 'run_small', status: 'stalled', now, age: minutes(5), quiet: minutes(4) })
  const collector = await startFixtureCollector(bench.webDir, [run, small])
  try {
    const page = await bench.open(`${collector.url}/runs/${small.id}`)
    await page.locator('.wf-row:not([hidden])').first().waitFor()
    const meter = await openMeter(page)
    // What a run page costs anyway, with the same deliveries, lists and logs, is not the waterfall's.
    const visit = async (id: string): Promise<number> => {
      await page.locator('a[href="/live"]').first().click()
      await page.locator(`[data-row="${id}"]`).first().waitFor()
      const spent = await meter.during(async () => {
        await page.locator(`[data-row="${id}"]`).first().dispatchEvent('click')
        await page.locator('.wf-row:not([hidden])').first().waitFor()
      })
      return spent.cpuMs
    }
    await visit(small.id)
    const first = await visit(run.id)
    const growth = await meter.during(() => sleepAwake(seconds(3)))
    const zoom = await meter.each(FRAMES, (frame) => {
      const wheel = { deltaY: frame % 60 < 30 ? -40 : 40, ctrlKey: true, clientX: 900, bubbles: true, cancelable: true }
      document.querySelector('.wf')?.dispatchEvent(new WheelEvent('wheel', wheel))
    })
    const scroll = await meter.each(FRAMES, () => {
      const wf = document.querySelector('.wf')
      if (wf) wf.scrollTop += 200
    })
    const what = (does: string): string => `a waterfall of ${SPANS.toLocaleString('en')} spans: ${does}`
    return [
      { what: what('clicked → its first rows'), most: 100, unit: 'ms', result: first, slack: 2 },
      { what: what('growing, a frame'), most: 4, unit: 'ms', result: growth.cpuMs / growth.frames, slack: 2 },
      { what: what('zooming, a frame'), most: 4, unit: 'ms', result: zoom.cpuMs / zoom.frames, slack: 2 },
      { what: what('scrolling, a frame'), most: 8, unit: 'ms', result: scroll.cpuMs / scroll.frames, slack: 2 },
      {
        what: what(`frames later than ${LATE_MS} ms`),
        most: 0,
        unit: 'frames',
        result: scroll.lateFrames,
        slack: null,
      },
    ]
  } finally {
    await collector.stop()
  }
}
