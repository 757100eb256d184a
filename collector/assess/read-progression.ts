/**
 * Progression contracts from their files: YAML text in, `Progression` out, or every problem in one error.
 *
 * A contract that `extends` a preset is that preset with its own lines laid over: event by event (`null` takes one
 * away), budget by budget, key by key of its frames, list by list. One that does not takes its budgets from `laststep`; its events, if it has any,
 * are a vocabulary of their own.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Millis } from '../../contract/units.ts'
import type { Budget, Budgets, EventRule, LearnedRule, Pattern, Progression } from '../progression.ts'
import {
  ContractProblem,
  parseContract,
  PRESETS,
  type BudgetInFile,
  type BudgetsInFile,
  type ContractFile,
  type LearnedInFile,
  type Preset,
} from './parse-contract.ts'

/**
 * The contracts that `--contract` names, each a preset or a file.
 * @throws ContractProblem
 */
export function chooseProgressions(wanted: readonly string[]): readonly [Progression, ...Progression[]] {
  const [first = loadPreset('laststep'), ...others] = wanted.map((each) =>
    isPreset(each) ? loadPreset(each) : loadProgression(each),
  )
  const chosen = [first, ...others] as const
  const twice = chosen.find((one, index) => chosen.findIndex((other) => other.name === one.name) !== index)
  if (twice !== undefined)
    throw new ContractProblem(twice.name, ['was given twice: each needs a name of its own ("contract: …")'])
  return chosen
}

/** @throws ContractProblem */
export function readProgression(text: string, source: string): Progression {
  const contract = parseContract(text, source)
  return build(contract, source, loadPreset(contract.extends ?? 'laststep'), true)
}

/** @throws ContractProblem, also when the file cannot be read. */
export function loadProgression(path: string): Progression {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    const told = error instanceof Error ? error.message : String(error)
    throw new ContractProblem(path, [`cannot be read: ${told}; it is no file and none of ${PRESETS.join(', ')}`])
  }
  return readProgression(text, path)
}

export function loadPreset(name: Preset): Progression {
  const held = presets.get(name)
  if (held !== undefined) return held
  const path = new URL(`contracts/${name}.yaml`, import.meta.url)
  const contract = parseContract(readFileSync(path, 'utf8'), path.pathname)
  const preset = build(contract, path.pathname, name === 'laststep' ? null : loadPreset('laststep'), false)
  presets.set(name, preset)
  return preset
}

/** Of the runs that Laststep makes itself, the canary and the test run; nobody asks for them by name. */
export function loadOwnProgressions(): Progression[] {
  return ['laststep.canary', 'laststep.test-run'].map((name) =>
    loadProgression(fileURLToPath(new URL(`contracts/${name}.yaml`, import.meta.url))),
  )
}

function isPreset(name: string): name is Preset {
  return (PRESETS as readonly string[]).includes(name)
}

const presets = new Map<Preset, Progression>()

/** What runs are judged by, and what the hash is made of. */
type Meaning = Omit<Progression, 'hash' | 'frames'>

/**
 * @param base gives its budgets, and its vocabulary to a contract that extends it or has none of its own
 * @param isOwn somebody wrote it for their own runs
 */
function build(contract: ContractFile, source: string, base: Progression | null, isOwn: boolean): Progression {
  const general = lay(base?.budgets ?? NO_BUDGETS, contract.budgets ?? {}, isOwn)
  const isLaidOver = contract.extends !== undefined || contract.events === undefined
  const words = isLaidOver ? base : null
  const events = layEvents(words?.events ?? {}, contract.events ?? {})
  const agents = Object.entries(contract.agents ?? {}).map(
    ([agent, own]) => [agent, lay(general, own.budgets, isOwn)] as const,
  )
  const meaning = {
    name: contract.contract,
    version: contract.version,
    events,
    patterns: Object.keys(events)
      .filter((key) => key.includes('*'))
      .toSorted((a, b) => b.length - a.length || (a < b ? -1 : 1))
      .map(readPattern),
    liveness: contract.liveness?.map(readPattern) ?? words?.liveness ?? [],
    required: contract.required ?? words?.required ?? [],
    critical: contract.critical ?? words?.critical ?? contract.required ?? [],
    turns: contract.turns ?? words?.turns ?? false,
    budgets: general,
    agents: Object.fromEntries(agents),
  }
  const problems = findContradictions(meaning)
  if (problems.length > 0) throw new ContractProblem(source, problems)
  const frames = { ...words?.frames, ...contract.frames }
  return { ...meaning, frames, hash: createHash('sha256').update(sortedJson(meaning)).digest('hex').slice(0, 12) }
}

function readPattern(key: string): Pattern {
  const [start = '', end = null] = key.split('*')
  return { key, start, end }
}

/** An event that is not overridden stays the very same object. */
function layEvents(
  base: Progression['events'],
  own: NonNullable<ContractFile['events']>,
): Readonly<Record<string, EventRule>> {
  const laid = new Map(Object.entries(base))
  for (const [key, rule] of Object.entries(own)) {
    if (rule === null) laid.delete(key)
    else laid.set(key, { ...rule, key, outcome: rule.outcome ?? null, pair: rule.pair ?? null })
  }
  return Object.fromEntries(laid)
}

const NO_BUDGET: Budget = { suspectMs: null, stalledMs: null, isOwn: false, named: {} }
const NO_BUDGETS: Budgets = {
  ready: NO_BUDGET,
  queued: NO_BUDGET,
  started: NO_BUDGET,
  reasoning: NO_BUDGET,
  thought: NO_BUDGET,
  tool: NO_BUDGET,
  failing: NO_BUDGET,
  between: NO_BUDGET,
  waiting: NO_BUDGET,
  finalise: NO_BUDGET,
  terminal: NO_BUDGET,
  loop: NO_BUDGET,
  pulseIntervalsMissed: 2.5,
  runOverrunningMs: 30 * 60_000,
  deliveryConfirmedMs: 5_000,
  learned: 'off',
}
/** For a contract that says some of it where learning was off. */
const LEARNED: LearnedRule = {
  factor: 3,
  suspectMsMin: 10_000,
  stalledMsMin: 30_000,
  stalledMsMax: 30 * 60_000,
  samplesMin: 50,
}

const BUDGET_KEYS = [
  'ready',
  'queued',
  'started',
  'reasoning',
  'thought',
  'tool',
  'failing',
  'between',
  'waiting',
  'finalise',
  'terminal',
  'loop',
] as const

/** A budget that is not overridden stays the very same object: that is how a limit knows where it comes from. */
function lay(base: Budgets, over: BudgetsInFile, isOwn: boolean): Budgets {
  const laid = Object.fromEntries(BUDGET_KEYS.map((key) => [key, layBudget(base[key], over[key], isOwn)]))
  return {
    ...base,
    ...laid,
    pulseIntervalsMissed: over.pulse?.missed ?? base.pulseIntervalsMissed,
    runOverrunningMs: over.run?.overrunning ?? base.runOverrunningMs,
    deliveryConfirmedMs: over.delivery?.confirmed ?? base.deliveryConfirmedMs,
    learned: layLearned(base.learned, over.learned),
  }
}

function layLearned(base: Budgets['learned'], over: LearnedInFile | 'off' | undefined): Budgets['learned'] {
  if (over === undefined || over === 'off') return over ?? base
  const held = base === 'off' ? LEARNED : base
  return {
    factor: over.factor ?? held.factor,
    suspectMsMin: over.floor?.suspect ?? held.suspectMsMin,
    stalledMsMin: over.floor?.stalled ?? held.stalledMsMin,
    stalledMsMax: over.ceiling ?? held.stalledMsMax,
    samplesMin: over.samples ?? held.samplesMin,
  }
}

function layBudget(base: Budget, over: BudgetInFile | undefined, isOwn: boolean): Budget {
  if (over === undefined) return base
  const stalledMs = over.stalled ?? base.stalledMs
  const named = Object.entries(over.named ?? {}).map(([name, own]) => [
    name,
    { suspectMs: suspectBelow(own.suspect ?? null, own.stalled ?? stalledMs), stalledMs: own.stalled ?? stalledMs },
  ])
  return {
    suspectMs: over.suspect ?? suspectBelow(base.suspectMs, stalledMs),
    stalledMs,
    isOwn: base.isOwn || (isOwn && (over.suspect ?? over.stalled) !== undefined),
    named: { ...base.named, ...Object.fromEntries(named) },
  }
}

/** Whoever shortens `stalled` below an inherited `suspect` means to be told at once. */
function suspectBelow(suspectMs: Millis | null, stalledMs: Millis | null): Millis | null {
  return suspectMs !== null && stalledMs !== null && suspectMs >= stalledMs ? null : suspectMs
}

/** What is well-formed and still cannot be meant. */
function findContradictions(contract: Meaning): string[] {
  const problems: string[] = []
  for (const list of ['required', 'critical'] as const)
    for (const key of contract[list])
      if (contract.events[key] === undefined)
        problems.push(`${list}: ${key} is not among the events; name one as it is written there`)
  if (!Object.values(contract.events).some((rule) => rule.outcome === 'succeeded'))
    problems.push('events: none has "outcome: succeeded", so no run could ever complete')
  for (const [key, rule] of Object.entries(contract.events)) problems.push(...contradictionsIn(key, rule))
  const all = [['budgets', contract.budgets] as const, ...agentsOf(contract)]
  for (const [path, { learned }] of all) {
    if (learned === 'off') continue
    const { suspectMsMin, stalledMsMin, stalledMsMax } = learned
    if (suspectMsMin > stalledMsMin) problems.push(`${path}.learned.floor: suspect must not be longer than stalled`)
    if (stalledMsMin > stalledMsMax) problems.push(`${path}.learned: the floor must not be longer than the ceiling`)
  }
  for (const [path, each] of all)
    for (const key of BUDGET_KEYS)
      for (const [name, own] of [['', each[key]] as const, ...Object.entries(each[key].named)])
        if (own.suspectMs !== null && own.stalledMs !== null && own.suspectMs >= own.stalledMs)
          problems.push(`${path}.${key}${name && `.named.${name}`}: suspect must be shorter than stalled`)
  return [...new Set(problems)]
}

function contradictionsIn(key: string, rule: EventRule): string[] {
  const problems: string[] = []
  if (rule.outcome !== null && rule.scope === 'step')
    problems.push('a step has no outcome, since a child that ends never ends its run: take "outcome" away')
  if (rule.outcome === null && rule.phase === 'terminal')
    problems.push('an event of the phase terminal needs an "outcome": succeeded, failed or cancelled')
  if (rule.outcome === null && rule.synthetic) problems.push('only an event with an "outcome" can be synthetic')
  if (rule.thought && rule.phase !== 'reasoning') problems.push('only an event of the phase reasoning can be a thought')
  if (rule.pair !== null && rule.edge === 'point') problems.push('"pair" needs the edge open or close')
  return problems.map((problem) => `events.${key}: ${problem}`)
}

function agentsOf(contract: Meaning): (readonly [string, Budgets])[] {
  return Object.entries(contract.agents).map(([agent, own]) => [`agents.${agent}.budgets`, own])
}

/** The same meaning gives the same text, however the file orders its keys. */
function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_key, held: unknown) =>
    typeof held === 'object' && held !== null && !Array.isArray(held)
      ? Object.fromEntries(Object.entries(held).sort(([a], [b]) => (a < b ? -1 : 1)))
      : held,
  )
}
