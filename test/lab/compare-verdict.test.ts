import { describe, expect, test } from 'vitest'
import type { DeliveryState } from '../../contract/deliveries.ts'
import type { ChecklistItem, DeliveryView, RunRow, Step } from '../../contract/runs.ts'
import type { Status } from '../../contract/statuses.ts'
import { seconds, toIso, type Instant } from '../../contract/units.ts'
import { compareVerdict, isDecided, type Judged } from '../../tools/lab/compare-verdict.ts'
import type { Expected } from '../../tools/lab/mode.ts'
import type { Page, PageCheckName } from '../../tools/lab/page-checks.ts'

const EXPECTED: Expected = {
  status: 'stalled',
  phase: 'tool',
  cause: 'tool-silent',
  confidence: 'T1',
  file: 'server/search.ts',
  says: /open since/,
}

const STEP: Step = { phase: 'tool', name: 'search', spanId: null, since: '', code: null }

function run(changes: Partial<Judged> = {}, verdict: Partial<Judged['verdict']> = {}): Judged {
  const code = { file: 'server/search.ts', line: 16, function: null }
  const evidence = [{ text: 'span "execute_tool" open since 10:00', ref: null }]
  return {
    status: 'stalled',
    cause: 'tool-silent',
    confidence: 'T1',
    step: { ...STEP, code },
    verdict: { evidence, lateByMs: null, ...verdict },
    checklist: [],
    deliveries: [],
    ...changes,
  }
}

const text = (said: string) => ({ evidence: [{ text: said, ref: null }] })

describe('a verdict', () => {
  // oxfmt-ignore
  test.each<[string, Judged, string[]]>([
    ['as expected',            run(),                                              []],
    ['another status',         run({ status: 'lost' }),                            ['status lost, not stalled']],
    ['another cause',          run({ cause: 'model-silent' }),                     ['cause model-silent, not tool-silent']],
    ['less sure',              run({ confidence: 'T3' }),                          ['confidence T3, not T1']],
    ['without a step',         run({ step: null }),                                ['phase none, not tool', 'server/search.ts is not named']],
    ['the line in its words',  run({ step: STEP }, text('open since 10:00, at server/search.ts:16')), []],
    ['silent about it',        run({}, text('nothing')),                           ['the evidence does not say open since']],
  ])('%s', (_name, found, problems) => {
    expect(compareVerdict(found, EXPECTED)).toEqual(problems)
  })

  test('that must be late and is not', () => {
    const expected = { ...EXPECTED, isLate: true } as const
    expect(compareVerdict(run(), expected)).toEqual(['it is not told that it was late'])
    expect(compareVerdict(run({}, { ...text('open since 10:00'), lateByMs: 1 }), expected)).toEqual([])
  })
})

describe('a page', () => {
  const item = (event: string, count: number): ChecklistItem => {
    return { event, phase: 'tool', count, state: 'done', at: null, delivery: null, seq: null }
  }
  const message = (seq: number, attempt: number, queuedAt: string, ...more: DeliveryState[]): DeliveryView => {
    const at = `2026-11-22T00:00:0${queuedAt}.000Z`
    const states = (['queued', ...more] as const).map((state) => ({ state, at }))
    const rest = { spanId: null, bytes: null, targets: 1, reason: null }
    return { seq, attempt, event: 'agent_thinking', connectionId: 'c1', states, ...rest }
  }
  // oxfmt-ignore
  test.each<[PageCheckName, Partial<Page>, Partial<Page>]>([
    // check                     shows it                                                                   does not
    ['sent-again',               { deliveries: [message(1, 1, '1'), message(1, 2, '1')] },                  { deliveries: [message(1, 1, '1')] }],
    ['out-of-order',             { deliveries: [message(1, 1, '2'), message(2, 1, '1')] },                  { deliveries: [message(1, 1, '1'), message(2, 1, '1')] }],
    ['never-handled',            { deliveries: [message(1, 1, '1', 'received')] },                          { deliveries: [message(1, 1, '1', 'received', 'handled')] }],
    ['more-calls-than-results',  { checklist: [item('tool_executing', 2), item('tool_completed', 1)] },     { checklist: [item('tool_executing', 1), item('tool_completed', 1)] }],
    ['results-without-calls',    { checklist: [item('tool_executing', 0), item('tool_completed', 1)] },     { checklist: [item('tool_executing', 1), item('tool_completed', 1)] }],
  ])('%s', (page, shown, absent) => {
    const expected = { ...EXPECTED, page }
    expect(compareVerdict(run(shown), expected)).toEqual([])
    expect(compareVerdict(run(absent), expected)).toEqual([`the page does not show ${page}`])
  })
})

describe('whether it is decided', () => {
  const NOW: Instant = seconds(100)
  const late: Expected = { ...EXPECTED, isLate: true }
  // oxfmt-ignore
  test.each<[Status, RunRow['delivery']['outcome'], number, Expected, boolean]>([
    // status         messages      ended at   expected   decided
    ['running',       'pending',    0,         EXPECTED,  false],
    ['slow',          'pending',    0,         EXPECTED,  false],
    ['waiting',       'pending',    0,         EXPECTED,  false],
    ['stalled',       'pending',    0,         EXPECTED,  true],
    ['undelivered',   'undelivered', 99,       EXPECTED,  true],
    ['undelivered',   'undelivered', 99,       late,      false],
    ['failed',        'pending',    99,        EXPECTED,  true],
    ['completed',     'pending',    99,        EXPECTED,  false],
    ['completed',     'partial',    99,        EXPECTED,  false],
    ['completed',     'partial',    91,        EXPECTED,  true],
    ['completed',     'delivered',  99,        EXPECTED,  true],
  ])('%s, its messages %s, ended at %d s', (status, outcome, endedAt, expected, decided) => {
    const row = { status, delivery: { outcome }, endedAt: toIso(seconds(endedAt)) }
    expect(isDecided(row, expected, NOW)).toBe(decided)
  })
})
