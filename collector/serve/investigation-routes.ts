/** Investigations: begun and drafted, read, edited, and written out. */
import { json, Router } from 'express'
import type { Investigation, NewInvestigation } from '../../contract/investigations.ts'
import type { RunDetail } from '../../contract/runs.ts'
import type { IncidentDetail } from '../../contract/stalls.ts'
import type { Change, InvestigationSource, SheetFacts } from '../investigation.ts'
import { answer } from './answer.ts'
import { editRequest, newInvestigation } from './investigation-schemas.ts'
import {
  readBody,
  readDraftQuery,
  readExport,
  readHistory,
  readIssueQuery,
  readListQuery,
  readRev,
} from './read-investigation.ts'
import { Refusal } from './refusal.ts'

/** Where the facts of a sheet are read. Both throw a Refusal `not-found` for what is not kept. */
export interface FactSource {
  run(id: string): Promise<RunDetail>
  incident(written: string): Promise<IncidentDetail>
  /** What the numbers carry of what had changed before it began. */
  changes(incident: IncidentDetail): Promise<readonly Change[]>
}

/** A hundred edits with texts as long as they may be would be more than anybody types in a second. */
const BODY_MAX = '512kb'

export function investigationRoutes(source: InvestigationSource, facts: FactSource): Router {
  const router = Router()
  const body = json({ limit: BODY_MAX })
  const sheetOf = (id: unknown, rev?: number): Investigation => found(source.find(String(id), rev), String(id), rev)

  router.get(
    '/investigations',
    answer(({ query }) => source.list(readListQuery(query))),
  )
  router.post(
    '/investigations',
    body,
    answer(async (request) => {
      const asked = readBody(newInvestigation, request.body)
      return source.create(asked, await factsToDraft(asked, facts))
    }),
  )
  router.get(
    '/investigations/draft',
    answer(async ({ query }) => {
      const asked = readDraftQuery(query)
      return source.draft(asked, await factsToDraft(asked, facts))
    }),
  )
  router.get(
    '/investigations/:id',
    answer(({ params, query }) => sheetOf(params['id'], readRev(query))),
  )
  router.post(
    '/investigations/:id/edits',
    body,
    answer(({ params, body: edits }) => {
      const id = String(params['id'])
      const edited = found(source.edit(id, readBody(editRequest, edits)), id)
      if ('refused' in edited) throw new Refusal('invalid', edited.refused)
      return edited
    }),
  )
  router.get(
    '/investigations/:id/history',
    answer(({ params, query }) => {
      const id = String(params['id'])
      const { before, limit } = readHistory(query)
      return { entries: found(source.history(id, before, limit), id) }
    }),
  )
  router.get(
    '/investigations/:id/timeline',
    answer(async ({ params }) => {
      const sheet = sheetOf(params['id'])
      return { entries: source.timeline(sheet, await factsKept(sheet, facts)) }
    }),
  )
  router.get('/investigations/:id/export', async ({ params, query }, response) => {
    const { format, rev } = readExport(query)
    const sheet = sheetOf(params['id'], rev)
    const text = source.write(sheet, await factsKept(sheet, facts), format)
    response.set('Content-Disposition', `attachment; filename="${sheet.id}.${format}"`)
    response.type(format === 'md' ? 'text/markdown' : 'application/json').send(text)
  })
  router.get(
    '/investigations/:id/issue-links',
    answer(async ({ params, query }) => {
      const { repository } = readIssueQuery(query)
      const sheet = sheetOf(params['id'])
      return source.issueLinks(sheet, await factsKept(sheet, facts), repository)
    }),
  )
  return router
}

async function factsToDraft({ run, incident }: NewInvestigation, facts: FactSource): Promise<SheetFacts> {
  if (run !== undefined && incident !== undefined)
    throw new Refusal('invalid', 'an investigation is about an incident or about a run; name one of them')
  if (run !== undefined) {
    const detail = await facts.run(run)
    const whole = detail.fingerprint === null ? null : await orNull(facts.incident(detail.fingerprint))
    return { run: detail, incident: whole, changes: whole === null ? [] : await facts.changes(whole) }
  }
  if (incident === undefined) return { run: null, incident: null, changes: [] }
  const detail = await facts.incident(incident)
  const example = exampleOf(detail)
  const [whole, changes] = await Promise.all([
    example === null ? null : orNull(facts.run(example)),
    facts.changes(detail),
  ])
  return { run: whole, incident: detail, changes }
}

/** The run that says most: one that still stands there, or else one that is kept; the latest. */
function exampleOf({ latestStalls, firstStall }: IncidentDetail): string | null {
  const kept = latestStalls.filter(({ run }) => run !== null)
  return (kept.find(({ endedAt }) => endedAt === null) ?? kept[0] ?? firstStall)?.runId ?? null
}

/** A sheet outlives what it is about. */
async function factsKept({ fingerprint, runId }: Investigation, facts: FactSource): Promise<SheetFacts> {
  const [run, incident] = await Promise.all([
    runId === null ? null : orNull(facts.run(runId)),
    fingerprint === null ? null : orNull(facts.incident(fingerprint)),
  ])
  return { run, incident, changes: [] }
}

async function orNull<Kept>(asked: Promise<Kept>): Promise<Kept | null> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof Refusal && error.code === 'not-found') return null
    throw error
  }
}

function found<Thing>(thing: Thing | null, id: string, rev?: number): Thing {
  if (thing === null)
    throw new Refusal(
      'not-found',
      rev === undefined ? `there is no investigation ${id}` : `investigation ${id} has no revision ${rev}`,
    )
  return thing
}
