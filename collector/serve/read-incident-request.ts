/** The body of `POST /api/stalls/:fingerprint/actions`, read and checked. */
import { z } from 'zod'
import {
  MUTE_MS_MAX,
  MUTE_STALLS_MAX,
  NAME_CHARS_MAX,
  REASON_CHARS_MAX,
  type IncidentRequest,
} from '../../contract/incidents.ts'
import { toIso, type Instant } from '../../contract/units.ts'
import { timeAt } from './read-query.ts'
import { Refusal } from './refusal.ts'

const VERSION_CHARS_MAX = 200

/** Trimmed; what is empty was not said. */
function said(max: number) {
  return z
    .string('must be a text or null')
    .trim()
    .max(max, `must have ${max} characters at most`)
    .transform((text) => (text === '' ? null : text))
    .nullable()
}

const who = { by: said(NAME_CHARS_MAX).default(null), reason: said(REASON_CHARS_MAX).default(null) }
const fingerprint = z
  .string('must be a fingerprint')
  .regex(/^(?:stl-)?[\da-f]{4,16}$/i, 'must be a fingerprint: 4 to 16 hexadecimal digits, with or without STL-')
const version = said(VERSION_CHARS_MAX)

function until(now: Instant) {
  const isNear = (at: Instant) => at > now && at <= now + MUTE_MS_MAX
  return z.discriminatedUnion(
    'kind',
    [
      z.strictObject({
        kind: z.literal('time'),
        at: timeAt(now).refine(isNear, 'must be to come, and within 30 days').transform(toIso),
      }),
      z.strictObject({ kind: z.literal('deploy') }),
      z.strictObject({
        kind: z.literal('stalls'),
        more: z
          .int(`must be a whole number from 1 to ${MUTE_STALLS_MAX}`)
          .min(1, `must be a whole number from 1 to ${MUTE_STALLS_MAX}`)
          .max(MUTE_STALLS_MAX, `must be a whole number from 1 to ${MUTE_STALLS_MAX}`),
      }),
    ],
    'must be {"kind":"time","at":…}, {"kind":"deploy"} or {"kind":"stalls","more":…}',
  )
}

/** @param now what a mute may be until is counted from */
export function incidentRequest(now: Instant) {
  return z.discriminatedUnion(
    'action',
    [
      z.strictObject({ action: z.literal('acknowledge'), ...who }),
      z.strictObject({ action: z.literal('mute'), until: until(now), ...who }),
      z.strictObject({ action: z.literal('resolve'), version: version.default(null), ...who }),
      z.strictObject({ action: z.literal('reopen'), ...who }),
      z.strictObject({ action: z.literal('assign'), to: said(NAME_CHARS_MAX), ...who }),
      z.strictObject({ action: z.literal('merge'), into: fingerprint, ...who }),
      z.strictObject({ action: z.literal('unmerge'), part: fingerprint, ...who }),
      z.strictObject({ action: z.literal('split'), version, ...who }),
      z.strictObject({ action: z.literal('unsplit'), version, ...who }),
    ],
    'must be acknowledge, mute, resolve, reopen, assign, merge, unmerge, split or unsplit',
  )
}

/** @throws Refusal `invalid` naming everything that is wrong, and what it should be */
export function readIncidentRequest(body: unknown, now: Instant): IncidentRequest {
  if (typeof body !== 'object' || body === null)
    throw new Refusal(
      'invalid',
      'send the action as JSON, as {"action":"acknowledge"}, with content-type: application/json',
    )
  const read = incidentRequest(now).safeParse(body)
  if (read.success) return read.data
  const sentences = read.error.issues.map((issue) =>
    issue.code === 'unrecognized_keys'
      ? `there is no ${issue.keys.join(', ')} in it`
      : `${issue.path.join('.') || 'the body'} ${issue.message}`,
  )
  throw new Refusal('invalid', sentences.join('; '))
}
