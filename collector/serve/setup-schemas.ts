/** The schemas of what the collector says of its set-up, and of the wall's hour. */
import { z } from 'zod'
import type { InFlightHistory } from '../../contract/live.ts'
import { PHASES } from '../../contract/phases.ts'
import type { Setup, TestRunAnswer } from '../../contract/setup.ts'
import { count, ms, text, time } from './base-schemas.ts'

export const inFlightHistory = z.object({
  stepMs: ms,
  phases: z.array(z.enum(PHASES)),
  samples: z.array(z.object({ at: time, inPhase: z.array(count), between: count })),
}) satisfies z.ZodType<InFlightHistory>

export const setup = z.object({
  version: text,
  startedAt: time,
  host: text,
  isReachable: z.boolean(),
  ports: z.object({ dashboard: count, otlpHttp: count, otlpGrpc: count }),
  dataDir: text,
  kept: z.object({ forMs: ms, bytesMax: z.number(), bytes: count, since: time.nullable() }),
  contracts: z.array(z.object({ name: text, version: z.number(), hash: text })),
  fsync: z.enum(['always', 'interval']),
  isTelling: z.boolean(),
  hasCanary: z.boolean(),
  hasDeadMan: z.boolean(),
  hearing: z.object({
    firstEventAt: time.nullable(),
    lastEventAt: time.nullable(),
    lastService: text.nullable(),
    requests: count,
    refusals: z.array(z.object({ reason: text, says: text, count, lastAt: time })),
    clockBehindMs: z.number().nullable(),
  }),
}) satisfies z.ZodType<Setup>

export const testRunAnswer = z.object({ runId: text }) satisfies z.ZodType<TestRunAnswer>
