/** What the API says of the life of incidents, and what it is told. */
import { z } from 'zod'
import {
  INCIDENT_CHANGES,
  INCIDENT_STATES,
  type Impact,
  type IncidentHistory,
  type IncidentLife,
} from '../../contract/incidents.ts'
import { count, text, time } from './base-schemas.ts'
import { incidentRequest } from './read-incident-request.ts'

export const impact = z
  .object({ amount: z.number(), unit: text })
  .meta({ description: 'what its stalls may cost, by the values this collector was given' }) satisfies z.ZodType<Impact>

const muteUntil = z.union([
  z.object({ kind: z.literal('time'), at: time }),
  z.object({ kind: z.literal('deploy') }),
  z.object({ kind: z.literal('stalls'), more: count }),
])

export const incidentLife = z.object({
  state: z.enum(INCIDENT_STATES),
  since: time.nullable(),
  by: text.nullable(),
  assignee: text.nullable(),
  mutedUntil: muteUntil.nullable(),
  resolvedIn: text.nullable(),
  regressed: z.object({ from: text.nullable(), in: text.nullable(), at: time }).nullable(),
}) satisfies z.ZodType<IncidentLife>

export const incidentHistory = z.object({
  changes: z.array(
    z.object({
      at: time,
      by: text.nullable(),
      what: z.enum(INCIDENT_CHANGES),
      from: text.nullable(),
      to: text.nullable(),
      reason: text.nullable(),
    }),
  ),
}) satisfies z.ZodType<IncidentHistory>

/** The moments in it depend on when it is asked; their form does not. */
export const INCIDENT_REQUEST_SCHEMA: object = z.toJSONSchema(incidentRequest(0), {
  io: 'input',
  target: 'openapi-3.0',
})
