import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ContractProblem } from '../../../collector/assess/parse-contract.ts'
import { loadPreset, chooseProgressions, readProgression } from '../../../collector/assess/read-progression.ts'
import { isKnown, ruleOf } from '../../../collector/progression.ts'

const read = (text: string) => readProgression(text, 'contract.yaml')

describe('the preset', () => {
  // oxfmt-ignore
  test.each([
    ['ready',     null,   10_000],
    ['queued',    30_000, 300_000],
    ['started',   null,   5_000],
    ['reasoning', 45_000, 180_000],
    ['thought',   300_000, 900_000],
    ['tool',      60_000, 300_000],
    ['failing',   60_000, 600_000],
    ['between',   30_000, 120_000],
    ['waiting',   null,   3_600_000],
    ['finalise',  10_000, 30_000],
    ['terminal',  null,   2_000],
    ['loop',      1_000,  10_000],
  ] as const)('allows %s', (key, suspectMs, stalledMs) => {
    expect(loadPreset('laststep').budgets[key]).toEqual({ suspectMs, stalledMs, isOwn: false, named: {} })
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
    expect(own.budgets.tool).toEqual({ suspectMs: 60_000, stalledMs: 90_000, isOwn: true, named: {} })
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

describe('how to speak with a runtime', () => {
  test('is no part of what runs are judged by, so it changes no hash', () => {
    const plain = 'contract: mine\nversion: 1\nextends: ag-ui\n'
    const told = read(`${plain}frames: { auth: none, ready: HELLO }\n`)
    expect(told.frames).toMatchObject({ auth: 'none', ready: 'HELLO', run: ['runId'] })
    expect(told.hash).toBe(read(plain).hash)
  })

  test('is nothing for a vocabulary of one’s own until the file says it', () => {
    const own = 'contract: mine\nversion: 1\nevents: { done: { phase: terminal, outcome: succeeded } }\n'
    expect(read(own).frames).toEqual({})
  })

  // oxfmt-ignore
  test.each([
    ['laststep',         ['auth', 'query', 'ready', 'ask', 'event', 'run', 'thread', 'seq', 'connection', 'text', 'ack']],
    ['ag-ui',            ['auth', 'ask', 'event', 'run', 'thread', 'text']],
    ['openai-responses', ['auth', 'event', 'seq', 'text']],
    ['vercel-ui',        []],
    ['a2a',              []],
    ['claude-agent-sdk', []],
  ] as const)('of %s says %o', (preset, keys) => expect(Object.keys(loadPreset(preset).frames)).toEqual(keys))
})

describe('a contract that extends a preset', () => {
  const own = read(`
contract: mine
version: 1
extends: ag-ui
events:
  CUSTOM_PROGRESS: { phase: tool }
  THINKING_*: null
  RUN_ERROR: { phase: terminal, outcome: cancelled }
liveness: [RAW, CUSTOM, PING_*]
budgets: { tool: { stalled: 90s } }
`)
  const preset = loadPreset('ag-ui')

  // oxfmt-ignore
  test.each([
    ['a type of its own',             'CUSTOM_PROGRESS', { phase: 'tool', edge: 'point', outcome: null }],
    ['one it says otherwise',         'RUN_ERROR',       { phase: 'terminal', outcome: 'cancelled' }],
    ['one it says nothing about',     'RUN_STARTED',     { phase: 'started', edge: 'open' }],
  ])('has %s', (_what, type, rule) => expect(ruleOf(own, type)).toMatchObject(rule))

  test('has lost the one it takes away', () => {
    expect(isKnown(preset, 'THINKING_START')).toBe(true)
    expect(isKnown(own, 'THINKING_START')).toBe(false)
  })

  test('replaces lists and keeps those it does not write', () => {
    expect([isKnown(own, 'PING_1'), ruleOf(own, 'PING_1')]).toEqual([true, null])
    expect([own.required, own.critical]).toEqual([preset.required, preset.critical])
    expect(own.budgets.tool.stalledMs).toBe(90_000)
  })
})

test('a contract with events of its own and no preset has these alone', () => {
  const own = read(
    'contract: m\nversion: 1\nevents: { go: { phase: started, edge: open }, done: { phase: terminal, outcome: succeeded } }\nrequired: [done]\n',
  )
  expect(Object.keys(own.events)).toEqual(['go', 'done'])
  expect([own.required, own.critical, own.liveness, own.turns]).toEqual([['done'], ['done'], [], false])
})

// oxfmt-ignore
test.each([
  'README.md',
  'docs/CONTRACTS.md',
])('the contract shown in %s can be used', (page) => {
  const text = readFileSync(new URL(`../../../${page}`, import.meta.url), 'utf8')
  const examples = [...text.matchAll(/```yaml\n(contract: .*?)```/gs)].map(([, yaml = '']) => read(yaml).name)
  expect(examples).toEqual(['mine'])
})

describe('patterns', () => {
  const own = read(`
contract: m
version: 1
events:
  done: { phase: terminal, outcome: succeeded }
  "a.*": { phase: reasoning }
  "a.tool.*": { phase: tool }
  "*.end": { phase: finalise }
  a.tool.wait: { phase: waiting }
`)

  // oxfmt-ignore
  test.each([
    ['the exact name before any pattern',  'a.tool.wait', 'waiting'],
    ['the longer pattern before another',  'a.tool.run',  'tool'],
    ['the star as nothing at all',         'a.',          'reasoning'],
    ['an end',                             'b.end',       'finalise'],
    ['a type shorter than the pattern',    '.en',         undefined],
    ['the whole type, not a part of it',   'ba.x',        undefined],
  ])('match %s', (_what, type, phase) => expect(ruleOf(own, type)?.phase).toBe(phase))
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
    ['a critical event nobody sends',    'contract: m\nversion: 1\ncritical: [agent_done]',                                 'critical: agent_done is not among the events'],
    ['a preset nobody knows',            'contract: m\nversion: 1\nextends: netra',                                         'extends: expected a preset: laststep, ag-ui'],
    ['a pattern with two stars',         'contract: m\nversion: 1\nextends: ag-ui\nevents: { "*x*": { phase: tool } }',     'a pattern has one * at most'],
    ['an edge that is none',             'contract: m\nversion: 1\nextends: ag-ui\nevents: { X: { phase: tool, edge: up } }', 'events.X.edge: expected open, close or point'],
    ['a scope that is none',             'contract: m\nversion: 1\nextends: ag-ui\nevents: { X: { phase: tool, scope: call } }', 'events.X.scope: expected run, or step'],
    ['an outcome that is none',          'contract: m\nversion: 1\nextends: ag-ui\nevents: { X: { phase: terminal, outcome: ok } }', 'events.X.outcome: expected succeeded, failed or cancelled'],
    ['a child that ends its parent',     'contract: m\nversion: 1\nextends: ag-ui\nevents: { X: { phase: terminal, scope: step, outcome: failed } }', 'events.X: a step has no outcome'],
    ['a terminal that says not how',     'contract: m\nversion: 1\nextends: ag-ui\nevents: { X: { phase: terminal } }',     'events.X: an event of the phase terminal needs an "outcome"'],
    ['a synthetic thing that ends not',  'contract: m\nversion: 1\nextends: ag-ui\nevents: { X: { phase: tool, synthetic: true } }', 'events.X: only an event with an "outcome"'],
    ['a pair without an edge',           'contract: m\nversion: 1\nextends: ag-ui\nevents: { X: { phase: tool, pair: id } }', 'events.X: "pair" needs the edge open or close'],
    ['a suspicion after the stall',      'contract: m\nversion: 1\nbudgets: { tool: { suspect: 9m, stalled: 1m } }',        'budgets.tool: suspect must be shorter'],
    ['learning that is neither on or off', 'contract: m\nversion: 1\nbudgets: { learned: none }',                           'budgets.learned: expected off, or some of factor, floor, ceiling and samples'],
    ['a limit below what is usual',      'contract: m\nversion: 1\nbudgets: { learned: { factor: 0.5 } }',                  'budgets.learned.factor: a limit below what is usual'],
    ['a floor without a unit',           'contract: m\nversion: 1\nbudgets: { learned: { floor: { stalled: 30 } } }',       'budgets.learned.floor.stalled: expected a duration'],
    ['a guess from three runs',          'contract: m\nversion: 1\nbudgets: { learned: { samples: 3 } }',                   'budgets.learned.samples: a limit from fewer than 20 samples is a guess'],
    ['more samples than are kept',       'contract: m\nversion: 1\nbudgets: { learned: { samples: 5000 } }',                'budgets.learned.samples: of each step the latest 1,000 are kept'],
    ['a word that is not known',         'contract: m\nversion: 1\nbudgets: { learned: { multiplier: 3 } }',                'budgets.learned: Unrecognized key: "multiplier"'],
    ['a floor above the ceiling',        'contract: m\nversion: 1\nbudgets: { learned: { ceiling: 20s } }',                 'budgets.learned: the floor must not be longer than the ceiling'],
    ['slow after stalled',               'contract: m\nversion: 1\nbudgets: { learned: { floor: { suspect: 1m } } }',       'budgets.learned.floor: suspect must not be longer than stalled'],
  ])('%s', (_what, text, problem) => {
    expect(catchProblem(() => read(text)).message).toContain(problem)
  })

  test('a file that is not there says so, and which presets there are', () => {
    const { message } = catchProblem(() => chooseProgressions(['/no/such/contract.yaml']))
    expect(message).toContain('cannot be read')
    expect(message).toContain('none of laststep, ag-ui, openai-responses')
  })

  test('two contracts of one name cannot both be meant', () => {
    expect(catchProblem(() => chooseProgressions(['a2a', 'a2a'])).message).toContain('was given twice')
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
