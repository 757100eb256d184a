/** Requests about investigations, read and checked. */
import { z } from 'zod'
import {
  EXPORT_FORMATS,
  HISTORY_PAGE,
  INVESTIGATION_STATES,
  type NewInvestigation,
} from '../../contract/investigations.ts'
import { readFingerprint } from '../fingerprint.ts'
import type { InvestigationQuery } from '../investigation.ts'
import { oneOf, readQuery, text, wholeNumber } from './read-query.ts'
import { Refusal } from './refusal.ts'

/** @throws Refusal `invalid`, also for a body that is no JSON */
export function readBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.infer<Schema> {
  // What is sent as another type is not read, so that no form of another site can send it.
  if (body === undefined) throw new Refusal('invalid', 'send JSON, as content-type application/json')
  return readQuery(schema, body)
}

/** @throws Refusal `invalid` naming every parameter that is wrong */
export function readListQuery(query: unknown): InvestigationQuery {
  const { state, incident, run } = readQuery(listSchema, query)
  return { state, fingerprint: incident, runId: run }
}

/** @throws Refusal `invalid` naming every parameter that is wrong */
export function readDraftQuery(query: unknown): Pick<NewInvestigation, 'incident' | 'run'> {
  return readQuery(draftSchema, query)
}

/** @returns the revision asked for; undefined for the newest. @throws Refusal `invalid` */
export function readRev(query: unknown): number | undefined {
  return readQuery(z.strictObject({ rev }), query).rev
}

/** @throws Refusal `invalid` naming every parameter that is wrong */
export function readHistory(query: unknown): { readonly before: number; readonly limit: number } {
  return readQuery(historySchema, query)
}

/** @throws Refusal `invalid` naming every parameter that is wrong */
export function readExport(query: unknown): z.infer<typeof exportSchema> {
  return readQuery(exportSchema, query)
}

/** @throws Refusal `invalid` naming every parameter that is wrong */
export function readIssueQuery(query: unknown): z.infer<typeof issueSchema> {
  return readQuery(issueSchema, query)
}

const anyRev = z
  .string('must be given once')
  .regex(/^[1-9]\d{0,8}$/, 'must be a revision: a whole number from 1')
  .transform(Number)
const rev = anyRev.optional()

const listSchema = z.strictObject({
  state: oneOf(INVESTIGATION_STATES).optional(),
  incident: text
    .transform((written, context) => {
      const digits = readFingerprint(written)
      if (digits === null) context.addIssue('must be a fingerprint')
      return digits ?? z.NEVER
    })
    .optional(),
  run: text.optional(),
})

const draftSchema = z.strictObject({ incident: text.optional(), run: text.optional() })

const historySchema = z.strictObject({
  before: anyRev.default(Number.MAX_SAFE_INTEGER),
  limit: wholeNumber(HISTORY_PAGE).default(HISTORY_PAGE),
})

const exportSchema = z.strictObject({ format: oneOf(EXPORT_FORMATS).default('md'), rev })

const issueSchema = z.strictObject({ repository: z.string('must be given once').trim().min(1).max(2_000) })
