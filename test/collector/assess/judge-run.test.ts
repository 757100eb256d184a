/** Each rule of the judge at its edges: the moment before the deadline, and the deadline. */
import { describe, expect, test } from 'vitest'
import { toIso } from '../../../contract/units.ts'
import { judgeRun } from '../../../collector/assess/judge-run.ts'
import { loadPreset } from '../../../collector/assess/read-progression.ts'
import { HEARSAY } from '../../../collector/signal.ts'
import type { Circumstances } from '../../../collector/judgement.ts'
import type { RunFacts } from '../../../collector/run.ts'
import { START } from '../../kit/manual-clock.ts'
import { circumstances, instance, openSpan, ROOT, runFacts } from './facts.ts'

const progression = loadPreset('laststep')
const at = (seconds: number) => START + seconds * 1_000
const judge = (run: RunFacts, now: number, around: Partial<Circumstances> = {}) =>
  judgeRun(circumstances(run, around), progression, at(now))

const step = (own: Parameters<typeof openSpan>[0]) => runFacts({ open: { s1: ROOT, s2: openSpan(own) } })
const last = {
  spanId: 's9',
  phase: 'tool',
  stepName: 'search',
  name: 'execute_tool search',
  code: null,
  at: START,
  status: 'ok',
} as const
const thrown = {
  type: 'KeyError',
  message: 'x',
  spanId: 's9',
  spanName: 'started build',
  phase: 'started',
  stepName: 'build',
  code: null,
  at: START,
  status: 'error',
} as const
const told = { tellsDeliveries: true, spanId: 's1', acceptedAt: START, spanOpenedAt: START, open: { s1: ROOT } }
const alive = { instance: instance({ pulseAt: at(100_000) }) }

const told1 = (lastAt: number) => ({ count: 1, firstSeq: 1, firstAt: START, lastSeq: 2, lastAt })
const thoughts = { agent_thinking: told1(at(899)) }
const thinking = (own: Parameters<typeof openSpan>[0]) =>
  runFacts({ open: { s1: ROOT, s2: openSpan({ phase: 'reasoning', ...own }) }, events: thoughts })
const failing = { name: 'query', count: 20, since: at(-100), provenAt: START, spanId: 's9' }

// oxfmt-ignore
const RULES: readonly (readonly [string, RunFacts, Partial<Circumstances>, number, string, string | null])[] = [
  // rule                                  facts                                                        around                                     seconds  status       cause
  ['a tool within its patience',           step({}),                                                    {},                                        59.9,    'running',   null],
  ['a tool that makes one wonder',         step({}),                                                    {},                                        60,      'slow',      'tool-silent'],
  ['a tool just in time',                  step({}),                                                    {},                                        299.9,   'slow',      'tool-silent'],
  ['a tool that never answers',            step({}),                                                    {},                                        300,     'stalled',   'tool-silent'],
  ['a tool that made progress',            step({ progressAt: at(250) }),                               {},                                        309,     'running',   null],
  ['a model that thinks',                  step({ phase: 'reasoning' }),                                {},                                        44.9,    'running',   null],
  ['a silent model',                       step({ phase: 'reasoning' }),                                {},                                        180,     'stalled',   'model-silent'],
  ['finalising',                           step({ phase: 'finalise' }),                                 {},                                        9,       'running',   null],
  ['finalising for ever',                  step({ phase: 'finalise' }),                                 {},                                        30,      'stalled',   'unknown'],
  ['a question to a person',               step({ waiting: true }),                                     {},                                        1_799,   'waiting',   null],
  ['a question nobody answers',            step({ waiting: true }),                                     {},                                        3_600,   'stalled',   'waiting-too-long'],
  ['a run that says it waits',             step({ phase: 'tool' }),                                     {},                                        10,      'running',   null],
  ['a wait told by a record',              { ...step({}), waitingAt: START },                           {},                                        301,     'waiting',   null],
  ['a wait that is over',                  { ...step({}), waitingAt: null, resumedAt: at(1) },          {},                                        301,     'stalled',   'tool-silent'],
  ['a tool whose final record was lost',   step({ unreported: true }),                                  {},                                        29,      'running',   null],
  ['between steps',                        runFacts({ open: { s1: ROOT }, lastEnded: last }),           {},                                        30,      'slow',      'between-steps'],
  ['between steps for ever',               runFacts({ open: { s1: ROOT }, lastEnded: last }),           {},                                        120,     'stalled',   'between-steps'],
  ['finished spans only, a while ago',     runFacts({ spansSeen: 1, lastEnded: last }),                 {},                                        299,     'slow',      'unknown'],
  ['finished spans only, long ago',        runFacts({ spansSeen: 1, lastEnded: last }),                 {},                                        300,     'stalled',   'unknown'],
  ['accepted, about to start',             runFacts(told),                                              {},                                        4.9,     'running',   null],
  ['accepted, never started',              runFacts(told),                                              {},                                        5,       'stalled',   'never-started'],
  ['accepted, and the factory threw',      runFacts({ ...told, exception: thrown }),                    {},                                        5,       'stalled',   'exception-swallowed'],
  ['started without a message about it',   runFacts({ ...told, agentStartedAt: at(1) }),                {},                                        6,       'running',   null],
  ['ended, the terminal on its way',       runFacts({ ...told, agentStartedAt: at(1), spanEndedAt: START }), {},                                   1.9,     'running',   null],
  ['ended, the terminal skipped',          runFacts({ ...told, agentStartedAt: at(1), spanEndedAt: START }), {},                                   2,       'stalled',   'terminal-skipped'],
  ['over before it had begun',             runFacts({ ...told, spanEndedAt: START }),                   {},                                        2,       'stalled',   'never-started'],
  ['ended by a swallowed exception',       runFacts({ ...told, agentStartedAt: at(1), spanEndedAt: START, exception: thrown }), {},                2,       'stalled',   'exception-swallowed'],
  ['a pulse late',                         step({}),                                                    { instance: instance() },                  12.4,    'running',   null],
  ['a pulse gone',                         step({}),                                                    { instance: instance() },                  12.5,    'lost',      'process-lost'],
  ['a pulse gone in a stalled run',        step({}),                                                    { instance: instance({ pulseAt: at(400) }) }, 412.5, 'lost',     'process-lost'],
  ['a process that said goodbye',          step({}),                                                    { instance: instance({ stopped: true }) }, 2,       'lost',      'process-lost'],
  ['open spans still sent again',          step({ repeatedEvery: 5_000, heardAt: at(9) }),              {},                                        23.9,    'running',   null],
  ['open spans no longer sent again',      step({ repeatedEvery: 5_000, heardAt: at(9) }),              {},                                        24,      'lost',      'process-lost'],
  ['the same under a pulse',               step({ repeatedEvery: 5_000 }),                              alive,                                     59,      'running',   null],
  ['a span its process gave up',           step({ stopReason: 'shutdown' }),                            {},                                        2,       'lost',      'process-lost'],
  ['a block of half a second',             step({}),                                                    { instance: instance({ loopBlockedSince: START, loopBlockedMs: 500 }) }, 4, 'running', null],
  ['a block of a second',                  step({}),                                                    { instance: instance({ loopBlockedSince: START, loopBlockedMs: 1_000 }) }, 1, 'slow', 'loop-blocked'],
  ['a block of ten seconds',               step({}),                                                    { instance: instance({ loopBlockedSince: START, loopBlockedMs: 6_000 }) }, 10, 'stalled', 'loop-blocked'],
  ['silence since before a block',         step({ phase: 'reasoning' }),                                { instance: instance({ pulseAt: at(184), loopBlockedSince: at(181), loopBlockedMs: 3_000 }) }, 185, 'stalled', 'model-silent'],
  ['silence because of a block',           step({ phase: 'reasoning' }),                                { instance: instance({ pulseAt: at(184), loopBlockedSince: at(179), loopBlockedMs: 5_000 }) }, 185, 'stalled', 'loop-blocked'],
  ['silence and a short block',            step({ phase: 'reasoning' }),                                { instance: instance({ pulseAt: at(180), loopBlockedSince: at(179.5), loopBlockedMs: 500 }) }, 180, 'stalled', 'model-silent'],
  ['a question to a person and a block',   step({ waiting: true }),                                     { instance: instance({ pulseAt: at(3_600), loopBlockedSince: at(3_595), loopBlockedMs: 5_000 }) }, 3_600, 'stalled', 'waiting-too-long'],
  ['queued, for a while',                  runFacts({ ...told, queuedAt: START }),                      {},                                        29.9,    'running',   null],
  ['queued, for half a minute',            runFacts({ ...told, queuedAt: START }),                      {},                                        30,      'slow',      'queued'],
  ['queued for ever',                      runFacts({ ...told, queuedAt: START }),                      {},                                        300,     'stalled',   'queued'],
  ['queued, and had its turn',             runFacts({ ...told, queuedAt: START, agentStartedAt: at(9) }), {},                                      99,      'slow',      'between-steps'],
  ['queued, and a factory at work',        runFacts({ ...told, queuedAt: START, open: { s1: ROOT, s2: openSpan({ phase: 'started', openedAt: at(60) }) } }), {}, 64.9, 'running', null],
  ['queued, and a factory that hangs',     runFacts({ ...told, queuedAt: START, open: { s1: ROOT, s2: openSpan({ phase: 'started', openedAt: at(60) }) } }), {}, 65, 'stalled', 'never-started'],
  ['queued, and the factory threw',        runFacts({ ...told, queuedAt: START, exception: thrown }),   {},                                        5,       'stalled',   'exception-swallowed'],
  ['an open queue of a run without words', { ...step({ phase: 'accepted', waiting: true }), acceptedAt: START }, {},                                      300,     'stalled',   'queued'],
  ['thoughts, for a while',                thinking({ thoughtAt: at(299) }),                            {},                                        299.9,   'running',   null],
  ['thoughts and nothing else',            thinking({ thoughtAt: at(299) }),                            {},                                        300,     'slow',      'reasoning-loop'],
  ['thoughts and nothing else for ever',   thinking({ thoughtAt: at(899) }),                            {},                                        900,     'stalled',   'reasoning-loop'],
  ['thoughts, and then silence',           thinking({ thoughtAt: at(100) }),                            {},                                        280,     'stalled',   'model-silent'],
  ['thoughts, and a piece of content',     thinking({ thoughtAt: at(899), progressAt: at(700) }),       {},                                        900,     'running',   null],
  ['thoughts, and a word of something else', { ...thinking({ thoughtAt: at(899) }), events: { ...thoughts, progress_update: told1(at(700)) } }, {},     900, 'running',   null],
  ['a tool failing over and over, lately', runFacts({ open: { s1: ROOT }, failing, progressAt: at(59) }), {},                                      59.9,    'running',   null],
  ['a tool failing over and over',         runFacts({ open: { s1: ROOT }, failing, progressAt: at(59) }), {},                                      60,      'slow',      'reasoning-loop'],
  ['a tool failing over and over for ever', runFacts({ open: { s1: ROOT }, failing, progressAt: at(599) }), {},                                    600,     'stalled',   'reasoning-loop'],
  ['a pulse gone, and the run goes on',    { ...step({ progressAt: at(20) }), progressAt: at(20) },                               { instance: instance() },                  32.4,    'running',   null],
  ['a pulse gone, and the run stopped',    { ...step({ progressAt: at(20) }), progressAt: at(20) },     { instance: instance() },                  32.5,    'lost',      'process-lost'],
  ['a run for half an hour',               step({ progressAt: at(1_799) }),                             {},                                        1_800,   'slow',      null],
  ['cancelled',                            runFacts({ outcome: 'cancelled' }),                          {},                                        0,       'cancelled', null],
  ['failed',                               runFacts({ outcome: 'failed' }),                             {},                                        0,       'failed',    null],
  ['rejected',                             runFacts({ outcome: 'failed', outcomeEvent: 'run_rejected' }), {},                                      0,       'failed',    'rejected'],
  ['completed',                            runFacts({ outcome: 'succeeded' }),                          {},                                        0,       'completed', null],
]

describe('a verdict', () => {
  test.each(RULES)('%s', (_rule, run, around, now, status, cause) => {
    const { verdict } = judge(run, now, around)
    expect([verdict.status, verdict.cause]).toEqual([status, cause])
  })

  test('is dated by its deadline, not by when we looked', () => {
    const { verdict, flaggedAt } = judge(step({}), 4_711)
    expect(verdict).toMatchObject({
      since: toIso(at(300)),
      deadline: toIso(at(300)),
      limit: { ms: 300_000, from: 'contract' },
    })
    expect(flaggedAt).toBe(at(300))
  })

  test('of two that are overdue is that of the earlier deadline', () => {
    const tools = { s2: openSpan({}), s3: openSpan({ spanId: 's3', stepName: 'other', openedAt: at(-10) }) }
    expect(judge(runFacts({ open: { s1: ROOT, ...tools } }), 1_000).verdict.step?.name).toBe('other')
  })

  test('names the deepest open step, not what surrounds it', () => {
    const inner = openSpan({ spanId: 's3', parentSpanId: 's2', phase: 'reasoning', stepName: 'chat m' })
    const plumbing = openSpan({ spanId: 's4', parentSpanId: 's3', phase: null })
    const run = runFacts({ open: { s1: ROOT, s2: openSpan(), s3: inner, s4: plumbing } })
    expect(judge(run, 1).verdict.step).toMatchObject({ phase: 'reasoning', spanId: 's3' })
  })

  test('tells the moment at which it can change, and none once nothing is awaited', () => {
    expect(judge(step({}), 0).lookAgainAt).toBe(at(60))
    expect(judge(step({}), 60).lookAgainAt).toBe(at(300))
    expect(judge(step({}), 300).lookAgainAt).toBe(at(1_800))
    expect(judge(runFacts({ outcome: 'succeeded' }), 0).lookAgainAt).toBeNull()
  })

  test('keeps the since of a status that still holds', () => {
    const before = judge(step({}), 1).verdict
    expect(judge(step({}), 20, { before }).verdict.since).toBe(before.since)
  })

  test('stays a stall while a run that ended silently may still send its terminal', () => {
    const before = judge(step({}), 300).verdict
    const ended = { ...step({}), ...told, agentStartedAt: at(1), spanEndedAt: at(400), flaggedAt: at(300) }
    expect(judge(ended, 401, { before })).toMatchObject({ verdict: before, flaggedAt: at(300), lookAgainAt: at(402) })
    expect(judge(ended, 402, { before })).toMatchObject({ verdict: { cause: 'terminal-skipped' }, flaggedAt: at(402) })
  })

  test('flags nothing for time in which we were deaf', () => {
    expect(judge(step({}), 800, { gaps: [{ from: at(100), lengthMs: 600_000, reason: 'down' }] }).verdict.status).toBe(
      'slow',
    )
  })

  test('quotes a record in every line of every flag', () => {
    for (const [, run, around, now, status] of RULES) {
      if (status !== 'stalled' && status !== 'lost') continue
      expect(judge(run, now, around).verdict.evidence.filter(({ ref }) => ref === null)).toEqual([])
    }
  })
})

describe('its confidence', () => {
  // oxfmt-ignore
  test.each([
    ['an open step under a living pulse',      step({}),                                     alive,                     'T1'],
    ['an open step and no pulse any more',     step({}),                                     { instance: instance() },  'T2'],
    ['an open step of a process without one',  step({}),                                     {},                        'T2'],
    ['an open step that is sent again',        step({ repeatedEvery: 5_000, heardAt: at(99) }), {},                     'T1'],
    ['an open step no longer sent again',      step({ repeatedEvery: 5_000, heardAt: at(80) }), {},                     'T2'],
    ['an open span told of by another only',   runFacts({ open: { s1: { ...ROOT, seq: HEARSAY.ofDescendant } }, lastEnded: last }), {}, 'T3'],
    ['finished spans only',                    runFacts({ spansSeen: 3, lastEnded: last }),  {},                        'T3'],
    ['its span ended, under a living pulse',   runFacts({ spansSeen: 3, spanEndedAt: at(1), lastEnded: last }), alive,      'T1'],
    ['its span ended, and no pulse any more',  runFacts({ spansSeen: 3, spanEndedAt: at(1), lastEnded: last }), { instance: instance() }, 'T2'],
    ['its span ended in a process without',    runFacts({ spansSeen: 3, spanEndedAt: at(1), lastEnded: last }), {},         'T3'],
    ['messages only',                          runFacts({ spansSeen: 0 }),                   {},                        'T4'],
  ])('%s', (_what, run, around, confidence) => {
    expect(judge(run, 100, around).verdict.confidence).toBe(confidence)
  })
})

test('a run that was flagged and completes says by how much it was late', () => {
  const run = runFacts({ outcome: 'succeeded', outcomeAt: at(320), flaggedAt: at(300) })
  expect(judge(run, 320).verdict).toMatchObject({ status: 'completed', lateByMs: 20_000 })
})
