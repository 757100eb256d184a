/** Which stalls of a run are over with a new verdict, and how they ended. */
import { describe, expect, test } from 'vitest'
import { pastStallsAfter, type Occasion } from '../../../collector/assemble/past-stalls.ts'
import type { PastStall, StallEnding, Verdict } from '../../../contract/runs.ts'
import type { Status } from '../../../contract/statuses.ts'
import { seconds, toIso } from '../../../contract/units.ts'
import { START } from '../../kit/manual-clock.ts'

const STEP = { phase: 'tool', name: 'search', spanId: 'b1', since: toIso(START), code: null } as const

function verdict(status: Status, own: Partial<Verdict> = {}): Verdict {
  const deadline = toIso(START + seconds(20))
  return {
    status,
    step: STEP,
    cause: 'tool-silent',
    since: deadline,
    deadline,
    limit: null,
    confidence: 'T1',
    evidence: [],
    otherwise: null,
    explainedBy: null,
    unconfirmed: null,
    lateByMs: null,
    ...own,
  }
}

function after(before: Status | null, status: Status, why: Occasion = 'news', past: readonly PastStall[] = []) {
  const judged = before === null ? null : { verdict: verdict(before) }
  return pastStallsAfter({ facts: { pastStalls: past }, judged }, verdict(status), START + seconds(30), why)
}

// oxfmt-ignore
describe('what is over', () => {
  test.each<[Status | null, Status, Occasion, StallEnding | null]>([
    // before        now            for         so ended
    [null,           'running',     'news',     null],
    ['running',      'stalled',     'time',     null],
    ['slow',         'running',     'news',     null],
    ['waiting',      'completed',   'news',     null],
    ['stalled',      'stalled',     'news',     null],
    // One time of standing still, whatever it is called while it lasts.
    ['stalled',      'lost',        'time',     null],
    ['lost',         'stalled',     'news',     null],
    ['undelivered',  'undelivered', 'time',     null],

    ['stalled',      'running',     'news',     'recovered'],
    ['stalled',      'slow',        'news',     'recovered'],
    ['stalled',      'waiting',     'news',     'recovered'],
    ['lost',         'running',     'time',     'recovered'],
    ['stalled',      'completed',   'news',     'completed'],
    ['stalled',      'failed',      'news',     'failed'],
    ['lost',         'cancelled',   'news',     'cancelled'],
    // Its work is done; that its answer is late is a stall of its own.
    ['lost',         'undelivered', 'news',     'completed'],
    ['undelivered',  'completed',   'news',     'completed'],
    ['undelivered',  'running',     'news',     'recovered'],
    ['undelivered',  'failed',      'news',     'failed'],
    // Nothing came of it: what we went by has changed.
    ['stalled',      'slow',        'revision', 'withdrawn'],
    ['lost',         'running',     'revision', 'withdrawn'],
    ['stalled',      'stalled',     'revision', null],
    ['stalled',      'lost',        'revision', null],
  ])('%s, now %s, for %s: %s', (before, now, why, ending) => {
    expect(after(before, now, why).map((stall) => [stall.status, stall.ending])).toEqual(ending === null ? [] : [[before, ending]])
  })
})

test('it is kept as it was last told of, with when it was over and how late that was', () => {
  const judged = { verdict: verdict('stalled') }
  const done = verdict('completed', { lateByMs: 10_000, step: null, cause: null, deadline: null })
  expect(pastStallsAfter({ facts: { pastStalls: [] }, judged }, done, START + seconds(30), 'news')).toEqual([
    {
      status: 'stalled',
      step: STEP,
      cause: 'tool-silent',
      since: toIso(START + seconds(20)),
      deadline: toIso(START + seconds(20)),
      endedAt: toIso(START + seconds(30)),
      ending: 'completed',
      lateByMs: 10_000,
    },
  ])
})

test('the last ten are kept, in order', () => {
  let past: readonly PastStall[] = []
  for (let at = 0; at < 13; at++)
    past = pastStallsAfter(
      { facts: { pastStalls: past }, judged: { verdict: verdict('stalled') } },
      verdict('running'),
      START + seconds(at),
      'news',
    )
  expect(past.map(({ endedAt }) => endedAt)).toEqual(
    [3, 4, 5, 6, 7, 8, 9, 10, 11, 12].map((at) => toIso(START + seconds(at))),
  )
})

test('what is known is not written over, and without a stall it is the same', () => {
  const past = after('stalled', 'running')
  expect(after('running', 'running', 'news', past)).toBe(past)
  expect(after('lost', 'running', 'news', past)).toHaveLength(2)
  expect(past).toHaveLength(1)
})
