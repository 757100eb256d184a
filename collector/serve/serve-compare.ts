/** `GET /api/compare` and what comes next: whoever leaves before the answer is there stops the work on it. */
import type { Request, RequestHandler, Response } from 'express'
import type { CohortAsk } from '../comparison.ts'
import type { IncidentDetail } from '../../contract/stalls.ts'
import { readFingerprint } from '../fingerprint.ts'
import type { Arranged } from '../homes.ts'
import { readCompareQuery, type WrittenCohort } from './read-compare-query.ts'
import { Refusal } from './refusal.ts'
import type { ServeSettings } from './serve-settings.ts'

export function serveCompare(settings: ServeSettings): RequestHandler {
  return answerWhileThere(async (request, gone) => {
    const now = settings.clock.now()
    const { a, b } = readCompareQuery(request.query, now)
    const [askA, askB] = await Promise.all([
      findCohort(settings, a),
      typeof b === 'string' ? b : findCohort(settings, b),
    ])
    return settings.comparisons.compare({ kind: 'compare', a: askA, b: askB, now }, gone)
  })
}

/** @param kind what the path's id is of */
export function serveNext(settings: ServeSettings, kind: 'run' | 'incident'): RequestHandler {
  return answerWhileThere(async (request, gone) => {
    const id = String(request.params[kind === 'run' ? 'id' : 'fingerprint'])
    const a = await findCohort(settings, { kind, asked: `${kind}:${id}`, id })
    return settings.comparisons.next({ kind: 'next', a, now: settings.clock.now() }, gone)
  })
}

async function findCohort({ kept, runs, incidents, clock }: ServeSettings, written: WrittenCohort): Promise<CohortAsk> {
  const { asked } = written
  switch (written.kind) {
    case 'runs':
      return { kind: 'runs', asked, query: written.query }
    case 'run': {
      const run = await runs.findRun(written.id)
      if (run === null) throw new Refusal('not-found', `no run or trace has the id ${written.id}`)
      return { kind: 'run', asked, id: run.row.id }
    }
    case 'incident': {
      const id = readFingerprint(written.id)
      const incident = id === null ? null : await kept.findIncident(id, clock.now())
      if (incident === null) throw new Refusal('not-found', `no incident has the fingerprint ${written.id}`)
      return stallsOf(incident, incidents.arranged(), asked)
    }
  }
}

function answerWhileThere(make: (request: Request, gone: AbortSignal) => Promise<unknown>): RequestHandler {
  return async (request: Request, response: Response) => {
    const gone = new AbortController()
    response.on('close', () => gone.abort())
    const answer = await make(request, gone.signal)
    if (answer !== null) response.json(answer)
    else response.end()
  }
}

export function stallsOf(
  incident: IncidentDetail,
  arranged: Arranged,
  asked = `incident:${incident.fingerprint}`,
): CohortAsk {
  return { kind: 'stalls', asked, fingerprint: incident.fingerprint, arranged, ingredients: incident }
}
