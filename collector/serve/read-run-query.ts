/** The query of `GET /api/runs`, read and checked. */
import { z } from 'zod'
import { STATUSES, type Status } from '../../contract/statuses.ts'
import { hours, minutes, seconds, type Instant, type Millis } from '../../contract/units.ts'
import type { RunQuery } from '../stored-run.ts'
import { Refusal } from './refusal.ts'

export const RUNS_LIMIT_MAX = 500
export const RUNS_LIMIT_DEFAULT = 50
/** Longer than any id, version or step a person would search for. */
const TEXT_CHARS_MAX = 200

/**
 * @param query as the URL gives it: texts, and lists of texts where a name is repeated
 * @param now what `now-15m` is counted from
 * @throws Refusal `invalid` naming every parameter that is wrong, and what it should be
 */
export function readRunQuery(query: unknown, now: Instant): RunQuery {
  const read = schemaAt(now).safeParse(query)
  if (!read.success) throw new Refusal('invalid', sentencesOf(read.error).join('; '))
  const { since, until } = read.data
  if (since !== undefined && until !== undefined && since >= until)
    throw new Refusal('invalid', 'since must be before until')
  const { canary, ...asked } = read.data
  return canary === undefined ? asked : { ...asked, isCanary: true }
}

function schemaAt(now: Instant) {
  const text = z.string('must be given once').trim().min(1, 'must not be empty').max(TEXT_CHARS_MAX, 'is too long')
  const time = text.transform((written, context) => {
    const instant = readTime(written, now)
    if (instant === null) context.addIssue('must be like 2026-11-22T03:04:11Z or now-15m (s, m, h, d)')
    return instant ?? z.NEVER
  })
  return z.strictObject({
    status: text.transform(splitStatuses).optional(),
    agent: text.optional(),
    environment: text.optional(),
    version: text.optional(),
    step: text.optional(),
    user: text.optional(),
    since: time.optional(),
    until: time.optional(),
    limit: z
      .string('must be given once')
      .regex(/^\d{1,4}$/, LIMIT_RULE)
      .transform(Number)
      .refine((limit) => limit >= 1 && limit <= RUNS_LIMIT_MAX, LIMIT_RULE)
      .default(RUNS_LIMIT_DEFAULT),
    cursor: text.optional(),
    canary: z.literal('1', 'must be 1').optional(),
  })
}

const LIMIT_RULE = `must be a whole number from 1 to ${RUNS_LIMIT_MAX}`

function splitStatuses(written: string, context: z.RefinementCtx): Status[] {
  const words = written.split(',').map((word) => word.trim())
  const unknown = words.filter((word) => !isStatus(word))
  if (unknown.length > 0)
    context.addIssue(`knows no ${unknown.map((word) => `"${word}"`).join(', ')}; known: ${STATUSES.join(', ')}`)
  return words.filter(isStatus)
}

function isStatus(word: string): word is Status {
  return (STATUSES as readonly string[]).includes(word)
}

const UNIT_MS: Readonly<Record<string, Millis>> = { s: seconds(1), m: minutes(1), h: hours(1), d: hours(24) }

/** Null when the text is not a time. */
function readTime(written: string, now: Instant): Instant | null {
  const relative = /^now(?:-(\d{1,6})([smhd]))?$/.exec(written)
  if (relative) return now - Number(relative[1] ?? 0) * (UNIT_MS[relative[2] ?? 's'] ?? 0)
  // With a zone or a date alone (midnight UTC): anything else would be read in the zone this machine happens to be in.
  if (!/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/.test(written)) return null
  const instant = Date.parse(written)
  return Number.isNaN(instant) ? null : instant
}

function sentencesOf(error: z.ZodError): string[] {
  return error.issues.map((issue) =>
    issue.code === 'unrecognized_keys'
      ? `there is no parameter ${issue.keys.map((key) => `"${key}"`).join(', ')}`
      : `${issue.path.join('.')} ${issue.message}`,
  )
}
