import { describe, expect, test } from 'vitest'
import { budgetFor, type BudgetKey } from '../../../collector/assess/budget-for.ts'
import { loadPreset, readProgression } from '../../../collector/assess/read-progression.ts'
import type { Progression } from '../../../collector/progression.ts'
import type { LearnedTimes } from '../../../collector/run.ts'

const progression = readProgression(
  `
contract: bookings
version: 3
budgets:
  tool: { named: { slow_report: { stalled: 20m } } }
  reasoning: { named: { gpt-5-pro: { suspect: 2m, stalled: 15m } } }
agents:
  research: { budgets: { tool: { stalled: 10m }, reasoning: { stalled: 30s } } }
`,
  'of the test',
)

// oxfmt-ignore
test.each<[string | null, BudgetKey, string | null, number | null, number | null, string]>([
  // agent      budget       name              suspect  stalled  from
  [null,        'tool',      'search',         60,      300,     'contract'],
  ['support',   'tool',      'search',         60,      300,     'contract'],
  ['support',   'tool',      'slow_report',    null,    1_200,   'contract › tool.named.slow_report'],
  ['support',   'reasoning', 'chat gpt-5-pro', 120,     900,     'contract › reasoning.named.gpt-5-pro'],
  ['support',   'reasoning', 'chat gpt-5',     45,      180,     'contract'],
  ['research',  'tool',      'search',         60,      600,     'contract › agents.research'],
  ['research',  'tool',      'slow_report',    null,    1_200,   'contract › agents.research › tool.named.slow_report'],
  // A limit shorter than the inherited suspicion leaves nothing to suspect.
  ['research',  'reasoning', 'chat gpt-5',     null,    30,      'contract › agents.research'],
  ['research',  'waiting',   null,             null,    3_600,   'contract'],
])('%s › %s › %s', (agent, key, name, suspect, stalled, from) => {
  const ms = (seconds: number | null) => (seconds === null ? null : seconds * 1_000)
  expect(budgetFor(progression, agent, key, name)).toEqual({ suspectMs: ms(suspect), stalledMs: ms(stalled), from })
})

describe('what was learned', () => {
  const times = (samples: number, p95Ms: number, p99Ms: number) => ({ samples, p95Ms, p99Ms })
  const own = (budgets: string, agents = '') =>
    readProgression(`contract: own\nversion: 1\nbudgets: ${budgets}\n${agents}`, 'of the test')
  const preset = loadPreset('laststep')
  const learned = 'learned › research › tool › search'

  // oxfmt-ignore
  test.each<[string, Progression, LearnedTimes | null, number | null, number, string]>([
    // what                              contract                                             learned                        suspect stalled from
    ['nothing',                          preset,                                              null,                           60,    300,   'contract'],
    ['p95 and p99, three times',         preset,                                              times(50, 20_000, 59_000),      60,    177,   learned],
    ['whole seconds, rounded up',        preset,                                              times(50, 20_001, 59_001),      61,    178,   learned],
    ['the floors',                       preset,                                              times(50, 200, 900),            10,    30,    learned],
    ['no suspicion after the stall',     preset,                                              times(50, 40_000, 40_000),      null,  120,   learned],
    ['the ceiling',                      preset,                                              times(50, 60_000, 3_600_000),   180,   1_800, learned],
    ['longer than the default',          preset,                                              times(50, 60_000, 200_000),     180,   600,   learned],
    ['from too few',                     preset,                                              times(49, 200, 900),            60,    300,   'contract'],
    ['with a factor of its own',         own('{ learned: { factor: 1.5 } }'),                 times(50, 20_000, 60_000),      30,    90,    learned],
    ['with floors of its own',           own('{ learned: { floor: { suspect: 1s, stalled: 2s } } }'), times(50, 100, 900),    1,     3,     learned],
    ['from as many as it says',          own('{ learned: { samples: 200 } }'),                times(199, 200, 900),           60,    300,   'contract'],
    ['switched off',                     own('{ learned: off }'),                             times(50, 200, 900),            60,    300,   'contract'],
    ['a number of their own',            own('{ tool: { stalled: 400s } }'),                  times(50, 200, 900),            60,    400,   'contract'],
    ['the same number, written',         own('{ tool: { suspect: 60s, stalled: 300s } }'),    times(50, 200, 900),            60,    300,   'contract'],
    ['a number for another tool',        own('{ tool: { named: { other: { stalled: 9m } } } }'), times(50, 200, 900),         10,    30,    learned],
    ['a number for this tool',           own('{ tool: { named: { search: { stalled: 9m } } } }'), times(50, 200, 900),        null,  540,   'contract › tool.named.search'],
    ['a number for this agent',          own('{}', 'agents: { research: { budgets: { tool: { stalled: 9m } } } }'), times(50, 200, 900), 60, 540, 'contract › agents.research'],
    ['a number for another phase',       own('{}', 'agents: { research: { budgets: { reasoning: { stalled: 9m } } } }'), times(50, 200, 900), 10, 30, learned],
    ['switched off for this agent',      own('{}', 'agents: { research: { budgets: { learned: off } } }'), times(50, 200, 900), 60,  300,   'contract'],
    ['switched on for this agent alone', own('{ learned: off }', 'agents: { research: { budgets: { learned: { samples: 60 } } } }'), times(60, 200, 900), 10, 30, learned],
  ])('%s', (_what, progression, known, suspect, stalled, from) => {
    const allowance = budgetFor(progression, 'research', 'tool', 'search', known)
    expect(allowance.suspectMs).toBe(suspect === null ? null : suspect * 1_000)
    expect(allowance.stalledMs).toBe(stalled * 1_000)
    expect(allowance.from).toBe(from)
    const { learned: said } = allowance
    expect(said?.samples).toBe(from === learned ? known?.samples : undefined)
  })
})
