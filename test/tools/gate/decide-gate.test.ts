import { describe, expect, test } from 'vitest'
import { decideGate, type GateFacts, type Seen, type Thresholds } from '../../../tools/gate/decide-gate.ts'
import { madeRow, madeRows } from './made-rows.ts'

const USUAL: Thresholds = { minRuns: 20, completion: 1, delivery: 1, maxOpen: 0, maxDrop: null }
const seen = (rows: string, more: Partial<Seen> = {}): GateFacts => {
  return { rows: madeRows(rows), before: null, doubts: [], gaps: [], ...more }
}
const before = (rows: string) => ({ before: { version: '1.0', rows: madeRows(rows) } })
/** `runs 19 decided, 20 needed` for each check that failed. */
const failed = (facts: GateFacts, thresholds: Partial<Thresholds>): string[] =>
  decideGate(facts, { ...USUAL, ...thresholds })
    .checks.filter(({ ok }) => !ok)
    .map(({ name, says }) => `${name}: ${says}`)

describe('a release passes or fails', () => {
  // oxfmt-ignore
  test.each([
    // rows                                         thresholds                       what fails
    ['20 completed',                                {},                              []],
    ['19 completed',                                {},                              ['runs: 19 decided, 20 needed']],
    ['0 completed',                                 { minRuns: 0 },                  ['completion: no run, 100 % needed', 'delivery: no run, 100 % needed']],
    ['19 completed, 1 failed',                      {},                              ['completion: 19 of 20 (95 %), 100 % needed']],
    ['19 completed, 1 failed',                      { completion: 0.95 },            []],
    ['19 completed, 1 failed',                      { completion: 0.951 },           ['completion: 19 of 20 (95 %), 95.1 % needed']],
    ['19 completed, 1 stalled',                     {},                              ['completion: 19 of 20 (95 %), 100 % needed']],
    ['19 completed, 1 lost',                        {},                              ['completion: 19 of 20 (95 %), 100 % needed']],
    ['2999 completed, 1 failed',                    { minRuns: 1 },                  ['completion: 2999 of 3000 (99.9 %), 100 % needed']],
    ['19 completed, 1 undelivered',                 {},                              ['delivery: 19 of 20 (95 %), 100 % needed']],
    ['19 completed, 1 completed/partial',           {},                              ['delivery: 19 of 20 (95 %), 100 % needed']],
    ['19 completed, 1 completed/partial',           { delivery: 0.9 },               []],
    ['19 completed, 1 undelivered',                 { delivery: null },              []],
    ['20 completed/unknown',                        {},                              ['delivery: 0 of 20 (0 %), 100 % needed; of 20 runs nothing says whether their messages arrived (--delivery off if this runtime cannot)']],
    ['20 completed/unknown',                        { delivery: null },              []],
    ['1 completed, 19 failed',                      { completion: 0 },               []],
    ['20 completed, 1 running',                     {},                              ['open: 1 not decided yet, 0 allowed']],
    ['20 completed, 1 slow, 1 running',             { maxOpen: 2 },                  []],
    ['20 completed, 1 completed/pending',           {},                              ['open: 1 not decided yet, 0 allowed']],
    ['19 completed, 1 completed/pending',           { maxOpen: 1 },                  ['runs: 19 decided, 20 needed']],
    ['20 completed, 3 cancelled, 1 waiting',        {},                              []],
    ['19 completed, 3 cancelled',                   {},                              ['runs: 19 decided, 20 needed']],
    ['20 completed, 1 running?',                    { maxOpen: 1 },                  ['confirmed: of 1 run nothing came since Laststep last did not hear: what became of them is not known']],
    ['19 completed, 1 stalled?',                    { completion: 0.9 },             ['confirmed: of 1 run nothing came since Laststep last did not hear: what became of them is not known']],
  ] as const)('%s with %o', (rows, thresholds, problems) => {
    const facts = seen(rows)
    expect(failed(facts, thresholds)).toEqual(problems)
    expect(decideGate(facts, { ...USUAL, ...thresholds }).passed).toBe(problems.length === 0)
  })

  test('what the collector says of itself counts', () => {
    expect(failed(seen('20 completed', { doubts: ['canary: none was seen', 'log: no room'] }), {})).toEqual([
      'collector: verdicts cannot be trusted: canary: none was seen; log: no room',
    ])
    expect(failed({ unseen: 'http://x cannot be reached: refused' }, {})).toEqual([
      'collector: http://x cannot be reached: refused',
    ])
    expect(decideGate({ unseen: 'why' }, { ...USUAL, minRuns: 0, completion: 0 }).passed).toBe(false)
  })

  test('a stretch in which nothing was heard is noted, and does not fail by itself', () => {
    const gaps = [{ from: '2026-11-22T10:00:00.000Z', to: '2026-11-22T10:00:09.000Z', reason: 'down' as const }]
    const outcome = decideGate(seen('20 completed, 2 cancelled', { gaps }), USUAL)
    expect(outcome.passed).toBe(true)
    expect(outcome.notes).toEqual([
      '2 runs left out: cancelled, or waiting for somebody',
      'Laststep did not hear from 2026-11-22T10:00:00.000Z to 2026-11-22T10:00:09.000Z (down)',
    ])
  })
})

describe('before and after', () => {
  // oxfmt-ignore
  test.each([
    // before                      after                            thresholds                           what fails
    ['20 completed',               '20 completed',                  { maxDrop: 0 },                      []],
    ['19 completed, 1 failed',     '20 completed',                  { maxDrop: 0 },                      []],
    ['20 completed',               '19 completed, 1 failed',        { completion: 0 },                   []],
    ['20 completed',               '19 completed, 1 failed',        { completion: 0, maxDrop: 0.05 },    []],
    ['20 completed',               '19 completed, 1 failed',        { completion: 0, maxDrop: 0.04 },    ['comparison: completion is lower by 5 % than 1.0, 4 % allowed']],
    ['95 completed, 5 failed',     '94 completed, 6 failed',        { completion: 0, maxDrop: 0.01 },    []],
    ['20 completed',               '19 completed, 1 undelivered',   { delivery: 0, maxDrop: 0 },         ['comparison: delivery is lower by 5 % than 1.0, 0 % allowed']],
    ['20 completed',               '20 completed/unknown',          { delivery: null, maxDrop: 0 },      []],
    ['3 running, 2 cancelled',     '20 completed',                  {},                                  ['comparison: no decided run of version 1.0: nothing to compare with']],
  ] as const)('%s, then %s with %o', (then, now, thresholds, problems) => {
    expect(failed(seen(now, before(then)), thresholds)).toEqual(problems)
  })

  test('a kind of failure that the version before does not have is news', () => {
    const tool = { phase: 'tool', name: 'search', code: null } as const
    const old = madeRow('a', { status: 'stalled', step: tool, cause: 'tool-silent' })
    const fresh = madeRow('b', { status: 'failed', cause: 'exception-swallowed' })
    const facts = { rows: [old, fresh], before: { version: '1.0', rows: [old] }, doubts: [], gaps: [] }
    expect(decideGate(facts, USUAL).comparison?.news).toEqual(['assistant · failed · exception-swallowed'])
  })
})

describe('what failed', () => {
  const search = {
    phase: 'tool',
    name: 'search',
    code: { file: 'server/search.ts', line: 12, function: null },
  } as const
  const rows = [
    madeRow('s1', { status: 'stalled', step: search, cause: 'tool-silent' }),
    madeRow('u1', { status: 'undelivered', cause: 'client-gone' }),
    madeRow('s2', { status: 'stalled', step: search, cause: 'tool-silent' }),
    madeRow('s3', { status: 'stalled', step: { ...search, code: { ...search.code, line: 99 } }, cause: 'tool-silent' }),
    madeRow('l1', { status: 'lost', step: { ...search, code: null, name: null }, cause: 'process-lost', agent: null }),
    madeRow('p1', { status: 'completed', delivery: 'partial' }),
    madeRow('ok', { status: 'completed' }),
    madeRow('c1', { status: 'cancelled' }),
    madeRow('r1', { status: 'running' }),
    madeRow('x1', { status: 'running', isUnconfirmed: true }),
  ]

  test('is grouped by agent, step, line and cause, the most frequent first', () => {
    const { failures, undecided } = decideGate({ rows, before: null, doubts: [], gaps: [] }, USUAL)
    expect(
      failures.map(({ axis, title, code, runs }) => [axis, title, code?.line ?? null, runs.map(({ id }) => id)]),
    ).toEqual([
      ['completion', 'assistant · stalled in tool › search · tool-silent', 12, ['s1', 's2']],
      ['completion', 'an agent without a name · lost in tool · process-lost', null, ['l1']],
      ['delivery', 'assistant · completed, delivered in part', null, ['p1']],
      ['delivery', 'assistant · completed, not delivered · client-gone', null, ['u1']],
      ['completion', 'assistant · stalled in tool › search · tool-silent', 99, ['s3']],
    ])
    expect(undecided.map(({ id }) => id)).toEqual(['r1', 'x1'])
  })
})
