/** The queries of `GET /api/compare`, read and checked. */
import { z } from 'zod'
import { RELATIVE_COHORTS, type RelativeCohort } from '../../contract/compare.ts'
import type { Instant } from '../../contract/units.ts'
import { readQuery } from './read-query.ts'
import { readRunQuery } from './read-run-query.ts'
import { Refusal } from './refusal.ts'

/** As written; whether an incident or a run is there is not known yet. */
export type WrittenCohort =
  | { readonly kind: 'incident'; readonly asked: string; readonly id: string }
  | { readonly kind: 'run'; readonly asked: string; readonly id: string }
  | { readonly kind: 'runs'; readonly asked: string; readonly query: ReturnType<typeof readRunQuery> }

/** A whole query of runs stands in it. */
const COHORT_CHARS_MAX = 1_000
const FORM = 'must be incident:<fingerprint>, run:<id> or a query of /api/runs such as agent=support&status=stalled'

const cohort = z
  .string('must be given once')
  .trim()
  .min(1, FORM)
  .max(COHORT_CHARS_MAX, `must have ${COHORT_CHARS_MAX} characters at most`)
const schema = z.strictObject({ a: cohort, b: cohort.default('healthy') })

/** @throws Refusal `invalid` naming the group and every parameter of it that is wrong */
export function readCompareQuery(
  query: unknown,
  now: Instant,
): { readonly a: WrittenCohort; readonly b: WrittenCohort | RelativeCohort } {
  const { a, b } = readQuery(schema, query)
  if (isRelative(a)) throw new Refusal('invalid', `a ${FORM}; ${a} says what b is to a`)
  return { a: readCohort('a', a, now), b: isRelative(b) ? b : readCohort('b', b, now) }
}

function isRelative(written: string): written is RelativeCohort {
  return (RELATIVE_COHORTS as readonly string[]).includes(written)
}

function readCohort(side: 'a' | 'b', asked: string, now: Instant): WrittenCohort {
  const [, kind, id] = /^(incident|run):(.+)$/s.exec(asked) ?? []
  if (id !== undefined) return { kind: kind === 'run' ? 'run' : 'incident', asked, id: id.trim() }
  const pairs = new URLSearchParams(asked)
  const names = [...pairs.keys()]
  if (!asked.includes('=') || names.length === 0)
    throw new Refusal('invalid', `${side} ${FORM}${side === 'b' ? `, or one of ${RELATIVE_COHORTS.join(', ')}` : ''}`)
  if (names.some((name) => name === 'limit' || name === 'cursor'))
    throw new Refusal('invalid', `${side} is of all runs that fit: it has no limit and no cursor`)
  const parts = Object.fromEntries(names.map((name) => [name, pairs.getAll(name)]))
  const single = Object.entries(parts).map(([name, values]) => [name, values.length === 1 ? values[0] : values])
  try {
    const { limit: _limit, ...read } = readRunQuery(Object.fromEntries(single), now)
    return { kind: 'runs', asked, query: read }
  } catch (error) {
    if (error instanceof Refusal) throw new Refusal('invalid', `${side}: ${error.message}`)
    throw error
  }
}
