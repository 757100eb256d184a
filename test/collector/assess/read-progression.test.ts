import { describe, expect, test } from 'vitest'
import {
  ContractProblem,
  loadPreset,
  loadProgression,
  readProgression,
} from '../../../collector/assess/read-progression.ts'

const read = (text: string) => readProgression(text, 'contract.yaml')

describe('the preset', () => {
  // oxfmt-ignore
  test.each([
    ['ready',     null,   10_000],
    ['started',   null,   5_000],
    ['reasoning', 45_000, 180_000],
    ['tool',      60_000, 300_000],
    ['between',   30_000, 120_000],
    ['waiting',   null,   3_600_000],
    ['finalise',  10_000, 30_000],
    ['terminal',  null,   2_000],
    ['loop',      1_000,  10_000],
  ] as const)('allows %s', (key, suspectMs, stalledMs) => {
    expect(loadPreset('laststep').budgets[key]).toEqual({ suspectMs, stalledMs, named: {} })
  })

  test('names the events that end a run, and the two it must show', () => {
    const { events, required } = loadPreset('laststep')
    const ends = Object.entries(events).filter(([, rule]) => rule.outcome !== null)
    expect(Object.fromEntries(ends.map(([type, rule]) => [type, rule.outcome]))).toEqual({
      run_rejected: 'failed',
      agent_completed: 'succeeded',
      agent_error: 'failed',
      agent_cancelled: 'cancelled',
    })
    expect(required).toEqual(['agent_started', 'agent_completed'])
  })
})

describe('a contract of one’s own', () => {
  test('is laid over the preset', () => {
    const own = read('contract: mine\nversion: 2\nbudgets: { tool: { stalled: 90s }, run: { overrunning: 2h } }\n')
    expect(own.budgets.tool).toEqual({ suspectMs: 60_000, stalledMs: 90_000, named: {} })
    expect(own.budgets.reasoning).toBe(loadPreset('laststep').budgets.reasoning)
    expect(own.budgets.runOverrunningMs).toBe(7_200_000)
    expect(own.events).toEqual(loadPreset('laststep').events)
  })

  test('has a hash of its meaning, not of its text', () => {
    const [one, same, other] = [
      'contract: mine\nversion: 2\nbudgets: { tool: { suspect: 60s, stalled: 90s } }\n',
      '# as before\nversion: 2\nbudgets: { tool: { stalled: 1.5m } }\ncontract: mine\n',
      'contract: mine\nversion: 2\nbudgets: { tool: { stalled: 91s } }\n',
    ].map((text) => read(text).hash)
    expect(one).toMatch(/^[0-9a-f]{12}$/)
    expect(same).toBe(one)
    expect(other).not.toBe(one)
  })
})

describe('problems', () => {
  test('are reported together, each with its path and what is expected', () => {
    const text = `
contract: mine
version: one
events: { done: { phase: cooking, outcome: succeeded } }
budgets: { tool: { stalled: soon }, finalize: { stalled: 5s } }
`
    const problem = catchProblem(() => read(text))
    expect(problem.message).toContain('the contract contract.yaml has 4 problems:')
    expect(problem.problems).toEqual([
      expect.stringContaining('version: '),
      expect.stringContaining('events.done.phase: expected a phase: connect, auth, ready'),
      expect.stringContaining('budgets.tool.stalled: expected a duration such as 500ms, 5s, 20m or 1h'),
      expect.stringContaining('finalize'),
    ])
  })

  // oxfmt-ignore
  test.each([
    ['a number without a unit',          'contract: m\nversion: 1\nbudgets: { tool: { stalled: 30 } }',                     'expected a duration'],
    ['text that is not YAML',            'contract: [',                                                                     'not YAML'],
    ['a file that holds something else', 'just words',                                                                      '(top)'],
    ['a required event nobody sends',    'contract: m\nversion: 1\nrequired: [agent_done]',                                 'agent_done is not among the events'],
    ['no way to succeed',                'contract: m\nversion: 1\nrequired: []\nevents: { done: { phase: tool } }',        'no run could ever complete'],
    ['a suspicion after the stall',      'contract: m\nversion: 1\nbudgets: { tool: { suspect: 9m, stalled: 1m } }',        'budgets.tool: suspect must be shorter'],
  ])('%s', (_what, text, problem) => {
    expect(catchProblem(() => read(text)).message).toContain(problem)
  })

  test('a file that is not there says so', () => {
    expect(catchProblem(() => loadProgression('/no/such/contract.yaml')).message).toContain('cannot be read')
  })
})

function catchProblem(call: () => unknown): ContractProblem {
  try {
    call()
  } catch (error) {
    if (error instanceof ContractProblem) return error
    throw error
  }
  throw new Error('expected a ContractProblem')
}
