/** The form of a contract's file, and its one reader: YAML text in, what the file says out, or every problem in one error. */
import { parseDocument } from 'yaml'
import { z } from 'zod'
import { PHASES } from '../../contract/phases.ts'
import type { Millis } from '../../contract/units.ts'
import { frameForm } from '../frame-form.ts'

/** The contracts in the repository, by name. */
export const PRESETS = ['laststep', 'ag-ui', 'openai-responses', 'vercel-ui', 'a2a', 'claude-agent-sdk'] as const

export type Preset = (typeof PRESETS)[number]

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

const MS_OF_UNIT: Readonly<Record<string, Millis>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

const duration = z
  .string('expected a duration such as 500ms, 5s, 20m or 1h')
  .regex(/^\d+(\.\d+)?(ms|s|m|h)$/, 'expected a duration such as 500ms, 5s, 20m or 1h')
  .transform((text): Millis => Number.parseFloat(text) * (MS_OF_UNIT[text.replace(/^[\d.]+/, '')] ?? 0))

const limits = z.strictObject({ suspect: duration.optional(), stalled: duration.optional() })
const budget = z.strictObject({ ...limits.shape, named: z.record(z.string(), limits).optional() })
const learned = z.strictObject({
  factor: z
    .number()
    .min(1, 'a limit below what is usual would flag what is usual: expected 1 or more')
    .max(100)
    .optional(),
  floor: z.strictObject({ suspect: duration.optional(), stalled: duration.optional() }).optional(),
  ceiling: duration.optional(),
  samples: z
    .int()
    .min(20, 'a limit from fewer than 20 samples is a guess')
    .max(1_000, 'of each step the latest 1,000 are kept')
    .optional(),
})
const budgets = z.strictObject({
  ready: budget.optional(),
  queued: budget.optional(),
  started: budget.optional(),
  reasoning: budget.optional(),
  thought: budget.optional(),
  tool: budget.optional(),
  failing: budget.optional(),
  between: budget.optional(),
  waiting: budget.optional(),
  finalise: budget.optional(),
  terminal: budget.optional(),
  loop: budget.optional(),
  pulse: z.strictObject({ missed: z.number().min(1).max(100) }).optional(),
  run: z.strictObject({ overrunning: duration }).optional(),
  delivery: z.strictObject({ confirmed: duration }).optional(),
  learned: z
    .union([z.literal('off'), learned], 'expected off, or some of factor, floor, ceiling and samples')
    .optional(),
})

const eventRule = z.strictObject({
  phase: z.enum(PHASES, `expected a phase: ${PHASES.join(', ')}`),
  edge: z.enum(['open', 'close', 'point'], 'expected open, close or point').default('point'),
  scope: z.enum(['run', 'step'], 'expected run, or step for what a child of the run does').default('run'),
  outcome: z.enum(['succeeded', 'failed', 'cancelled'], 'expected succeeded, failed or cancelled').optional(),
  thought: z.boolean().default(false),
  synthetic: z.boolean().default(false),
  pair: z.string().min(1).optional(),
})

const wireType = z
  .string()
  .min(1, 'an event needs a name')
  .regex(/^[^*]*\*?[^*]*$/, 'a pattern has one * at most')

const file = z.strictObject({
  contract: z.string().min(1),
  version: z.int().min(1),
  extends: z.enum(PRESETS, `expected a preset: ${PRESETS.join(', ')}`).optional(),
  events: z.record(wireType, eventRule.nullable()).optional(),
  liveness: z.array(wireType).optional(),
  required: z.array(z.string()).optional(),
  critical: z.array(z.string()).optional(),
  turns: z.boolean().optional(),
  frames: frameForm.optional(),
  budgets: budgets.optional(),
  agents: z.record(z.string(), z.strictObject({ budgets })).optional(),
})

export type ContractFile = z.infer<typeof file>
export type BudgetsInFile = z.infer<typeof budgets>
export type LearnedInFile = z.infer<typeof learned>
export type BudgetInFile = z.infer<typeof budget>

/** @throws ContractProblem */
export function parseContract(text: string, source: string): ContractFile {
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
    read.error.issues.flatMap((issue) => tell(issue, [])),
  )
}

type Issue = z.core.$ZodIssue

function tell(issue: Issue, around: readonly PropertyKey[]): string[] {
  const path = [...around, ...issue.path]
  const within = issue.code === 'invalid_union' ? issue.errors.find((branch) => branch.some(isWithin)) : undefined
  if (within !== undefined) return within.flatMap((each) => tell(each, path))
  const told = issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message
  return [`${path.join('.') || '(top)'}: ${told}`]
}

/** It is of the right kind, and what is wrong is in it. */
const isWithin = ({ code, path }: Issue): boolean => path.length > 0 || code === 'unrecognized_keys'
