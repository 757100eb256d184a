import type { Phase } from '../../contract/phases.ts'
import type { Millis } from '../../contract/units.ts'
import type { Budget, Budgets, Progression } from '../progression.ts'

/** The budgets a run can overdraw by silence. */
export type BudgetKey = {
  [Key in keyof Budgets]: Budgets[Key] extends Budget ? Key : never
}[keyof Budgets]

export interface Allowance {
  readonly suspectMs: Millis | null
  readonly stalledMs: Millis | null
  /** `contract`, `contract › agents.research`, `contract › tool.named.slow_report`. */
  readonly from: string
}

/** The limits on silence for an agent in a phase, or with one tool or model. The most particular applies. */
export function budgetFor(
  progression: Progression,
  agent: string | null,
  key: BudgetKey,
  name: string | null,
): Allowance {
  const general = progression.budgets[key]
  const own = (agent === null ? undefined : progression.agents[agent])?.[key] ?? general
  const origin = own === general ? 'contract' : `contract › agents.${agent}`
  for (const candidate of namesOf(name)) {
    const named = own.named[candidate]
    if (named !== undefined) return { ...named, from: `${origin} › ${key}.named.${candidate}` }
  }
  return { suspectMs: own.suspectMs, stalledMs: own.stalledMs, from: origin }
}

/** A step `chat gpt-5` is meant by `chat gpt-5` and by `gpt-5`. */
function namesOf(name: string | null): string[] {
  if (name === null) return []
  const last = name.split(' ').at(-1)
  return last === undefined || last === name ? [name] : [name, last]
}

/** Whose budget an open step of a phase spends. */
export function budgetKeyOf(phase: Phase): BudgetKey {
  switch (phase) {
    case 'connect':
    case 'auth':
    case 'ready':
      return 'ready'
    case 'accepted':
    case 'started':
      return 'started'
    case 'reasoning':
      return 'reasoning'
    case 'tool':
      return 'tool'
    case 'waiting':
      return 'waiting'
    case 'finalise':
    case 'terminal':
      return 'finalise'
  }
}
