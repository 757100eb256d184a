/**
 * The progression contract: which events a run must show and within which budgets. Data, read from YAML
 * (`assess/read-progression.ts`), the same for every run until the file changes; its hash is kept with each run.
 */
import type { Outcome, Phase } from '../contract/phases.ts'
import type { Millis } from '../contract/units.ts'
import type { FrameForm } from './frame-form.ts'

export interface EventRule {
  /** As the file names it: a wire type, or a pattern with one `*`. */
  readonly key: string
  readonly phase: Phase
  readonly edge: 'open' | 'close' | 'point'
  /** A `step` is a child's: it moves the run on, and neither starts nor ends it. */
  readonly scope: 'run' | 'step'
  /** Set on events that end the run. */
  readonly outcome: Outcome | null
  /** It shows that the model is at it, and nothing of an answer: reasoning that says only this gets nowhere. */
  readonly thought: boolean
  /** A terminal that the runtime makes up for a stream that broke off. */
  readonly synthetic: boolean
  /** The frame's key whose value pairs an opening with its closing: what a delivery record says as its call id. */
  readonly pair: string | null
}

/** `response.*_call.completed`: the star stands for any text, the empty one included. */
export interface Pattern {
  readonly key: string
  /** What stands before the star: all of it without one. */
  readonly start: string
  /** What stands behind the star; null without one. */
  readonly end: string | null
}

/** Limits on silence. `suspect` makes a run slow, `stalled` makes it stalled. */
export interface Budget {
  readonly suspectMs: Millis | null
  readonly stalledMs: Millis | null
  /** Somebody wrote it in a contract of their own: what was learned does not replace it. */
  readonly isOwn: boolean
  /** Limits for one tool or model by name. */
  readonly named: Readonly<Record<string, { readonly suspectMs: Millis | null; readonly stalledMs: Millis | null }>>
}

/** Limits made of the times that a step of an agent has taken: a quantile × the factor, within bounds. */
export interface LearnedRule {
  readonly factor: number
  /** No learned limit is shorter. */
  readonly suspectMsMin: Millis
  readonly stalledMsMin: Millis
  /** None is longer. */
  readonly stalledMsMax: Millis
  /** Samples it takes. */
  readonly samplesMin: number
}

export interface Budgets {
  readonly ready: Budget
  /** From a word that the run waits for its turn to its start. */
  readonly queued: Budget
  readonly started: Budget
  readonly reasoning: Budget
  /** Reasoning that shows life and no content. */
  readonly thought: Budget
  readonly tool: Budget
  /** A tool that fails over and over, from when that is certain. */
  readonly failing: Budget
  /** Open run, no open step. */
  readonly between: Budget
  readonly waiting: Budget
  readonly finalise: Budget
  /** From the end of the run span to its terminal message. */
  readonly terminal: Budget
  /** A main thread that does not turn. */
  readonly loop: Budget
  /** Silence of the pulse, in multiples of its own interval, after which the process is lost. */
  readonly pulseIntervalsMissed: number
  readonly runOverrunningMs: Millis
  readonly deliveryConfirmedMs: Millis
  readonly learned: LearnedRule | 'off'
}

export interface Progression {
  readonly name: string
  readonly version: number
  /** SHA-256 of the file's meaning, 12 hex digits. */
  readonly hash: string
  /** By wire type, and by pattern for families of types. */
  readonly events: Readonly<Record<string, EventRule>>
  /** The keys of `events` that are patterns, the most particular first. */
  readonly patterns: readonly Pattern[]
  /** Types that are known and say nothing about the run: they prove life, not progress. */
  readonly liveness: readonly Pattern[]
  /** Keys of `events` a run must show. */
  readonly required: readonly string[]
  /** Keys of `events` that a user must see for progress in their eyes, in order: the checklist, and what is owed to them. */
  readonly critical: readonly string[]
  /** A run of several turns says that it ended at the end of each: see `foldTurns`. */
  readonly turns: boolean
  readonly budgets: Budgets
  /** Budgets of one agent, laid over the general ones. */
  readonly agents: Readonly<Record<string, Budgets>>
  /** How a probe speaks with such a runtime; plays no part in judging a run, nor in the hash. */
  readonly frames: FrameForm
}

/** What an event of this type means; null when the contract gives it no meaning. */
export function ruleOf(progression: Pick<Progression, 'events' | 'patterns'>, type: string): EventRule | null {
  // A type comes from the wire, so it may be `constructor`.
  const key = Object.hasOwn(progression.events, type)
    ? type
    : progression.patterns.find((each) => fits(each, type))?.key
  return key === undefined ? null : (progression.events[key] ?? null)
}

export function learnedRuleOf({ budgets, agents }: Progression, agent: string | null): LearnedRule | 'off' {
  return (agent !== null && Object.hasOwn(agents, agent) ? agents[agent] : undefined)?.learned ?? budgets.learned
}

/** Accepted, and the acceptance goes on: the run waits for its turn. */
export function isQueueing(rule: EventRule | null): boolean {
  return rule?.phase === 'accepted' && rule.edge === 'open' && rule.scope === 'run'
}

/** False for types that appear nowhere in the contract: recorded and counted, and worth a look. */
export function isKnown(progression: Progression, type: string): boolean {
  return ruleOf(progression, type) !== null || progression.liveness.some((each) => fits(each, type))
}

/** Whether a user must get every message of this type. */
export function isOwed(progression: Progression, type: string): boolean {
  const rule = ruleOf(progression, type)
  if (rule === null) return false
  return rule.outcome !== null || progression.critical.includes(rule.key) || progression.required.includes(rule.key)
}

function fits({ start, end }: Pattern, type: string): boolean {
  if (end === null) return type === start
  return type.length >= start.length + end.length && type.startsWith(start) && type.endsWith(end)
}
