/** What the queries of the API have in common: their texts and times, and how a wrong one is refused. */
import { z } from 'zod'
import { hours, minutes, seconds, type Instant, type Millis } from '../../contract/units.ts'
import { Refusal } from './refusal.ts'

/** Longer than any id, version or step a person would search for. */
const TEXT_CHARS_MAX = 200

export const text = z.string('must be given once').trim().min(1, 'must not be empty').max(TEXT_CHARS_MAX, 'is too long')

/** @param now what `now-15m` is counted from */
export function timeAt(now: Instant) {
  return text.transform((written, context) => {
    const instant = readTime(written, now)
    if (instant === null) context.addIssue('must be like 2026-11-22T03:04:11Z or now-15m (s, m, h, d)')
    return instant ?? z.NEVER
  })
}

export function wholeNumber(max: number) {
  const rule = `must be a whole number from 1 to ${max}`
  return z
    .string('must be given once')
    .regex(/^\d{1,4}$/, rule)
    .transform(Number)
    .refine((value) => value >= 1 && value <= max, rule)
}

/** One of a closed list of words. */
export function oneOf<const Words extends readonly [string, ...string[]]>(words: Words) {
  return z.enum(words, `must be one of ${words.join(', ')}`)
}

/**
 * @param query as the URL gives it: texts, and lists of texts where a name is repeated
 * @throws Refusal `invalid` naming every parameter that is wrong, and what it should be
 */
export function readQuery<Schema extends z.ZodType>(schema: Schema, query: unknown): z.infer<Schema> {
  const read = schema.safeParse(query)
  if (!read.success) throw new Refusal('invalid', sentencesOf(read.error).join('; '))
  return read.data
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
