/** What the API says of many runs together: incidents and trends. */
import { z } from 'zod'
import { PHASES } from '../../contract/phases.ts'
import { INCIDENT_FIELDS, INCIDENT_TAGS, type IncidentDetail, type IncidentList } from '../../contract/stalls.ts'
import { INCIDENT_STATES } from '../../contract/incidents.ts'
import { incidentLife, impact } from './incident-life-schemas.ts'
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
  life: incidentLife,
  tag: z.enum(INCIDENT_TAGS),
  stalls: count,
  standing: count.meta({ description: 'of these stand still now' }),
  users: count,
  sessions: count,
  recovered: count.meta({ description: 'stalls that were over because the run moved on by itself' }),
  completedLate: count.meta({ description: 'runs that stood still and completed after all' }),
  atRisk: impact.nullable(),
  siblings: z
    .array(z.object({ fingerprint: text, version: text.nullable(), stalls: count }))
    .meta({ description: 'the same in other versions, where somebody split them off' }),
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
  states: z.record(z.enum(INCIDENT_STATES), count),
  standing: count,
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
  codeKey: text.nullable().meta({ description: 'the code as the fingerprint reads it' }),
  merged: z.array(z.object({ fingerprint: text, ...ingredients })),
  splitFrom: z.object({ fingerprint: text, version: text.nullable() }).nullable(),
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
