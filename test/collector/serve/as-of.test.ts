/** A run as it was: what had been heard, and what was concluded, at a moment between its first stall and its end. */
import { expect, test } from 'vitest'
import { runAsOf } from '../../../collector/serve/as-of.ts'
import type { Records } from '../../../collector/record.ts'
import { seconds, toIso } from '../../../contract/units.ts'
import type { StoredRun } from '../../../collector/stored-run.ts'
import { START, makeRow, makeStored } from './kit/made-runs.ts'
import { makeLog, makeSpan } from './kit/made-records.ts'

const at = (second: number) => START + seconds(second)
const iso = (second: number) => toIso(at(second))
const STEP = { phase: 'tool', name: 'search_orders', spanId: 'b1', since: iso(5), code: null } as const

// Began at 0 s, stood still from 10 to 20 s, completed at 30 s; a line of its log came late, at 40 s.
const stored = makeStored(
  makeRow({ status: 'completed', startedAt: iso(0), endedAt: iso(30), lastProgressAt: iso(30) }),
)
const RUN: StoredRun = {
  ...stored,
  outcome: 'succeeded',
  verdict: { ...stored.verdict, status: 'completed', since: iso(30) },
  pastStalls: [
    {
      status: 'stalled',
      step: STEP,
      cause: 'tool-silent',
      since: iso(10),
      deadline: iso(10),
      endedAt: iso(20),
      ending: 'recovered',
      lateByMs: null,
    },
  ],
  checklist: [
    { event: 'agent_started', phase: 'started', state: 'done', at: iso(1), count: 1, delivery: null, seq: 1 },
    {
      event: 'agent_completed',
      phase: 'terminal',
      state: 'done',
      at: iso(30),
      count: 1,
      delivery: null,
      seq: 2,
    },
  ],
}
const RECORDS: Records = {
  spans: [makeSpan({ seq: 1, receivedAt: at(1) }), makeSpan({ seq: 2, receivedAt: at(30), endedAt: at(30) })],
  logs: [makeLog({ at: at(2), receivedAt: at(2) }), makeLog({ at: at(29), receivedAt: at(40) })],
}

// oxfmt-ignore
test.each([
  // second  status       step    ended  records  past stalls  completed  behind
  [ 5,       'running',   false,  false, 2,       0,           'pending', true  ],
  [10,       'stalled',   true,   false, 2,       0,           'pending', true  ],
  [19.999,   'stalled',   true,   false, 2,       0,           'pending', true  ],
  [20,       'running',   false,  false, 2,       1,           'pending', true  ],
  [30,       'completed', false,  true,  3,       1,           'done',    true  ],
  [40,       'completed', false,  true,  4,       1,           'done',    false ],
] as const)('after %d s it is %s', (second, status, isInStep, isEnded, heard, past, completed, isBehind) => {
  const { run, records, since } = runAsOf(RUN, RECORDS, at(second))
  expect([run.row.status, run.verdict.status]).toEqual([status, status])
  expect(run.verdict.step).toEqual(isInStep ? STEP : isEnded ? stored.verdict.step : null)
  expect([run.row.endedAt !== null, run.outcome !== null]).toEqual([isEnded, isEnded])
  expect(records.spans.length + records.logs.length).toBe(heard)
  expect(run.pastStalls).toHaveLength(past)
  expect(run.checklist.map(({ state }) => state)).toEqual(['done', completed])
  expect(since).toEqual({ at: iso(second), isBehind, status: 'completed', endedAt: iso(30) })
})
