import { describe, expect, test } from 'vitest'
import { loadPreset } from '../../../collector/assess/read-progression.ts'
import type { ChecklistItem, Verdict } from '../../../contract/runs.ts'
import type { Status } from '../../../contract/statuses.ts'
import { conclude, isDecided } from '../../../tools/probe/conclude.ts'
import { followRun } from '../../../tools/probe/follow-run.ts'
import { withMisrouted } from '../../../tools/probe/probe-many.ts'
import { readFrame } from '../../../tools/probe/read-frame.ts'
import type { RunView, SeenEvent } from '../../../tools/probe/run-view.ts'
import { quantilesOf } from '../../../tools/quantiles.ts'

const laststep = loadPreset('laststep')

function verdict(status: Status, more: Partial<Verdict> = {}): Verdict {
  const nothing = {
    step: null,
    cause: null,
    deadline: null,
    limit: null,
    unconfirmed: null,
    lateByMs: null,
    otherwise: null,
    explainedBy: null,
  }
  return { status, since: '', confidence: 'T4', evidence: [], ...nothing, ...more }
}

const item = (event: string, state: ChecklistItem['state'], count: number): ChecklistItem => {
  return { event, phase: 'tool', state, count, at: null, delivery: null, seq: null }
}

const seen = (event: string, text: string | null, seq: number): SeenEvent => {
  return { event, text, seq, callId: null, at: 0, afterMs: 0, waitedMs: 0, limitMs: null, isAfterEnd: false }
}

const STALLED = verdict('stalled', {
  cause: 'tool-silent',
  step: { phase: 'tool', name: null, spanId: null, since: '', code: null },
  limit: { ms: 3_000, from: 'contract', learned: null },
  evidence: [{ text: 'tool_executing was the last', ref: null }],
})

describe('what a run’s end amounts to', () => {
  // oxfmt-ignore
  test.each([
    ['completed, all there',   verdict('completed'), [item('agent_started', 'done', 1)], null, [], []],
    ['a required one skipped', verdict('completed'), [item('agent_started', 'skipped', 0)], null, [], ['agent_started never came']],
    ['an expected one not',    verdict('completed'), [item('tool_executing', 'optional', 0)], null, ['tool_executing'], ['tool_executing never came']],
    ['nobody expected it',     verdict('completed'), [item('tool_executing', 'optional', 0)], null, [], []],
    ['stalled',                STALLED,              [], null, ['tool_executing'], ['stalled in tool, tool-silent after 3 s of silence (contract): tool_executing was the last']],
    ['cancelled',              verdict('cancelled'), [], null, [], ['the run was cancelled']],
    ['waiting',                verdict('waiting'),   [], null, [], ['the run waits for somebody, and a probe answers nobody: ask for something that needs no approval']],
    ['the connection closed',  verdict('running'),   [], 'the connection was closed with 1006 before the run had ended', [], ['the connection was closed with 1006 before the run had ended']],
    ['never asked',            null,                 [], 'cannot connect', [], ['cannot connect']],
  ] as const)('%s', (_what, said, checklist, trouble, expected, problems) => {
    expect(conclude({ verdict: said, checklist, seen: [], trouble, expected }, laststep)).toEqual(problems)
  })

  test('a failure quotes what the runtime said, also in frames that no contract knows', () => {
    const events = [
      seen('agent_started', null, 1),
      seen('error', 'no such agent', 2),
      seen('agent_error', 'it broke', 3),
    ]
    const found = { verdict: verdict('failed'), checklist: [], seen: events, trouble: null, expected: [] }
    expect(conclude(found, laststep)).toEqual([
      'failed: agent_error says it broke',
      'the runtime said error: no such agent',
    ])
  })

  // oxfmt-ignore
  test.each([
    ['running', false], ['slow', false], ['waiting', true], ['stalled', true], ['lost', true],
    ['completed', true], ['failed', true], ['cancelled', true], ['undelivered', true],
  ] as const)('%s decides: %s', (status, decided) => expect(isDecided(verdict(status))).toBe(decided))
})

describe('whose a frame is', () => {
  const frame = (more: object) => readFrame(JSON.stringify({ type: 'agent_thinking', seq: 1, ...more }), laststep)
  const take = (run: ReturnType<typeof followRun>, more: object) => run.take(frame(more), 5, null, false) !== null

  test('the run that answers in our conversation is ours, and no other of the same user', () => {
    const run = followRun(laststep, 'k')
    run.asked(0)
    expect(take(run, { run_id: 'run_other', thread_id: 'thread_x' })).toBe(false)
    expect(take(run, { run_id: 'run_mine', thread_id: 'thread_k' })).toBe(true)
    expect(run.runId).toBe('run_mine')
    expect(take(run, { run_id: 'run_mine', thread_id: 'thread_k' })).toBe(true)
    expect(take(run, { run_id: 'run_late', thread_id: 'thread_x' })).toBe(false)
    expect([...run.strangers]).toEqual(['run_other', 'run_late'])
  })

  test('what names neither run nor conversation is an answer to us, once we have asked', () => {
    const run = followRun(laststep, 'k')
    expect(take(run, {})).toBe(false)
    run.asked(0)
    expect(take(run, {})).toBe(true)
  })

  test('where the client gives the id, another one is a stranger from the first frame on', () => {
    const agUi = loadPreset('ag-ui')
    const run = followRun(agUi, 'k')
    run.asked(0)
    const hear = (json: object) => run.take(readFrame(JSON.stringify(json), agUi), 1, null, false) !== null
    expect(hear({ type: 'RUN_STARTED', runId: 'run_z', threadId: 'thread_k' })).toBe(false)
    expect(hear({ type: 'RUN_STARTED', runId: 'run_k', threadId: 'thread_k' })).toBe(true)
    expect(hear({ type: 'TEXT_MESSAGE_CONTENT', delta: 'a' })).toBe(true)
  })
})

test('a frame of another user’s run is misrouted; one of the same user’s is not', () => {
  const view = (runId: string, user: number, strangers: string[]): RunView => {
    return { runId, user, strangers, readyMs: 1, seen: [], verdict: null, checklist: [], problems: [] }
  }
  const views = withMisrouted([view('a', 0, ['b', 'c', 'unheard of']), view('b', 1, []), view('c', 0, [])])
  expect(views.map(({ problems }) => problems)).toEqual([
    ['a frame of b came here, and another user had asked for that run'],
    [],
    [],
  ])
})

// oxfmt-ignore
test.each([
  // values                                      p50  p95  p99  max
  [[],                                            0,   0,   0,   0],
  [[7],                                           7,   7,   7,   7],
  [[3, 1, 2],                                     2,   3,   3,   3],
  [Array.from({ length: 100 }, (_, n) => 100 - n), 50,  95,  99,  100],
] as const)('quantiles of %o', (values, p50, p95, p99, max) => {
  expect(quantilesOf(values)).toEqual({ p50, p95, p99, max })
})
