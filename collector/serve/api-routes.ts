/** The API under `/api`: JSON out, nothing cached. */
import { Router } from 'express'
import type { FindingList } from '../../contract/findings.ts'
import type { RunDetail } from '../../contract/runs.ts'
import type { TestRunAnswer } from '../../contract/setup.ts'
import { toIso, type Instant } from '../../contract/units.ts'
import { answer } from './answer.ts'
import { deployRoutes } from './deploy-routes.ts'
import { describeSetup } from './describe-setup.ts'
import type { InFlightWatch } from './in-flight-history.ts'
import { incidentRoutes } from './incident-routes.ts'
import { makeDetail } from './make-detail.ts'
import { makeOpenApi } from './make-openapi.ts'
import type { SpanWish } from './pick-spans.ts'
import { readDetailQuery, readRunQuery, readValueQuery } from './read-run-query.ts'
import { readTrendQuery } from './read-kept-query.ts'
import { Refusal } from './refusal.ts'
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
    answer((request) => readDetail(settings, String(request.params['id']), readDetailQuery(request.query))),
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
  router.use(incidentRoutes(settings))
  router.use(deployRoutes(settings.deploys, clock))
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

async function readDetail(
  { runs, incidents, gaps }: ServeSettings,
  id: string,
  wish: SpanWish | 'all',
): Promise<RunDetail> {
  const run = await runs.findRun(id)
  if (run === null)
    throw new Refusal('not-found', `no run or trace has the id ${id}; it may be mistyped, or older than what is kept`)
  const detail = makeDetail(run, await runs.readRun(run), runs.openSpans(run.row.id), runs, gaps(), wish)
  const { fingerprint, version } = detail
  return { ...detail, fingerprint: fingerprint && incidents.homeOf(fingerprint, version) }
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
