import { describe, expect, test } from 'vitest'
import type { PastStall } from '../../contract/runs.ts'
import type { Status } from '../../contract/statuses.ts'
import { fromIso, minutes, seconds } from '../../contract/units.ts'
import { laneMessages, laneTicks, messageAt, summariseLane } from '../../web/model/lane.ts'
import { runAsMarkdown } from '../../web/model/markdown.ts'
import { formatTime } from '../../web/model/format.ts'
import { writePastStall } from '../../web/model/past-stalls.ts'
import { titleOf, writeSentence } from '../../web/model/sentence.ts'
import { confirmationWords } from '../../web/model/words.ts'
import { makeRun, type RunWish } from './kit/make-run.ts'

const NOW = Date.UTC(2026, 10, 22, 3, 4, 0)
const run = (status: Status, wish: Partial<RunWish> = {}) =>
  makeRun({ id: 'run_01', status, now: NOW, age: minutes(5), quiet: minutes(4), ...wish })

// oxfmt-ignore
describe('the sentence', () => {
  test.each([
    // status         reads
    ['stalled',       'Stalled in tool › search_orders for 4 m 00 s'],
    ['lost',          'Lost in tool › search_orders for 4 m 00 s'],
    ['running',       'Running in tool › search_orders for 4 m 00 s'],
    ['waiting',       'Waiting for 4 m 00 s'],
    ['completed',     'Completed in 4 m 30 s'],
    ['undelivered',   'Completed in 4 m 30 s, but not delivered'],
    ['failed',        'Failed after 4 m 30 s'],
    ['cancelled',     'Cancelled after 4 m 30 s'],
  ] as const)('of a %s run', (status, words) => {
    const { lead, step, length } = writeSentence(run(status), NOW)
    expect([lead, step, length].filter(Boolean).join(' ')).toBe(words)
  })
})

test('the facts of a stall: cause, since when, what was expected, where in the code', () => {
  const stalled = run('stalled')
  const { facts, code } = writeSentence(stalled, NOW)
  expect(facts).toEqual([
    'The tool has not answered',
    `no progress since ${formatTime(fromIso(stalled.lastProgressAt), NOW)}`,
    'expected within 20 s (contract › tool)',
  ])
  expect(code).toEqual({ file: 'src/tools/search.ts', line: 88, function: 'execute' })
  expect(titleOf(stalled, NOW)).toBe('stalled in tool › search_orders (4 m 00 s)')
})

// oxfmt-ignore
test.each([
  [30,  212,    200,    'expected within 30 s (learned from 212 finished runs of this step, p99 200 ms × 3, and no less)'],
  [13,  212,    4_200,  'expected within 13 s (learned from 212 finished runs of this step, p99 4.2 s × 3)'],
  [600, 1_999,  200_000, 'expected within 10 m (learned from 1\u2009999 finished runs of this step, p99 3 m 20 s × 3)'],
  [300, 50,     200_000, 'expected within 5 m (learned from 50 finished runs of this step, p99 3 m 20 s × 3, and no more)'],
])('a learned limit of %i s says from what', (limit, samples, p99Ms, words) => {
  const stalled = run('stalled')
  const learned = { ms: seconds(limit), from: 'learned › research › tool › search', learned: { samples, p99Ms, factor: 3 } }
  const { facts } = writeSentence({ ...stalled, verdict: { ...stalled.verdict, limit: learned } }, NOW)
  expect(facts).toContain(words)
})

test('the exception that was swallowed is named', () => {
  expect(writeSentence(run('failed'), NOW).facts).toContain("KeyError: 'orchestrator'")
  expect(writeSentence(run('stalled'), NOW).facts.join()).not.toContain('KeyError')
})

test('a run that did its work and never said so stalls at its end', () => {
  const { lead, step } = writeSentence(run('stalled', { phase: 'terminal' }), NOW)
  expect([lead, step]).toEqual(['Stalled at its end', null])
})

test('a run that completed after its deadline says how late', () => {
  const late = run('completed')
  const { facts } = writeSentence({ ...late, verdict: { ...late.verdict, lateByMs: seconds(90) } }, NOW)
  expect(facts).toContain('1 m 30 s past its deadline')
})

test('a run whose answer went one way says that it was written, and claims no more', () => {
  const completed = run('completed')
  const factsOf = (outcome: typeof completed.delivery.outcome, deliveries = completed.deliveries) =>
    writeSentence({ ...completed, deliveries, delivery: { required: 0, confirmed: 0, outcome } }, NOW).facts.join()
  expect(factsOf('unknown')).toContain('written, not confirmed')
  expect(factsOf('delivered')).not.toContain('written')
  // Of a runtime that tells nothing of its messages not even that is known.
  expect(factsOf('unknown', [])).not.toContain('written')
})

// oxfmt-ignore
test.each([
  [{ acks: true,  stream: null },   'the client acknowledges messages'],
  [{ acks: true,  stream: 'sse' },  'the client acknowledges messages'],
  [{ acks: false, stream: null },   'no acks: at most transport-confirmed'],
  [{ acks: false, stream: 'http' }, 'no acks: a one-way stream (http), at most written, unless its client comes back'],
] as const)('what a connection can confirm: %j', (connection, words) => {
  expect(confirmationWords(connection)).toBe(words)
})

test('a run of which nothing came since a gap in our own hearing says so', () => {
  const stalled = run('stalled')
  const gap = { from: '2026-11-22T03:00:00.000Z', to: '2026-11-22T03:02:00.000Z', reason: 'down' } as const
  const { facts } = writeSentence({ ...stalled, verdict: { ...stalled.verdict, unconfirmed: gap } }, NOW)
  const [from, to] = [gap.from, gap.to].map((at) => formatTime(fromIso(at), NOW))
  expect(facts).toContain(`unconfirmed: nothing heard of it since Laststep was not running, ${from} to ${to}`)
})

test('weaker evidence is said beside the cause', () => {
  expect(writeSentence(run('lost'), NOW).facts[0]).toBe(
    'The process vanished without a goodbye (an open span and no pulse)',
  )
})

test('Markdown that pastes: absolute times, the checklist as a table, the lost messages', () => {
  const text = runAsMarkdown(run('undelivered'), 'https://laststep.example/runs/run_01', NOW)
  expect(text).toContain('## Run run_01 — completed in 4 m 30 s, but not delivered')
  expect(text).toContain('agent support · staging · service.version 1.4.2 · user u_8812 · trace ')
  expect(text).toMatch(/\| 5 \| agent_completed \| 2026-11-22T03:0\d:\d\d\.\d{3}Z \| \+.* \| done, dropped \|/)
  expect(text).toContain('Deliveries: emitted 46, written 46, confirmed 44, lost 2 (seq 21, 46)')
  expect(text).toContain('Link: https://laststep.example/runs/run_01')
  expect(runAsMarkdown(run('stalled'), 'l', NOW)).toContain(
    'No progress at src/tools/search.ts:88 since 2026-11-22T03:00:00.000Z; expected ≤ 20 s (contract › tool)',
  )
})

// oxfmt-ignore
describe('what a run got over is said', () => {
  const from = '2026-11-22T03:00:00.000Z'
  const step = { phase: 'tool', name: 'search', spanId: null, since: from, code: null } as const
  const stall: PastStall = {
    status: 'stalled', step, cause: 'tool-silent', since: '2026-11-22T03:00:20.000Z', deadline: '2026-11-22T03:00:20.000Z',
    endedAt: '2026-11-22T03:04:12.000Z', ending: 'recovered', lateByMs: null,
  }

  test.each<[string, Partial<PastStall>, string]>([
    // what                        other than a stall that recovered                             in words
    ['it recovered',               {},                                                           'Stalled for 4 m 12 s in tool › search, until 03:04:12'],
    ['its process came back',      { status: 'lost' },                                           'Lost for 4 m 12 s in tool › search, until 03:04:12'],
    ['it completed late',          { ending: 'completed', lateByMs: 232_000 },                   'Stalled for 4 m 12 s in tool › search, until 03:04:12, then completed 3 m 52 s late'],
    ['it completed, undelivered',  { ending: 'completed' },                                      'Stalled for 4 m 12 s in tool › search, until 03:04:12, then completed'],
    ['it failed',                  { ending: 'failed' },                                         'Stalled for 4 m 12 s in tool › search, until 03:04:12, then failed'],
    ['it was delivered late',      { status: 'undelivered', step: null, ending: 'completed', lateByMs: 232_000 }, 'Undelivered for 3 m 52 s, until 03:04:12, then delivered 3 m 52 s late'],
    ['it stood at its end',        { step: { ...step, phase: 'terminal', name: null } },         'Stalled for 4 m 12 s, until 03:04:12'],
    ['it was none',                { ending: 'withdrawn' },                                      'Stalled in tool › search from 03:00:20, withdrawn 03:04:12: its deadline had moved, nothing was heard of it'],
  ])('%s', (_what, different, words) => {
    expect(writePastStall({ ...stall, ...different }, (at) => at.slice(11, 19))).toBe(words)
  })

  test('in Markdown each is a line, under what the run is', () => {
    const text = runAsMarkdown({ ...run('completed'), pastStalls: [stall, { ...stall, status: 'lost' }] }, 'l', NOW)
    expect(text).toContain('\n- Stalled for 4 m 12 s in tool › search, until 2026-11-22T03:04:12.000Z\n- Lost for 4 m 12 s')
  })
})

describe('the deliveries lane', () => {
  const lost = run('undelivered')
  const messages = laneMessages(lost.deliveries, fromIso(lost.startedAt))
  const window = { from: 0, to: minutes(5) }

  test('counts what got how far', () => {
    const summary = summariseLane(messages)
    expect([summary.emitted, summary.written, summary.confirmed]).toEqual([46, 46, 44])
    expect(summary.lost.map((message) => message.seq)).toEqual([21, 46])
  })

  test('a message that went over two connections is one, and lost only when both ways were dead ends', () => {
    const [first] = run('completed').deliveries
    if (first === undefined) throw new Error('expected a message')
    const at = first.states[0]?.at ?? ''
    const over = (connectionId: string, ...states: (typeof first.states)[number]['state'][]) => ({
      ...first,
      connectionId,
      reason: states.includes('dropped') ? 'closed' : null,
      states: states.map((state) => ({ state, at })),
    })
    const summary = (...sends: ReturnType<typeof over>[]) => {
      const { emitted, written, confirmed, lost: gone } = summariseLane(laneMessages(sends, fromIso(at)))
      return [emitted, written, confirmed, gone.length]
    }
    expect(summary(over('c1', 'emitted', 'dropped'), over('c2', 'emitted', 'written'))).toEqual([1, 1, 0, 0])
    expect(summary(over('c1', 'emitted', 'dropped'), over('c2', 'emitted', 'dropped'))).toEqual([1, 0, 0, 1])
    expect(summary(over('c1', 'emitted', 'written', 'received'), over('c2', 'emitted', 'dropped'))).toEqual([
      1, 1, 1, 0,
    ])
  })

  test('ticks closer than 2 px become one that counts them; a lost one never disappears', () => {
    const [emitted, , confirmed] = laneTicks(messages, window, 30)
    expect(emitted?.length).toBeLessThan(20)
    expect(emitted?.reduce((sum, tick) => sum + tick.count, 0)).toBe(46)
    expect(confirmed?.filter((tick) => tick.kind === 'lost')).toHaveLength(2)
    expect(laneTicks(messages, window, 5_000)[0]).toHaveLength(46)
  })

  test('a message not yet confirmed stands hollow where it was last seen', () => {
    const open = run('running')
    const last = laneTicks(laneMessages(open.deliveries, fromIso(open.startedAt)), window, 5_000)[2]?.at(-1)
    expect(last?.kind).toBe('pending')
  })

  test('a click finds the nearest message, and nothing where there is nothing', () => {
    const third = messages[2]!
    expect(messageAt(messages, 0, (third.emittedAt / minutes(5)) * 2_000 + 3, window, 2_000)?.seq).toBe(3)
    expect(messageAt(messages, 0, 1_990, window, 2_000)).toBeNull()
  })
})
