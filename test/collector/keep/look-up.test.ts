/** What is kept of the spans by which runs are known. What is found by them: `test/collector/look-up.test.ts`. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { openHistoryStore } from '../../../collector/keep/history-store.ts'
import { hours, toIso } from '../../../contract/units.ts'
import { madeHistory } from '../../kit/made-history.ts'
import { temporaryFolder } from '../../kit/programs.ts'

test('spans leave with their runs, those at which a run stood still among them', () => {
  const path = join(temporaryFolder('look-up'), 'history.db')
  const store = openHistoryStore(path)
  const to = Date.parse('2026-11-22T00:00:00Z')
  const runs = Array.from(madeHistory({ runs: 20, from: to - hours(1), to, stallShare: 1 }), ({ run }, index) => {
    const step = {
      phase: 'tool',
      name: 'search',
      spanId: 'f'.repeat(12) + (1000 + index),
      since: toIso(to),
      code: null,
    } as const
    return { ...run, verdict: { ...run.verdict, status: 'stalled', step } } as const
  })
  const rest = { stalls: [], pieces: new Float64Array(), sheets: [], checkpoint: null, aliveAt: null }
  store.save({ runs: runs.map((run) => JSON.stringify(run)).join('\n'), ...rest })
  const spans = (): unknown => {
    const database = new DatabaseSync(path)
    const { spans } = database.prepare('SELECT count(*) AS spans FROM span').get() as { spans: number }
    database.close()
    return spans
  }
  expect(spans()).toBe(40)
  store.forget({ segmentsBelow: 0, startedBefore: to + hours(2), ownBefore: 0, now: to })
  expect(spans()).toBe(0)
  store.close(null)
})
