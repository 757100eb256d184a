/** What differs between groups of runs, and what comes after a step, as zod schemas. */
import { z } from 'zod'
import {
  HIDDEN_REASONS,
  SUBJECTS,
  type Cohort,
  type ComparedRow,
  type Comparison,
  type NextSteps,
} from '../../contract/compare.ts'
import { PHASES } from '../../contract/phases.ts'
import { count, text, time } from './base-schemas.ts'

const share = z.number().min(0).max(1)
const ms = z.number()

const cohort = z.object({
  asked: text.meta({ description: 'as it was asked for' }),
  says: text.meta({ description: 'the same as words' }),
  query: text.nullable().meta({
    description: 'the query of /api/runs that lists its runs, with times written out; null for an incident or one run',
  }),
  from: time.nullable(),
  to: time.nullable(),
  total: count.meta({ description: 'runs that fit and were looked at' }),
  isCut: z.boolean().meta({ description: 'there are older ones that were not looked at' }),
  sampled: count.meta({ description: 'runs that were read and compared' }),
  notPassed: count.meta({ description: 'runs that were looked at and did not pass the step' }),
}) satisfies z.ZodType<Cohort>

const name = {
  of: z.enum(SUBJECTS),
  span: text.nullable().meta({ description: "the span's step or name; null for what is of no span" }),
  key: text,
}
const attribute = {
  ...name,
  score: share.meta({ description: 'the largest difference of shares; of numbers, between their distributions' }),
  isBeyondChance: z.boolean(),
}
const numbers = z.object({
  count,
  median: z.number().nullable(),
  p95: z.number().nullable(),
  bins: z.array(count),
})

const row = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('shares'),
    ...attribute,
    values: z.array(z.object({ value: text.nullable().meta({ description: 'null: not set' }), a: count, b: count })),
    valuesLeft: count,
  }),
  z.object({
    kind: z.literal('numbers'),
    ...attribute,
    unit: z.literal('ms').nullable(),
    a: numbers,
    b: numbers,
    from: z.number(),
    to: z.number(),
    isLogarithmic: z.boolean(),
  }),
]) satisfies z.ZodType<ComparedRow>

const step = z.object({ phase: z.enum(PHASES), name: text.nullable() }).nullable()

const comparison = z.object({
  at: time,
  a: cohort,
  b: cohort,
  step: step.meta({ description: 'what runs had done by the time they came to it is compared; null: all they did' }),
  rows: z.array(row).meta({ description: 'the largest difference first; a lead, not a cause' }),
  rowsTotal: count,
  same: count.meta({ description: 'attributes that are the same in both' }),
  outcome: z.array(row).meta({ description: 'what became of the runs: it explains nothing' }),
  hidden: z.array(z.object({ ...name, because: z.enum(HIDDEN_REASONS), values: count })),
  chance: share.meta({ description: 'a score that chance alone exceeds in one comparison of twenty' }),
}) satisfies z.ZodType<Comparison>

const times = { p50Ms: ms, p95Ms: ms }
const next = z.object({
  at: time,
  step,
  agent: text.nullable(),
  healthy: cohort,
  took: z.object(times).nullable(),
  next: z.array(z.object({ step: text, phase: z.enum(PHASES).nullable(), runs: count, directly: count, ...times })),
  end: z.object({ runs: count, ...times }).nullable(),
  runId: text.nullable(),
  own: z.array(z.object({ step: text, phase: z.enum(PHASES).nullable(), startedAt: time, tookMs: ms.nullable() })),
}) satisfies z.ZodType<NextSteps>

export const COMPARE_SCHEMAS = { Comparison: comparison, NextSteps: next, Cohort: cohort, ComparedRow: row }
