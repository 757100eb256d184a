import { describe, expect, test } from 'vitest'
import { CANARY } from '../../../collector/canary-run.ts'
import { watchVerdicts, type VerdictChange } from '../../../collector/observe/watch-verdicts.ts'
import type { Cause, Status } from '../../../contract/statuses.ts'
import { hours, toIso, type Instant } from '../../../contract/units.ts'
import { sleepAwake } from '../../kit/laststep-api.ts'
import { START } from '../../kit/manual-clock.ts'
import { makeRow, makeVerdict } from '../serve/kit/made-runs.ts'

function change(
  from: Status | null,
  to: Status,
  {
    cause = null,
    agent = 'support',
    service = 'runtime',
    since = START,
  }: Partial<{
    cause: Cause | null
    agent: string
    service: string
    since: Instant
  }> = {},
): VerdictChange {
  const row = makeRow({ status: to, agent, service })
  return {
    from,
    before: from === null ? null : { verdict: { cause } },
    to,
    run: { row, verdict: makeVerdict(row, { since: toIso(since), cause }) },
  }
}

const stage = () =>
  watchVerdicts(
    async () => {},
    () => START,
  )

describe('a verdict taken back', () => {
  // oxfmt-ignore
  test.each([
    // a run that was    then is         counts
    ['stalled',          'running',      1],
    ['stalled',          'slow',         1],
    ['stalled',          'waiting',      1],
    ['stalled',          'completed',    1],
    ['stalled',          'undelivered',  1],
    ['lost',             'running',      1],
    ['lost',             'completed',    1],
    ['stalled',          'failed',       0],
    ['stalled',          'cancelled',    0],
    ['stalled',          'lost',         0],
    ['lost',             'stalled',      0],
    ['slow',             'running',      0],
    ['running',          'completed',    0],
    ['stalled',          'stalled',      0],
    [null,               'running',      0],
  ] as const)('%s, then %s', (from, to, counts) => {
    const verdicts = stage()
    verdicts.note(change(from, to, { cause: 'tool-silent' }), START)
    expect(verdicts.retractions.total).toBe(counts)
    expect(verdicts.retractedLately(START)).toBe(counts)
    if (counts > 0)
      expect([...verdicts.retractions.samples]).toEqual([
        { labels: { agent: 'support', status: from, cause: 'tool-silent' }, value: 1 },
      ])
  })

  test('is forgotten after a day by whoever asks for the last one', () => {
    const verdicts = stage()
    verdicts.note(change('stalled', 'running'), START)
    expect(verdicts.retractedLately(START + hours(23))).toBe(1)
    expect(verdicts.retractedLately(START + hours(25))).toBe(0)
    expect(verdicts.retractions.total).toBe(1)
  })
})

test('a standstill is flagged once, whatever it becomes', () => {
  const verdicts = stage()
  for (const [from, to] of [
    ['running', 'stalled'],
    ['stalled', 'lost'],
    ['lost', 'lost'],
  ] as const)
    verdicts.note(change(from, to, { cause: 'process-lost' }), START)
  expect(verdicts.flags.total).toBe(1)
})

test('open runs are counted by status, those known from before included', () => {
  const verdicts = stage()
  verdicts.knew('waiting')
  verdicts.note(change(null, 'running'), START)
  verdicts.note(change(null, 'running'), START)
  verdicts.note(change('running', 'stalled'), START)
  verdicts.note(change('waiting', 'completed'), START)
  expect(Object.fromEntries(verdicts.openRuns)).toEqual({ stalled: 1, lost: 0, slow: 0, waiting: 0, running: 1 })
  expect(verdicts.open).toBe(2)
})

test('the canary is measured and not counted', async () => {
  const verdicts = stage()
  verdicts.note(change('running', 'stalled', { service: CANARY.service, since: START - 40 }), START)
  verdicts.note(change('stalled', 'completed', { service: CANARY.service }), START)
  expect([verdicts.flags.total, verdicts.retractions.total, verdicts.verdicts.get('stalled')]).toEqual([0, 0, 0])
  expect([...verdicts.openRuns.values()].every((count) => count === 0)).toBe(true)
  expect(verdicts.made.count).toBe(1)
  expect(verdicts.made.p99(START)).toBeGreaterThan(36)
  expect(verdicts.made.p99(START)).toBeLessThan(44)
})

test('a verdict is stored when the history says so, and all that wait are told at once', async () => {
  let now = START
  let asked = 0
  const disk = Promise.withResolvers<void>()
  const verdicts = watchVerdicts(
    () => {
      asked += 1
      return disk.promise
    },
    () => now,
  )
  verdicts.note(change('running', 'stalled', { since: START }), START + 5)
  verdicts.note(change('running', 'lost', { since: START }), START + 6)
  await sleepAwake(0)
  expect([asked, verdicts.made.count, verdicts.stored.count]).toEqual([1, 2, 0])
  now = START + 80
  disk.resolve()
  await sleepAwake(0)
  expect([verdicts.stored.count, verdicts.stored.sumMs]).toEqual([2, 160])
})
