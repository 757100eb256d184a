/**
 * The one reader of progression contracts: YAML text in, `Progression` out, or every problem in one error.
 * A contract is laid over the preset `laststep`: budgets it leaves out keep their defaults, `events` and `required`
 * replace the preset's whole.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { parseDocument } from 'yaml'
import { z } from 'zod'
import { PHASES } from '../../contract/phases.ts'
import type { Millis } from '../../contract/units.ts'
import type { Budget, Budgets, EventRule, Progression } from '../progression.ts'

/** A contract that cannot be used. The message names the source, then each problem with its path, one a line. */
export class ContractProblem extends Error {
  override readonly name = 'ContractProblem'
  readonly problems: readonly string[]

  constructor(source: string, problems: readonly string[]) {
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`
    super([`the contract ${source} has ${count}:`, ...problems.map((problem) => `  ${problem}`)].join('\n'))
    this.problems = problems
  }
}

/** @throws ContractProblem */
export function readProgression(text: string, source: string, base: Progression = defaultProgression()): Progression {
  return build(parse(text, source), base, source)
}

/** @throws ContractProblem, also when the file cannot be read. */
export function loadProgression(path: string): Progression {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new ContractProblem(path, [`cannot be read: ${error instanceof Error ? error.message : String(error)}`])
  }
  return readProgression(text, path)
}

/** The preset `laststep`. */
export function defaultProgression(): Progression {
  preset ??= build(parse(readFileSync(PRESET, 'utf8'), PRESET.pathname), null, PRESET.pathname)
  return preset
}

const PRESET = new URL('contracts/laststep.yaml', import.meta.url)
let preset: Progression | null = null

const MS_OF_UNIT: Readonly<Record<string, Millis>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

const duration = z
  .string('expected a duration such as 500ms, 5s, 20m or 1h')
  .regex(/^\d+(\.\d+)?(ms|s|m|h)$/, 'expected a duration such as 500ms, 5s, 20m or 1h')
  .transform((text): Millis => Number.parseFloat(text) * (MS_OF_UNIT[text.replace(/^[\d.]+/, '')] ?? 0))

const limits = z.strictObject({ suspect: duration.optional(), stalled: duration.optional() })
const budget = z.strictObject({ ...limits.shape, named: z.record(z.string(), limits).optional() })
const budgets = z.strictObject({
  ready: budget.optional(),
  started: budget.optional(),
  reasoning: budget.optional(),
  tool: budget.optional(),
  between: budget.optional(),
  waiting: budget.optional(),
  finalise: budget.optional(),
  terminal: budget.optional(),
  loop: budget.optional(),
  pulse: z.strictObject({ missed: z.number().min(1).max(100) }).optional(),
  run: z.strictObject({ overrunning: duration }).optional(),
  delivery: z.strictObject({ confirmed: duration }).optional(),
})

const eventRule = z.strictObject({
  phase: z.enum(PHASES, `expected a phase: ${PHASES.join(', ')}`),
  edge: z.enum(['open', 'close', 'point']).default('point'),
  outcome: z.enum(['succeeded', 'failed', 'cancelled']).optional(),
  pair: z.string().min(1).optional(),
})

const file = z.strictObject({
  contract: z.string().min(1),
  version: z.int().min(1),
  events: z.record(z.string(), eventRule).optional(),
  required: z.array(z.string()).optional(),
  budgets: budgets.optional(),
  agents: z.record(z.string(), z.strictObject({ budgets })).optional(),
})

type File = z.infer<typeof file>
type BudgetsInFile = z.infer<typeof budgets>
type BudgetInFile = z.infer<typeof budget>

function parse(text: string, source: string): File {
  const document = parseDocument(text)
  if (document.errors.length > 0)
    throw new ContractProblem(
      source,
      document.errors.map((error) => `not YAML: ${error.message.split('\n')[0]}`),
    )
  const read = file.safeParse(document.toJS())
  if (read.success) return read.data
  throw new ContractProblem(
    source,
    read.error.issues.map((issue) => `${issue.path.join('.') || '(top)'}: ${issue.message}`),
  )
}

function build(contract: File, base: Progression | null, source: string): Progression {
  const general = lay(base?.budgets ?? NO_BUDGETS, contract.budgets ?? {})
  const meaning = {
    name: contract.contract,
    version: contract.version,
    events: contract.events ? readEvents(contract.events) : (base?.events ?? {}),
    required: contract.required ?? base?.required ?? [],
    budgets: general,
    agents: Object.fromEntries(
      Object.entries(contract.agents ?? {}).map(([agent, { budgets }]) => [agent, lay(general, budgets)]),
    ),
  }
  const problems = findContradictions(meaning)
  if (problems.length > 0) throw new ContractProblem(source, problems)
  return { ...meaning, hash: createHash('sha256').update(sortedJson(meaning)).digest('hex').slice(0, 12) }
}

function readEvents(events: NonNullable<File['events']>): Record<string, EventRule> {
  return Object.fromEntries(
    Object.entries(events).map(([type, { phase, edge, outcome, pair }]) => [
      type,
      { phase, edge, outcome: outcome ?? null, pair: pair ?? null },
    ]),
  )
}

const NO_BUDGET: Budget = { suspectMs: null, stalledMs: null, named: {} }
const NO_BUDGETS: Budgets = {
  ready: NO_BUDGET,
  started: NO_BUDGET,
  reasoning: NO_BUDGET,
  tool: NO_BUDGET,
  between: NO_BUDGET,
  waiting: NO_BUDGET,
  finalise: NO_BUDGET,
  terminal: NO_BUDGET,
  loop: NO_BUDGET,
  pulseIntervalsMissed: 2.5,
  runOverrunningMs: 30 * 60_000,
  deliveryConfirmedMs: 5_000,
}

const BUDGET_KEYS = [
  'ready',
  'started',
  'reasoning',
  'tool',
  'between',
  'waiting',
  'finalise',
  'terminal',
  'loop',
] as const

/** A budget that is not overridden stays the very same object: that is how a limit knows where it comes from. */
function lay(base: Budgets, over: BudgetsInFile): Budgets {
  const laid = Object.fromEntries(BUDGET_KEYS.map((key) => [key, layBudget(base[key], over[key])]))
  return {
    ...base,
    ...laid,
    pulseIntervalsMissed: over.pulse?.missed ?? base.pulseIntervalsMissed,
    runOverrunningMs: over.run?.overrunning ?? base.runOverrunningMs,
    deliveryConfirmedMs: over.delivery?.confirmed ?? base.deliveryConfirmedMs,
  }
}

function layBudget(base: Budget, over: BudgetInFile | undefined): Budget {
  if (over === undefined) return base
  const stalledMs = over.stalled ?? base.stalledMs
  const named = Object.entries(over.named ?? {}).map(([name, own]) => [
    name,
    { suspectMs: suspectBelow(own.suspect ?? null, own.stalled ?? stalledMs), stalledMs: own.stalled ?? stalledMs },
  ])
  return {
    suspectMs: over.suspect ?? suspectBelow(base.suspectMs, stalledMs),
    stalledMs,
    named: { ...base.named, ...Object.fromEntries(named) },
  }
}

/** Whoever shortens `stalled` below an inherited `suspect` means to be told at once. */
function suspectBelow(suspectMs: Millis | null, stalledMs: Millis | null): Millis | null {
  return suspectMs !== null && stalledMs !== null && suspectMs >= stalledMs ? null : suspectMs
}

/** What is well-formed and still cannot be meant. */
function findContradictions(contract: Omit<Progression, 'hash'>): string[] {
  const problems: string[] = []
  for (const type of contract.required)
    if (contract.events[type] === undefined) problems.push(`required: ${type} is not among the events`)
  if (!Object.values(contract.events).some((rule) => rule.outcome === 'succeeded'))
    problems.push('events: none has "outcome: succeeded", so no run could ever complete')
  const all = [['budgets', contract.budgets] as const, ...agentsOf(contract)]
  for (const [path, each] of all)
    for (const key of BUDGET_KEYS)
      for (const [name, own] of [['', each[key]] as const, ...Object.entries(each[key].named)])
        if (own.suspectMs !== null && own.stalledMs !== null && own.suspectMs >= own.stalledMs)
          problems.push(`${path}.${key}${name && `.named.${name}`}: suspect must be shorter than stalled`)
  return [...new Set(problems)]
}

function agentsOf(contract: Omit<Progression, 'hash'>): (readonly [string, Budgets])[] {
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
