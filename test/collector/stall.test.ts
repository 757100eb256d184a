import { describe, expect, test } from 'vitest'
import { fingerprintOfRun } from '../../collector/fingerprint.ts'
import { phaseTimesOf } from '../../collector/phase-times.ts'
import type { RunFacts } from '../../collector/run.ts'
import { stallWords } from '../../collector/stall.ts'
import type { Step } from '../../contract/runs.ts'
import type { Status } from '../../contract/statuses.ts'
import { toIso } from '../../contract/units.ts'
import { runFacts } from './assess/facts.ts'
import { makeRow, makeVerdict, START } from './serve/kit/made-runs.ts'

const STEP: Step = {
  phase: 'tool',
  name: 'search',
  spanId: 's2',
  since: toIso(START),
  code: { file: 'src/search.ts', line: 88, function: 'search' },
}
const STALLED = makeRow({ id: 'r', status: 'stalled', step: STEP, cause: 'tool-silent' })

// oxfmt-ignore
test.each<[from: Status | null, to: Status, says: 'stands' | 'over' | 'nothing']>([
  [null,       'running',   'nothing'],
  [null,       'stalled',   'stands'],
  ['running',  'stalled',   'stands'],
  ['stalled',  'stalled',   'stands'],
  ['stalled',  'lost',      'stands'],
  ['lost',     'running',   'over'],
  ['stalled',  'completed', 'over'],
  ['stalled',  'failed',    'over'],
  ['running',  'completed', 'nothing'],
  ['slow',     'waiting',   'nothing'],
  ['running',  'undelivered', 'nothing'],
])('from %s to %s the history is told: %s', (from, to, says) => {
  const row = { ...STALLED, status: to }
  const run = { row, verdict: makeVerdict(row, { since: toIso(START + 5) }), facts: runFacts() }
  const [word] = stallWords({ run, from, to, at: START + 9 })
  expect(word?.kind ?? 'nothing').toBe(says)
  if (word?.kind === 'over') expect(word).toMatchObject({ at: START + 9, hasMovedOn: to === 'running' })
  if (word?.kind === 'stands') expect(word).toMatchObject({ since: START + 5, stall: { version: '1.4.2', userId: 'u_1' } })
})

test('a run that stood still and completed after all is told of as late, also when it had moved on in between', () => {
  const row = { ...STALLED, status: 'completed' as const }
  const run = { row, verdict: makeVerdict(row, { lateByMs: 5 }), facts: runFacts() }
  const kinds = (from: Status) => stallWords({ run, from, to: 'completed', at: START }).map(({ kind }) => kind)
  expect([kinds('running'), kinds('stalled')]).toEqual([['late'], ['over', 'late']])
})

describe('the fingerprint', () => {
  // oxfmt-ignore
  test.each([
    // another                                                                              is
    [{ id: 'other', userId: 'v', version: '9', traceId: null, sessionId: 's' },              'the same'],
    [{ step: { ...STEP, since: toIso(START + 1), spanId: null } },                           'the same'],
    [{ step: { ...STEP, code: { file: 'src/search.ts', line: 89, function: 'search' } } },   'the same'],
    [{ step: { ...STEP, code: { file: '/srv/7/src/search.ts', line: 88, function: 'search' } } }, 'the same'],
    [{ step: { ...STEP, code: { file: 'src/search.ts', line: 88, function: 'ship' } } },     'another'],
    [{ step: { ...STEP, code: { file: 'src/search.ts', line: 88, function: null } } },       'another'],
    [{ agent: 'billing' },                                                                   'another'],
    [{ environment: 'production' },                                                          'another'],
    [{ cause: 'loop-blocked' },                                                              'another'],
    [{ step: { ...STEP, name: 'ship' } },                                                    'another'],
    [{ step: { ...STEP, code: { file: 'src/search.ts', line: 89, function: null } } },       'another'],
    [{ step: null },                                                                         'another'],
  ] as const)('of a run with %j is %s', (different, is) => {
    const same = fingerprintOfRun(STALLED) === fingerprintOfRun({ ...STALLED, ...different })
    expect(same).toBe(is === 'the same')
  })
})

describe('how long a run took to each phase', () => {
  const events = { thinking: { phase: 'reasoning' }, searching: { phase: 'tool' } }
  const progression = { events, patterns: [] } as unknown as Parameters<typeof phaseTimesOf>[1]
  const steps = (begunAt: number) => ({ begun: 1, ended: 1, firstAt: START + 999, begunAt, lastEndedAt: null })
  const seen = (firstAt: number) => ({ count: 1, firstSeq: 1, firstAt, lastSeq: 1, lastAt: firstAt })
  // oxfmt-ignore
  test.each<[says: string, facts: Partial<RunFacts>, times: object]>([
    ['nothing is known',              {},                                                                              {}],
    ['spans say, by their own clock', { startedAt: START - 60_000, steps: { reasoning: steps(START - 59_000) } },     { reasoning: 1_000 }],
    ['messages say, by ours',         { firstHeardAt: START, events: { searching: seen(START + 70) } },               { tool: 70 }],
    ['both say: spans are believed',  { startedAt: START, steps: { tool: steps(START + 5) }, events: { searching: seen(START + 70) } }, { tool: 5 }],
    ['an unknown message',            { events: { hello: seen(START + 70) } },                                         {}],
    ['it started and ended',          { agentStartedAt: START + 3, outcome: 'succeeded', endedAt: START + 40 },        { started: 3, terminal: 40 }],
    ['clocks disagree',               { startedAt: START, steps: { tool: steps(START - 5) } },                         { tool: 0 }],
    ['it has not ended',              { endedAt: START + 40 },                                                         {}],
  ])('%s', (_, facts, times) => {
    expect(phaseTimesOf(runFacts({ startedAt: START, firstHeardAt: START, ...facts }), progression)).toEqual(times)
  })
})
