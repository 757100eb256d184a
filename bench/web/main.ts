/**
 * `npm run bench:web`: the budgets of the dashboard (ux/SPEC §4.11), goal beside result. Sizes hold exactly; times are CPU
 * of the page's main thread in a real Chromium, and may be twice the budget on a shared machine. Exits 1 when one is missed,
 * 2 when there is no browser.
 *
 * ```
 * npm run bench:web -- --only sizes        sizes, board, list, waterfall, charts; several with commas
 * ```
 */
import { cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import type { Page } from 'playwright-core'
import { noBrowser, openBrowser } from '../../test/kit/browser.ts'
import { buildWeb } from '../../test/web/kit/build-web.ts'
import { openGoals } from '../goals.ts'
import { measureBoard } from './board.ts'
import { measureCharts } from './charts.ts'
import { measureList } from './list.ts'
import { measureSizes } from './sizes.ts'
import { measureWaterfall } from './waterfall.ts'

/** One budget and what came of it. */
export interface Budget {
  readonly what: string
  readonly most: number
  readonly unit: 'ms' | 'rows' | 'kB gz' | 'frames'
  readonly result: number
  /** What may come of it on a shared machine, of the budget; null for what only a machine of its own can tell. */
  readonly slack: number | null
}

export interface Bench {
  readonly webDir: string
  /** A page of its own. Whatever goes wrong in it ends the benchmark. */
  open(url: string, prepare?: (page: Page) => Promise<unknown>): Promise<Page>
}

const MEASURES = { board: measureBoard, list: measureList, waterfall: measureWaterfall, charts: measureCharts }

const { values: options } = parseArgs({ options: { only: { type: 'string', default: '' } } })
const parts = options.only === '' ? ['sizes', ...Object.keys(MEASURES)] : options.only.split(',')

const { dir: webDir } = await buildWeb()
const goals = openGoals(
  `dashboard: budgets of ux/SPEC §4.11, CPU time of the page's main thread where it says ms\n` +
    `machine    ${cpus().length} cores (${cpus()[0]?.model.trim()}, load ${(loadavg()[0] ?? 0).toFixed(1)} before), Node ${process.version}`,
)
if (parts.includes('sizes')) {
  const { sizes, uncounted } = measureSizes(webDir)
  for (const { what, kb, kbMax } of sizes) told({ what, most: kbMax, unit: 'kB gz', result: kb, slack: 1 })
  goals.row('files that no budget counts', '0', uncounted.join(', ') || '0', uncounted.length === 0)
}
if (noBrowser === null) await measurePages()
else if (parts.some((part) => part !== 'sizes')) {
  goals.skipped('what pages cost', noBrowser)
  process.exitCode = 2
}
goals.conclude()

function told({ what, most, unit, result, slack }: Budget): void {
  const limit = slack === null || slack === 1 ? `≤ ${most} ${unit}` : `≤ ${slack} × ${most} ${unit}`
  // NaN is within no budget.
  const isMet = slack === null ? null : result <= most * slack
  goals.row(what, limit, `${result.toFixed(result < 100 ? 1 : 0)} ${unit}`, isMet)
}

async function measurePages(): Promise<void> {
  const browser = await openBrowser()
  const bench: Bench = {
    webDir,
    async open(url, prepare) {
      const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
      page.on('pageerror', (error) => goals.row(`an error of the page ${url}`, '', error.message, false))
      await prepare?.(page)
      await page.goto(url)
      return page
    },
  }
  try {
    for (const [name, measure] of Object.entries(MEASURES))
      if (parts.includes(name)) for (const budget of await measure(bench)) told(budget)
  } finally {
    await browser.close()
  }
}
