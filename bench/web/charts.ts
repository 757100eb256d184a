/** The trends, before the real server and the real tables: what it costs to draw charts anew with other data. */
import { openServe } from '../../test/collector/serve/kit/open-serve.ts'
import { madeHistory } from '../../test/kit/made-history.ts'
import { systemClock } from '../../contract/clock.ts'
import { hours } from '../../contract/units.ts'
import { openMeter } from './page-meter.ts'
import type { Bench, Budget } from './main.ts'

const RUNS = 20_000
const TURNS = 12
/** The budget is for as many as a wall of trends would have. */
const CHARTS = 12
/** Begins with another than the page does. */
const PERCENTILES = ['p50', 'p99', 'p95'] as const

export async function measureCharts(bench: Bench): Promise<Budget[]> {
  const serve = await openServe({ webDir: bench.webDir })
  try {
    const now = systemClock.now()
    const made = [...madeHistory({ runs: RUNS, from: now - hours(7 * 24), to: now })]
    serve.kept.save(
      made.map(({ run }) => run),
      made.flatMap(({ stalls }) => stalls),
    )
    const page = await bench.open(`${serve.address}/trends?from=now-7d&split=agent`, (page) =>
      page.addInitScript(countDraws),
    )
    await page.locator('.figure canvas').nth(5).waitFor()
    const meter = await openMeter(page)
    const drawn = () => page.evaluate(() => globalThis.drawn)
    // Another percentile of the same answer: nothing is asked or read anew, every figure is worked out and drawn.
    const turn = async (): Promise<void> => {
      for (let time = 0; time < TURNS; time++) {
        const before = await drawn()
        const next = PERCENTILES[time % PERCENTILES.length] ?? 'p95'
        await page.getByLabel('Percentile').getByRole('button', { name: next }).dispatchEvent('click')
        await page.waitForFunction((least) => globalThis.drawn > least, before)
      }
    }
    await turn()
    const before = await drawn()
    const spent = await meter.during(turn)
    const charts = (await drawn()) - before
    return [
      {
        what: `${CHARTS} charts drawn anew (the mean of ${charts})`,
        most: 36,
        unit: 'ms',
        result: (spent.cpuMs / charts) * CHARTS,
        slack: 2,
      },
    ]
  } finally {
    await serve.stop()
  }
}

declare global {
  /** In the page: how many charts were drawn. */
  var drawn: number
}

/** Runs in the page: a chart clears its whole canvas each time it is drawn. */
function countDraws(): void {
  Object.assign(globalThis, { drawn: 0 })
  const { clearRect } = CanvasRenderingContext2D.prototype
  CanvasRenderingContext2D.prototype.clearRect = function (x, y, width, height) {
    globalThis.drawn += 1
    clearRect.call(this, x, y, width, height)
  }
}
