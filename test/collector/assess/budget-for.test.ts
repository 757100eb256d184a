import { expect, test } from 'vitest'
import { budgetFor, type BudgetKey } from '../../../collector/assess/budget-for.ts'
import { readProgression } from '../../../collector/assess/read-progression.ts'

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
