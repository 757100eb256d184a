/** What the API says of many runs together: incidents and trends. */
import { z } from 'zod'
import { PHASES } from '../../contract/phases.ts'
import {
  INCIDENT_FIELDS,
  INCIDENT_STATES,
  INCIDENT_TAGS,
  type IncidentDetail,
  type IncidentList,
} from '../../contract/stalls.ts'
import { TREND_COUNTS, TREND_PHASES, TREND_SPLITS, type Trends } from '../../contract/trends.ts'
import { CAUSES } from '../../contract/statuses.ts'
import { time, text, count, codeLocation, runRow, ms } from './base-schemas.ts'
import { deploy } from './deploy-schemas.ts'

const trend = z
  .array(count)
  .meta({ description: 'stalls begun in each half hour of the last day, the present one last' })

export const ingredients = {
  environment: text.nullable(),
  agent: text.nullable(),
  phase: z.enum(PHASES).nullable(),
  step: text.nullable(),
  cause: z.enum(CAUSES).nullable(),
  code: codeLocation.nullable(),
}

export const incident = z.object({
  fingerprint: text.meta({ description: '16 hexadecimal digits; people are shown STL- and the first six' }),
  ...ingredients,
  state: z.enum(INCIDENT_STATES),
  tag: z.enum(INCIDENT_TAGS),
  stalls: count,
  standing: count.meta({ description: 'of these stand still now' }),
  users: count,
  firstAt: time,
  firstVersion: text.nullable(),
  lastAt: time,
  deploy: deploy.nullable(),
  versions: z.array(z.object({ version: text.nullable(), stalls: count })),
  trend,
})
export const incidentList = z.object({
  incidents: z.array(incident),
  total: count,
  states: z.object({ standing: count, quiet: count }),
  trendFrom: time,
  deploys: z.array(deploy),
  values: z.record(z.enum(INCIDENT_FIELDS), z.array(text)),
}) satisfies z.ZodType<IncidentList>

export const stall = z.object({
  runId: text,
  version: text.nullable(),
  userId: text.nullable(),
  beganAt: time,
  endedAt: time.nullable(),
  run: runRow.nullable(),
})
export const incidentDetail = z.object({
  ...incident.shape,
  trendFrom: time,
  deploys: z.array(deploy),
  firstStall: stall.nullable(),
  latestStalls: z.array(stall),
  userIds: z.array(text),
}) satisfies z.ZodType<IncidentDetail>

const counts = z.array(count)
const lengths = z.array(ms.nullable())
const percentiles = z.object({ samples: count, p50: ms.nullable(), p95: ms.nullable(), p99: ms.nullable() })
export const trends = z.object({
  from: time,
  to: time,
  bucketMs: ms,
  buckets: z.array(time),
  split: z.enum(TREND_SPLITS).nullable(),
  series: z.array(
    z.object({
      name: text.nullable(),
      isRest: z.boolean(),
      counts: z.record(z.enum(TREND_COUNTS), counts),
      inFlight: counts,
      stalls: counts,
      phases: z.array(
        z.object({
          phase: z.enum(TREND_PHASES),
          whole: percentiles,
          samples: counts,
          p50: lengths,
          p95: lengths,
          p99: lengths,
        }),
      ),
    }),
  ),
  steps: z.array(
    z.object({ phase: z.enum(PHASES).nullable(), step: text.nullable(), isRest: z.boolean(), stalls: counts }),
  ),
  deploys: z.array(deploy),
  values: z.record(z.enum(TREND_SPLITS), z.array(text)),
}) satisfies z.ZodType<Trends>
