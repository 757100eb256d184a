/** The live board with 300 runs, of which 30 that are in sight change with each frame of the feed. */
import { sleepAwake } from '../../test/kit/laststep-api.ts'
import { startFixtureCollector } from '../../test/web/kit/fixture-collector.ts'
import { makeRun } from '../../test/web/kit/make-run.ts'
import { systemClock } from '../../contract/clock.ts'
import { seconds } from '../../contract/units.ts'
import { formatCount } from '../../web/model/format.ts'
import { openMeter } from './page-meter.ts'
import type { Bench, Budget } from './main.ts'

const ROWS = 300
const CHANGED = 30
const BATCHES = 100
/** Long enough for each batch to be drawn by itself. */
const BETWEEN_MS = 50

export async function measureBoard(bench: Bench): Promise<Budget[]> {
  const now = systemClock.now()
  // The youngest stand at the top of the board, in sight.
  const runs = Array.from({ length: ROWS }, (_, index) =>
    makeRun({ id: `run_${index}`, now, age: seconds(10 + index), quiet: seconds(3), phase: 'reasoning' }),
  )
  const collector = await startFixtureCollector(bench.webDir, runs)
  try {
    const page = await bench.open(`${collector.url}/live`)
    await page.locator('[data-row="run_0"]').waitFor()
    const meter = await openMeter(page)
    const change = async (from: number, batches: number): Promise<void> => {
      for (let rev = from; rev < from + batches; rev++) {
        collector.put(...runs.slice(0, CHANGED).map((run, index) => ({ ...run, rev, events: rev * 7 + index })))
        await sleepAwake(BETWEEN_MS)
      }
      const last = (from + batches - 1) * 7
      await page.locator('[data-row="run_0"] .cell-events', { hasText: formatCount(last) }).waitFor()
    }
    // Compiled once, as on a board that has been open for a minute.
    await change(2, BATCHES)
    const idle = await meter.during(() => sleepAwake(BATCHES * BETWEEN_MS))
    const spent = await meter.during(() => change(2 + BATCHES, BATCHES))
    const perBatch = (total: number, before: number): number => Math.max(0, total - before) / BATCHES
    return [
      {
        what: `live batch, ${CHANGED} of ${ROWS} rows: script`,
        most: 1,
        unit: 'ms',
        result: perBatch(spent.scriptMs, idle.scriptMs),
        slack: 2,
      },
      {
        what: `live batch, ${CHANGED} of ${ROWS} rows: all of it`,
        most: 10,
        unit: 'ms',
        result: perBatch(spent.cpuMs, idle.cpuMs),
        slack: 2,
      },
    ]
  } finally {
    await collector.stop()
  }
}
