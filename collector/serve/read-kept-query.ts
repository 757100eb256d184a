/** The queries of `GET /api/stalls` and `GET /api/trends`, read and checked. */
import { z } from 'zod'
import { INCIDENT_STATES } from '../../contract/incidents.ts'
import { INCIDENT_SORTS } from '../../contract/stalls.ts'
import { TREND_SPLITS } from '../../contract/trends.ts'
import { hours, type Instant, type Millis } from '../../contract/units.ts'
import type { StallQuery, TrendQuery } from '../stall-query.ts'
import { oneOf, readQuery, text, timeAt, wholeNumber } from './read-query.ts'
import { Refusal } from './refusal.ts'

export const INCIDENTS_LIMIT_MAX = 200
export const TRENDS_DEFAULT_MS: Millis = hours(24)
const TRENDS_MS_MAX: Millis = hours(400 * 24)

const stallSchema = z.strictObject({
  state: oneOf(INCIDENT_STATES).optional(),
  standing: oneOf(['yes'])
    .transform(() => true)
    .optional(),
  agent: text.optional(),
  environment: text.optional(),
  version: text.optional(),
  step: text.optional(),
  sort: oneOf(INCIDENT_SORTS).default('last'),
  limit: wholeNumber(INCIDENTS_LIMIT_MAX).default(INCIDENTS_LIMIT_MAX),
})

/** @throws Refusal `invalid` naming every parameter that is wrong, and what it should be */
export function readStallQuery(query: unknown, now: Instant): StallQuery {
  return { ...readQuery(stallSchema, query), now }
}

/** @throws Refusal `invalid` naming every parameter that is wrong, and what it should be */
export function readTrendQuery(query: unknown, now: Instant): TrendQuery {
  const schema = z.strictObject({
    from: timeAt(now).default(now - TRENDS_DEFAULT_MS),
    to: timeAt(now).default(now),
    split: oneOf(TREND_SPLITS).optional(),
    agent: text.optional(),
    environment: text.optional(),
    version: text.optional(),
  })
  const asked = readQuery(schema, query)
  if (asked.from >= asked.to) throw new Refusal('invalid', 'from must be before to')
  if (asked.to - asked.from > TRENDS_MS_MAX) throw new Refusal('invalid', 'from and to may be 400 days apart at most')
  return { ...asked, now }
}
