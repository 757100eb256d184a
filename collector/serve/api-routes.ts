/** The API under `/api`: JSON out, nothing cached. */
import { Router, type Request, type RequestHandler } from 'express'
import type { FindingList } from '../../contract/findings.ts'
import type { RunDetail } from '../../contract/runs.ts'
import type { TestRunAnswer } from '../../contract/setup.ts'
import type { IncidentDetail } from '../../contract/stalls.ts'
import { fromIso, toIso, type Instant } from '../../contract/units.ts'
import { readFingerprint } from '../fingerprint.ts'
import { runAsOf } from './as-of.ts'
import { describeSetup } from './describe-setup.ts'
import type { InFlightWatch } from './in-flight-history.ts'
import { makeDetail } from './make-detail.ts'
import { makeOpenApi } from './make-openapi.ts'
import { readDetailQuery, readRunQuery, readValueQuery, type DetailQuery } from './read-run-query.ts'
import { readStallQuery, readTrendQuery } from './read-kept-query.ts'
import { Refusal } from './refusal.ts'
import { streamSearch } from './stream-search.ts'
import type { KeptSource, ServeSettings, ServiceStatus } from './serve-settings.ts'

/** @param startedAt since when this process serves */
export function apiRoutes(settings: ServeSettings, inFlight: Pick<InFlightWatch, 'read'>, startedAt: Instant): Router {
  const { clock, runs, kept, version } = settings
  const openApi = makeOpenApi(version)
  const router = Router()
  router.use((_request, response, next) => {
    response.set('Cache-Control', 'no-store')
    next()
  })
  router.get(
    '/runs',
    answer((request) => runs.listRuns(readRunQuery(request.query, clock.now()))),
  )
  router.get(
    '/runs/:id',
    answer((request) =>
      readDetail(settings, String(request.params['id']), readDetailQuery(request.query, clock.now())),
    ),
  )
  router.get(
    '/findings',
    answer(() => ({ findings: settings.findings() }) satisfies FindingList),
  )
  router.get(
    '/go/*anything',
    answer((request) => kept.search.lookUp([request.params['anything']].flat().join('/'))),
  )
  router.get('/search', streamSearch(settings))
  router.get(
    '/values',
    answer((request) => kept.search.values(readValueQuery(request.query))),
  )
  router.get(
    '/stalls',
    answer((request) => kept.listIncidents(readStallQuery(request.query, clock.now()))),
  )
  router.get(
    '/stalls/:fingerprint',
    answer((request) => readIncident(kept, String(request.params['fingerprint']), clock.now())),
  )
  router.get(
    '/trends',
    answer((request) => kept.trends(readTrendQuery(request.query, clock.now()))),
  )
  router.get(
    '/status',
    answer(() => readStatus(settings, startedAt)),
  )
  router.get(
    '/health',
    answer(() => settings.health()),
  )
  router.get(
    '/in-flight',
    answer(() => inFlight.read()),
  )
  router.get(
    '/setup',
    answer(({ socket }) => describeSetup(settings.setup(), socket.localPort ?? settings.port, version, startedAt)),
  )
  router.post(
    '/test-runs',
    answer(async () => ({ runId: await settings.sendTestRun() }) satisfies TestRunAnswer),
  )
  router.get(
    '/openapi.json',
    answer(() => openApi),
  )
  router.use((request) => {
    throw new Refusal(
      'not-found',
      `there is no ${request.baseUrl}${request.path}; /api/openapi.json says what there is`,
    )
  })
  return router
}

function answer(make: (request: Request) => unknown): RequestHandler {
  return async (request, response) => {
    response.json(await make(request))
  }
}

async function readDetail({ runs, gaps }: ServeSettings, id: string, asked: DetailQuery): Promise<RunDetail> {
  const { wish, asOf } = asked
  const run = await runs.findRun(id)
  if (run === null)
    throw new Refusal('not-found', `no run or trace has the id ${id}; it may be mistyped, or older than what is kept`)
  const records = await runs.readRun(run)
  const open = runs.openSpans(run.row.id)
  if (asOf === null) return makeDetail(run, records, open, runs, gaps(), wish)
  const then = runAsOf(run, records, asOf)
  if (then.records.spans.length + then.records.logs.length === 0)
    throw new Refusal('not-found', `nothing had been heard of run ${id} at ${toIso(asOf)}`)
  const openThen = open.filter(({ openedAt }) => openedAt <= asOf)
  const gapsThen = gaps().filter(({ from }) => fromIso(from) <= asOf)
  return { ...makeDetail(then.run, then.records, openThen, runs, gapsThen, wish), asOf: then.since }
}

async function readIncident(kept: KeptSource, written: string, now: Instant): Promise<IncidentDetail> {
  const id = readFingerprint(written)
  const incident = id === null ? null : await kept.findIncident(id, now)
  if (incident === null)
    throw new Refusal(
      'not-found',
      `no incident has the fingerprint ${written}; it may be mistyped or too short, or its stalls are older than what is kept`,
    )
  return incident
}

function readStatus({ clock, version, feed, serviceCounts, gaps }: ServeSettings, startedAt: Instant): ServiceStatus {
  const { openRuns, lagMs, dropped, unknownEvents, unknownContracts } = serviceCounts()
  return {
    version,
    startedAt: toIso(startedAt),
    uptimeMs: Math.round(clock.now() - startedAt),
    openRuns,
    lagMs,
    liveClients: feed.clients,
    dropped,
    unknownEvents,
    unknownContracts,
    gaps: gaps(),
  }
}
