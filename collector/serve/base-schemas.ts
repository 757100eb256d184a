/** What the schemas of the API are made of. */
import { z } from 'zod'
import { PHASES } from '../../contract/phases.ts'
import { GAP_REASONS, type AttributeValue, type GapView, type RunRow } from '../../contract/runs.ts'
import { CAUSES, STATUSES } from '../../contract/statuses.ts'

export const time = z.iso.datetime({ precision: 3 }).meta({ description: 'ISO-8601, UTC, milliseconds' })
export const text = z.string()
export const count = z.int().nonnegative()

export const attributeValue: z.ZodType<AttributeValue> = z.lazy(() =>
  z.union([
    z.string(),
    z.number(),
    z.boolean(),
    z.null(),
    z.array(attributeValue),
    z.record(z.string(), attributeValue),
  ]),
)
export const attributes = z.record(z.string(), attributeValue)

export const codeLocation = z.object({ file: text, line: z.int().nullable(), function: text.nullable() })

export const step = z.object({
  phase: z.enum(PHASES),
  name: text.nullable(),
  spanId: text.nullable(),
  since: time,
  code: codeLocation.nullable(),
})

export const limit = z.object({
  ms: z.number(),
  from: text,
  learned: z
    .object({ samples: count, p99Ms: z.number(), factor: z.number() })
    .nullable()
    .meta({ description: 'what a learned limit was made of; null for one that somebody wrote' }),
})
export const outcome = z.enum(['succeeded', 'failed', 'cancelled'])
export const confidence = z.enum(['T1', 'T2', 'T3', 'T4'])
export const explainedBy = text
  .nullable()
  .meta({ description: 'the id of the finding about its process that explains it' })

export const gap = z.object({
  from: time,
  to: time,
  reason: z.enum(GAP_REASONS),
}) satisfies z.ZodType<GapView>

export const runRow = z.object({
  id: text,
  rev: count,
  traceId: text.nullable(),
  agent: text.nullable(),
  service: text.nullable(),
  version: text.nullable(),
  environment: text.nullable(),
  userId: text.nullable(),
  sessionId: text.nullable(),
  status: z.enum(STATUSES),
  step: step.nullable(),
  cause: z.enum(CAUSES).nullable(),
  confidence,
  explainedBy,
  isUnconfirmed: z.boolean(),
  startedAt: time,
  lastProgressAt: time,
  endedAt: time.nullable(),
  events: count,
  delivery: z.object({
    required: count,
    confirmed: count,
    outcome: z.enum(['pending', 'delivered', 'partial', 'undelivered', 'unknown']),
  }),
}) satisfies z.ZodType<RunRow>

export const ms = z.number().nonnegative()
