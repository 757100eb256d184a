import { expect, test } from 'vitest'
import { judgeRun } from '../../../collector/assess/judge-run.ts'
import { makeChecklist } from '../../../collector/assess/make-checklist.ts'
import { loadPreset } from '../../../collector/assess/read-progression.ts'
import type { RunFacts } from '../../../collector/run.ts'
import { START } from '../../kit/manual-clock.ts'
import { circumstances, message, openSpan, ROOT, runFacts, send } from './facts.ts'

const seen = (seq: number) => ({ count: 1, firstSeq: seq, firstAt: START, lastSeq: seq, lastAt: START })
const steps = (begun: number, ended: number) => ({ begun, ended, firstAt: START, begunAt: START, lastEndedAt: null })
const told = { tellsDeliveries: true, acceptedAt: START, open: { s1: ROOT } }
const started = { ...told, agentStartedAt: START, events: { agent_started: seen(1) } }
const inTool = {
  ...started,
  open: { s1: ROOT, s2: openSpan() },
  events: { ...started.events, tool_executing: seen(2) },
}
const completed = { ...started, outcome: 'succeeded', outcomeEvent: 'agent_completed', open: {} } as const

// oxfmt-ignore
test.each<[string, Partial<RunFacts>, number, string]>([
  // what happened                             facts                                                  seconds  started · thinking · executing · tool completed · completed
  ['accepted a moment ago',                    told,                                                  1,       'pending optional optional optional pending'],
  ['never started',                            told,                                                  60,      'overdue optional optional optional pending'],
  ['at work in a tool',                        inTool,                                                1,       'done optional done pending pending'],
  ['stalled in a tool',                        inTool,                                                400,     'done optional done overdue pending'],
  ['completed without a word about its start', { ...completed, events: { agent_completed: seen(1) } }, 1,      'skipped optional optional optional done'],
  ['completed with a tool left open',          { ...completed, events: { ...inTool.events, agent_completed: seen(3) } }, 1, 'done optional done skipped done'],
  ['plain spans, completed',                   { outcome: 'succeeded', outcomeAt: START, spanOpenedAt: START, steps: { reasoning: steps(2, 2), tool: steps(1, 1) } }, 1, 'done done done done done'],
])('%s', (_what, facts, now, states) => {
  const run = runFacts(facts)
  const { verdict } = judgeRun(circumstances(run), loadPreset('laststep'), START + now * 1_000)
  const list = makeChecklist({ facts: run, verdict }, loadPreset('laststep'))
  expect(list.map((item) => item.state).join(' ')).toBe(states)
})

// oxfmt-ignore
test.each([
  ['written',     { emitted: START, written: START }],
  ['received',    { emitted: START, written: START, received: START }],
  ['dropped',     { emitted: START, dropped: START }],
  ['transported', { emitted: START, written: START, transported: START, dropped: START }],
] as const)('says how far the first message got: %s', (state, at) => {
  const run = runFacts({ ...started, messages: { 1: message({ event: 'agent_started', sends: send(at) }) } })
  const { verdict } = judgeRun(circumstances(run), loadPreset('laststep'), START)
  expect(makeChecklist({ facts: run, verdict }, loadPreset('laststep'))[0]).toMatchObject({ seq: 1, delivery: state })
})

// oxfmt-ignore
test.each([
  ['written', { emitted: START, dropped: START }, { emitted: START, written: START }],
  ['emitted', { emitted: START, dropped: START }, { emitted: START }],
  ['dropped', { emitted: START, dropped: START }, { emitted: START, dropped: START }],
  ['received', { emitted: START, received: START }, { emitted: START, dropped: START }],
] as const)('over two connections a message got as far as the better one: %s', (state, first, second) => {
  const sends = { ...send(first), 'c2/1': { connectionId: 'c2', attempt: 1, at: second, reason: null } }
  const run = runFacts({ ...started, messages: { 1: message({ event: 'agent_started', sends }) } })
  const { verdict } = judgeRun(circumstances(run), loadPreset('laststep'), START)
  expect(makeChecklist({ facts: run, verdict }, loadPreset('laststep'))[0]).toMatchObject({ seq: 1, delivery: state })
})
