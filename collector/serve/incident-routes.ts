/** Incidents over HTTP: the list, one with its stalls, its history, and what people decide about it. */
import express, { Router, type Request } from 'express'
import type { IncidentHistory } from '../../contract/incidents.ts'
import type { IncidentDetail } from '../../contract/stalls.ts'
import { readFingerprint } from '../fingerprint.ts'
import { answer } from './answer.ts'
import { readIncidentRequest } from './read-incident-request.ts'
import { readStallQuery } from './read-kept-query.ts'
import { Refusal } from './refusal.ts'
import type { ServeSettings } from './serve-settings.ts'

/** More than any action is long. */
const BODY_MAX = '16kb'

export function incidentRoutes({ clock, kept, incidents }: ServeSettings): Router {
  const router = Router()
  const find = (written: string): Promise<IncidentDetail> => findIncident(written, kept.findIncident, clock.now())
  const named = (request: Request) => find(String(request.params['fingerprint']))

  const readHistory = async (request: Request): Promise<IncidentHistory> => {
    const { fingerprint } = await named(request)
    return { changes: incidents.changes(fingerprint) }
  }
  const act = async (request: Request): Promise<IncidentDetail> => {
    const asked = readIncidentRequest(request.body, clock.now())
    const incident = await named(request)
    const ask = asked.action === 'merge' ? { ...asked, into: (await find(asked.into)).fingerprint } : asked
    if (ask.action === 'split') refuseEmptySplit(incident, ask.version)
    const not = await incidents.act(incident.fingerprint, ask)
    if (not !== null) throw new Refusal('invalid', not.refused)
    // One that was merged, or whose last version was split off, leads on to where its stalls are now.
    return find(ask.action === 'merge' ? ask.into : incident.fingerprint)
  }

  router.get(
    '/stalls',
    answer((request) => kept.listIncidents(readStallQuery(request.query, clock.now()))),
  )
  router.get('/stalls/:fingerprint', answer(named))
  router.get('/stalls/:fingerprint/history', answer(readHistory))
  router.post('/stalls/:fingerprint/actions', express.json({ limit: BODY_MAX }), answer(act))
  return router
}

/** @throws Refusal `not-found` */
export async function findIncident(
  written: string,
  findKept: ServeSettings['kept']['findIncident'],
  now: number,
): Promise<IncidentDetail> {
  const id = readFingerprint(written)
  const incident = id === null ? null : await findKept(id, now)
  if (incident === null)
    throw new Refusal(
      'not-found',
      `no incident has the fingerprint ${written}; it may be mistyped or too short, or its stalls are older than what is kept`,
    )
  return incident
}

function refuseEmptySplit({ versions }: IncidentDetail, version: string | null): void {
  const others = versions.filter((each) => each.version !== version)
  if (others.length === versions.length)
    throw new Refusal(
      'invalid',
      `no stall of this incident is of ${version ?? 'no version'}: split off one of those it has`,
    )
  if (others.length === 0)
    throw new Refusal('invalid', 'all stalls of this incident are of that version: there is nothing to split it from')
}
