/** What the API says of deploys, and of what became of an incident with them. */
import { z } from 'zod'
import {
  DEPLOY_FINDS,
  DEPLOY_SOURCES,
  type Deploy,
  type DeployAnnouncement,
  type DeployAnswer,
  type DeployEffects,
  type DeployList,
} from '../../contract/deploys.ts'
import { count, text, time } from './base-schemas.ts'

export const deploy = z.object({
  service: text,
  environment: text.nullable(),
  version: text,
  at: time.meta({ description: 'as announced; of one that nobody announced, when its first run began' }),
  source: z.enum(DEPLOY_SOURCES).meta({ description: 'seen: in telemetry; api, command: somebody announced it' }),
  url: text.nullable(),
  note: text.nullable(),
  by: text.nullable(),
}) satisfies z.ZodType<Deploy>

export const deployAnnouncement = z.object({
  service: text,
  environment: text.nullish().meta({ description: '`deployment.environment.name`, as telemetry says it' }),
  version: text,
  at: text.nullish().meta({ description: 'ISO-8601, or relative like now-5m; now when absent' }),
  url: text.nullish(),
  note: text.nullish(),
  by: text.nullish().meta({ description: 'who says so; 80 characters at most' }),
  source: z.enum(['api', 'command']).optional(),
}) satisfies z.ZodType<DeployAnnouncement>

export const deployAnswer = z.object({ deploy, isNew: z.boolean() }) satisfies z.ZodType<DeployAnswer>
export const deployList = z.object({ deploys: z.array(deploy), total: count }) satisfies z.ZodType<DeployList>

const number = z.number().nonnegative()
const exposure = z.object({
  from: time,
  to: time,
  runs: count,
  stalls: count,
  rate: number.nullable().meta({ description: 'stalls by runs' }),
  interval: z.tuple([number, number]).nullable().meta({ description: '95 % interval of the rate' }),
})

export const deployEffect = z.object({
  deploy,
  together: z.array(deploy),
  before: exposure,
  after: exposure,
  scatter: z.number().min(1),
  ratio: z.object({ value: number.nullable(), low: number, high: number.nullable() }).nullable(),
  p: number.nullable(),
  found: z.enum(DEPLOY_FINDS),
  isSuspect: z.boolean(),
  sentence: text,
})
export const deployEffects = z.object({
  from: time,
  to: time,
  effects: z.array(deployEffect),
  total: count,
  suspect: deploy.nullable(),
}) satisfies z.ZodType<DeployEffects>
