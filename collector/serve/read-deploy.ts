/** What is asked about deploys, and what is announced: read and checked. */
import { z } from 'zod'
import { hours, minutes, type Instant, type Millis } from '../../contract/units.ts'
import type { AnnouncedDeploy } from '../announced-deploy.ts'
import type { DeployQuery } from '../deploy-query.ts'
import { EFFECTS_MS } from '../deploys.ts'
import { readQuery, text, timeAt, wholeNumber } from './read-query.ts'
import { Refusal } from './refusal.ts'

export const DEPLOYS_LIMIT_MAX = 1_000
export const DEPLOYS_DEFAULT_MS: Millis = hours(30 * 24)
/** As far back as trends go. */
const AGO_MS_MAX: Millis = hours(400 * 24)
/** A clock may be ahead of ours; a deploy that is yet to come is none. */
const AHEAD_MS_MAX: Millis = minutes(5)

/** @throws Refusal `invalid` naming every field that is wrong, and what it should be */
export function readAnnouncement(body: unknown, now: Instant): AnnouncedDeploy {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new Refusal('invalid', 'send the deploy as a JSON object, with the content type application/json')
  const schema = z.strictObject({
    service: text,
    environment: maybe(200),
    version: text,
    at: timeAt(now).nullish(),
    url: maybe(2_000).refine(
      (url) => url === null || /^https?:\/\/\S+$/.test(url),
      'must begin with http:// or https://',
    ),
    note: maybe(1_000),
    by: maybe(80),
    source: z.enum(['api', 'command'], 'must be api or command').default('api'),
  })
  const { at, ...announced } = readQuery(schema, body)
  const when = at ?? now
  if (when > now + AHEAD_MS_MAX) throw new Refusal('invalid', 'at is yet to come; announce a deploy when it begins')
  if (when < now - AGO_MS_MAX)
    throw new Refusal('invalid', 'at is more than 400 days ago, and nothing is kept that long')
  return { ...announced, at: when }
}

/** What may be left out; null then, and when it is empty. */
function maybe(charsMax: number) {
  return z
    .string('must be a text')
    .trim()
    .max(charsMax, `must not be longer than ${charsMax} characters`)
    .nullish()
    .transform((value) => (value === undefined || value === '' ? null : value))
}

/** @throws Refusal `invalid` naming every parameter that is wrong, and what it should be */
export function readDeployQuery(query: unknown, now: Instant): DeployQuery {
  const schema = z.strictObject({
    from: timeAt(now).default(now - DEPLOYS_DEFAULT_MS),
    to: timeAt(now).default(now + AHEAD_MS_MAX),
    service: text.optional(),
    environment: text.optional(),
    version: text.optional(),
    limit: wholeNumber(DEPLOYS_LIMIT_MAX).default(DEPLOYS_LIMIT_MAX),
  })
  return inOrder(readQuery(schema, query))
}

/** @throws Refusal `invalid` naming every parameter that is wrong, and what it should be */
export function readEffectQuery(query: unknown, now: Instant): { readonly from: Instant; readonly to: Instant } {
  const schema = z.strictObject({ from: timeAt(now).default(now - EFFECTS_MS), to: timeAt(now).default(now) })
  return inOrder(readQuery(schema, query))
}

function inOrder<Range extends { readonly from: Instant; readonly to: Instant }>(range: Range): Range {
  if (range.from >= range.to) throw new Refusal('invalid', 'from must be before to')
  return range
}
