/** The trends, before the real server and the real tables: what it costs to draw all their charts anew. */
import { openServe } from '../../test/collector/serve/kit/open-serve.ts'
import { madeHistory } from '../../test/kit/made-history.ts'
import { systemClock } from '../../contract/clock.ts'
import { hours } from '../../contract/units.ts'
import { openMeter } from './page-meter.ts'
import type { Bench, Budget } from './main.ts'

const RUNS = 20_000
const TURNS = 10
/** The budget is for as many as a wall of trends would have. */
const CHARTS = 12
const GOAL_MS = 36

export async function measureCharts(bench: Bench): Promise<Budget[]> {
  const serve = await openServe({ webDir: bench.webDir })
  try {
    const now = systemClock.now()
    const made = [...madeHistory({ runs: RUNS, from: now - hours(7 * 24), to: now })]
    serve.kept.save(
      made.map(({ run }) => run),
      made.flatMap(({ stalls }) => stalls),
    )
    const page = await bench.open(`${serve.address}/trends?from=now-7d`)
    await page.locator('.figure canvas').nth(5).waitFor()
    const charts = await page.locator('.figure canvas').count()
    const meter = await openMeter(page)
    // Painted colours follow the theme, so a change of theme draws every chart anew, and nothing else of the page.
    const redraw = (turns: number) =>
      meter.each(turns * 2, (frame) => {
        if (frame % 2 === 0) document.documentElement.dataset['theme'] = frame % 4 === 0 ? 'dark' : 'light'
      })
    await redraw(TURNS)
    const spent = await redraw(TURNS)
    return [
      {
        what: `${CHARTS} charts drawn anew (of the ${charts} there are)`,
        goal: GOAL_MS,
        unit: 'ms',
        result: ((spent.cpuMs / TURNS) * CHARTS) / charts,
        slack: 2,
      },
    ]
  } finally {
    await serve.stop()
  }
}
