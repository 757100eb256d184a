/** The queries of `GET /api/runs` and of one run, read and checked. */
import { z } from 'zod'
import { RUN_ORDERS, RUN_SORTS } from '../../contract/runs.ts'
import { STATUSES, type Status } from '../../contract/statuses.ts'
import type { Instant } from '../../contract/units.ts'
import type { RunQuery } from '../stored-run.ts'
import { ATTRIBUTE_TESTS, CONDITIONS_MAX, FILTER_FIELDS, readCondition } from '../../contract/search.ts'
import { readCursor, type SpanQuery } from '../log-search.ts'
import type { SpanWish } from './pick-spans.ts'
import { oneOf, readQuery, text, timeAt, wholeNumber } from './read-query.ts'
import { Refusal } from './refusal.ts'

export const RUNS_LIMIT_MAX = 500
export const RUNS_LIMIT_DEFAULT = 50

/**
 * The query of `GET /api/search`: conditions on spans, and on their runs those of `GET /api/runs`.
 * @throws Refusal `invalid` naming every parameter that is wrong, and what it should be
 */
export function readSpanQuery(query: unknown, now: Instant): SpanQuery {
  const {
    attr,
    cursor,
    limit = RUNS_LIMIT_DEFAULT,
    ...runs
  } = readQuery(schemaAt(now).extend({ attr: conditions }), query)
  const { canary: _canary, ...asked } = runs
  const from = cursor === undefined ? null : readCursor(cursor)
  if (cursor !== undefined && from === null)
    throw new Refusal('invalid', 'cursor must be the `next` of an earlier answer')
  return { conditions: attr, runs: asked, limit, cursor: from }
}

/** @throws Refusal `invalid` naming every parameter that is wrong, and what it should be */
export function readValueQuery(query: unknown) {
  return readQuery(z.strictObject({ field: oneOf(FILTER_FIELDS), like: text.or(z.literal('')).default('') }), query)
}

const CONDITION_FORM = `must be like key:test:value, where test is one of ${ATTRIBUTE_TESTS.join(', ')}; over and under need a number`

const conditions = z
  .preprocess((written) => [written].flat(), z.array(text).min(1).max(CONDITIONS_MAX, `${CONDITIONS_MAX} at most`))
  .transform((written, context) =>
    written.flatMap((one) => {
      const condition = readCondition(one)
      if (condition === null) context.addIssue(CONDITION_FORM)
      return condition ?? []
    }),
  )

/**
 * @param query as the URL gives it: texts, and lists of texts where a name is repeated
 * @param now what `now-15m` is counted from
 * @throws Refusal `invalid` naming every parameter that is wrong, and what it should be
 */
export function readRunQuery(query: unknown, now: Instant): RunQuery {
  const { canary, ...asked } = readQuery(schemaAt(now).extend(sorting), query)
  const { since, until } = asked
  if (since !== undefined && until !== undefined && since >= until)
    throw new Refusal('invalid', 'since must be before until')
  return canary === undefined ? asked : { ...asked, isCanary: true }
}

const detailSchema = (now: Instant) =>
  z.strictObject({
    asof: timeAt(now).optional(),
    span: text.optional(),
    around: z
      .string('must be given once')
      .regex(/^-?\d{1,12}$/, 'must be whole milliseconds from the first span')
      .transform(Number)
      .optional(),
    spans: z.literal('all', 'must be all').optional(),
  })

export interface DetailQuery {
  /** What to have among the spans of a run that has too many. */
  readonly wish: SpanWish | 'all'
  /** As it was then; null for as it is. */
  readonly asOf: Instant | null
}

/**
 * The query of `GET /api/runs/:id`.
 * @throws Refusal `invalid` naming every parameter that is wrong, and what it should be
 */
export function readDetailQuery(query: unknown, now: Instant): DetailQuery {
  const { span, around, spans, asof } = readQuery(detailSchema(now), query)
  // Of what is yet to come nothing can be said: it is as it is now.
  return {
    wish: spans ?? { span: span ?? null, around: around ?? null },
    asOf: asof === undefined || asof >= now ? null : asof,
  }
}

/** A search goes through the log backwards: its order is the newest first. */
const sorting = { sort: oneOf(RUN_SORTS).optional(), order: oneOf(RUN_ORDERS).optional() }

function schemaAt(now: Instant) {
  const time = timeAt(now)
  return z.strictObject({
    status: text.transform(splitStatuses).optional(),
    agent: text.optional(),
    environment: text.optional(),
    version: text.optional(),
    step: text.optional(),
    user: text.optional(),
    session: text.optional(),
    since: time.optional(),
    until: time.optional(),
    limit: wholeNumber(RUNS_LIMIT_MAX).default(RUNS_LIMIT_DEFAULT),
    cursor: text.optional(),
    canary: z.literal('1', 'must be 1').optional(),
  })
}

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
