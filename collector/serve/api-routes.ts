/** The API under `/api`: JSON out, nothing cached. */
import { Router } from 'express'
import type { FindingList } from '../../contract/findings.ts'
import type { TestRunAnswer } from '../../contract/setup.ts'
import type { IncidentDetail } from '../../contract/stalls.ts'
import { toIso, type Instant } from '../../contract/units.ts'
import { answer } from './answer.ts'
import { askChanges } from './ask-changes.ts'
import { deployRoutes } from './deploy-routes.ts'
import { describeSetup } from './describe-setup.ts'
import type { InFlightWatch } from './in-flight-history.ts'
import { findIncident, incidentRoutes } from './incident-routes.ts'
import { investigationRoutes } from './investigation-routes.ts'
import { makeOpenApi } from './make-openapi.ts'
import { AS_IT_IS, readDetail } from './read-detail.ts'
import { readDetailQuery, readRunQuery, readValueQuery } from './read-run-query.ts'
import { readTrendQuery } from './read-kept-query.ts'
import { Refusal } from './refusal.ts'
import { serveCompare, serveNext } from './serve-compare.ts'
import { streamSearch } from './stream-search.ts'
import type { ServeSettings, ServiceStatus } from './serve-settings.ts'

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
  router.get('/compare', serveCompare(settings))
  router.get('/runs/:id/next', serveNext(settings, 'run'))
  router.get('/stalls/:fingerprint/next', serveNext(settings, 'incident'))
  router.get(
    '/values',
    answer((request) => kept.search.values(readValueQuery(request.query))),
  )
  router.use(incidentRoutes(settings))
  router.use(deployRoutes(settings.deploys, clock))
  const facts = {
    run: (id: string) => readDetail(settings, id, AS_IT_IS),
    incident: (written: string) => findIncident(written, kept.findIncident, clock.now()),
    changes: (incident: IncidentDetail) => askChanges(settings, incident),
  }
  router.use(investigationRoutes(settings.investigations, facts))
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
