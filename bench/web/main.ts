/**
 * `npm run bench:web`: the budgets of the dashboard (ux/SPEC §4.11), goal beside result. Sizes hold exactly; times are CPU
 * of the page's main thread in a real Chromium, and may be twice the goal on a shared machine. Exits 1 when one is missed,
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
import { measureBoard } from './board.ts'
import { measureCharts } from './charts.ts'
import { measureList } from './list.ts'
import { measureSizes } from './sizes.ts'
import { measureWaterfall } from './waterfall.ts'

/** One budget and what came of it. */
export interface Budget {
  readonly what: string
  readonly goal: number
  readonly unit: 'ms' | 'rows' | 'kB gz' | 'frames'
  readonly result: number
  /** What may come of it on a shared machine, of the goal; null for what only a machine of its own can tell. */
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
const budgets: Budget[] = []
const problems: string[] = []
console.log(
  `machine   ${cpus().length} cores (${cpus()[0]?.model.trim()}, load ${(loadavg()[0] ?? 0).toFixed(1)} before), Node ${process.version}\n`,
)
if (parts.includes('sizes')) {
  const { sizes, uncounted } = measureSizes(webDir)
  for (const { what, kb, kbMax } of sizes) budgets.push({ what, goal: kbMax, unit: 'kB gz', result: kb, slack: 1 })
  if (uncounted.length > 0) problems.push(`no budget for ${uncounted.join(', ')}`)
}
if (noBrowser === null) await measurePages()
else if (parts.some((part) => part !== 'sizes')) {
  console.error(noBrowser)
  process.exitCode = 2
}
print()

async function measurePages(): Promise<void> {
  const browser = await openBrowser()
  const bench: Bench = {
    webDir,
    async open(url, prepare) {
      const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
      page.on('pageerror', (error) => problems.push(`${url}: ${error.message}`))
      await prepare?.(page)
      await page.goto(url)
      return page
    },
  }
  try {
    for (const [name, measure] of Object.entries(MEASURES))
      if (parts.includes(name)) budgets.push(...(await measure(bench)))
  } finally {
    await browser.close()
  }
}

function print(): void {
  for (const { what, goal, unit, result, slack } of budgets) {
    const isMissed = slack !== null && !(result <= goal * slack)
    const said = slack === null ? 'not judged here' : slack === 1 ? '' : `may be ${goal * slack} here`
    console.log(
      `${what.padEnd(58)}${`≤ ${goal} ${unit}`.padStart(12)}${`${result.toFixed(result < 100 ? 1 : 0)} ${unit}`.padStart(14)}   ${isMissed ? 'MISSED' : said}`,
    )
    if (isMissed) problems.push(what)
  }
  console.log(problems.length === 0 ? '\nbudgets kept' : `\nMISSED: ${problems.join('; ')}`)
  if (problems.length > 0) process.exitCode ??= 1
}
