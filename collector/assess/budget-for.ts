import type { Phase } from '../../contract/phases.ts'
import { seconds, type Millis } from '../../contract/units.ts'
import type { LearnedLimit } from '../../contract/runs.ts'
import { learnedRuleOf, type Budget, type Budgets, type LearnedRule, type Progression } from '../progression.ts'
import type { LearnedTimes } from '../run.ts'

/** The budgets a run can overdraw by silence. */
export type BudgetKey = {
  [Key in keyof Budgets]: Budgets[Key] extends Budget ? Key : never
}[keyof Budgets]

export interface Allowance {
  readonly suspectMs: Millis | null
  readonly stalledMs: Millis | null
  /** `contract`, `contract › agents.research`, `contract › tool.named.slow_report`, `learned › research › tool › search`. */
  readonly from: string
  /** What a learned limit was made of. */
  readonly learned?: LearnedLimit
}

/**
 * The limits on silence for an agent in a phase, or with one tool or model. The most particular applies. Whoever wrote
 * a number for their own runs meant it; what was learned replaces defaults only.
 */
export function budgetFor(
  progression: Progression,
  agent: string | null,
  key: BudgetKey,
  name: string | null,
  learned: LearnedTimes | null = null,
): Allowance {
  const general = progression.budgets[key]
  const own = (agent === null ? undefined : progression.agents[agent])?.[key] ?? general
  const origin = own === general ? 'contract' : `contract › agents.${agent}`
  for (const candidate of namesOf(name)) {
    const named = own.named[candidate]
    if (named !== undefined) return { ...named, from: `${origin} › ${key}.named.${candidate}` }
  }
  const rule = learnedRuleOf(progression, agent)
  if (learned !== null && rule !== 'off' && learned.samples >= rule.samplesMin && !own.isOwn)
    return { ...learnedAllowance(learned, rule), from: ['learned', agent, key, name].filter(Boolean).join(' › ') }
  return { suspectMs: own.suspectMs, stalledMs: own.stalledMs, from: origin }
}

/** In whole seconds, since no quantile is exact. Nothing is left to suspect where what is slow is stalled already. */
function learnedAllowance({ samples, p95Ms, p99Ms }: LearnedTimes, rule: LearnedRule): Omit<Allowance, 'from'> {
  const { factor, suspectMsMin, stalledMsMin, stalledMsMax } = rule
  const stalledMs = Math.min(Math.max(wholeSeconds(p99Ms * factor), stalledMsMin), stalledMsMax)
  const suspectMs = Math.max(wholeSeconds(p95Ms * factor), suspectMsMin)
  return { suspectMs: suspectMs < stalledMs ? suspectMs : null, stalledMs, learned: { samples, p99Ms, factor } }
}

const wholeSeconds = (ms: Millis): Millis => seconds(Math.ceil(ms / seconds(1)))

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
