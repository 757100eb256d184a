/** The API and the pages over real HTTP. */
import { connect as connectTcp } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { ATTR } from '../../../contract/attributes.ts'
import type { ApiError } from '../../../contract/errors.ts'
import type { Investigation } from '../../../contract/investigations.ts'
import { toIso } from '../../../contract/units.ts'
import { API_SCHEMAS } from '../../../collector/serve/api-schemas.ts'
import { START, makeFailing, makeFinding, makeRow, makeStored, makeVerdict } from './kit/made-runs.ts'
import { openServe, type TestServe } from './kit/open-serve.ts'

let serve: TestServe
beforeAll(async () => {
  serve = await openServe()
  storeRuns(serve)
})
afterAll(() => serve.stop())

const get = (path: string, init?: RequestInit) => fetch(serve.address + path, { redirect: 'manual', ...init })
const readJson = async (path: string): Promise<unknown> => (await get(path)).json()
const errorAt = async (path: string, init?: RequestInit): Promise<[number, ApiError['error']]> => {
  const response = await get(path, init)
  return [response.status, ((await response.json()) as ApiError).error]
}

describe('GET /api/runs', () => {
  test('answers rows and where the next page begins', async () => {
    expect(await readJson('/api/runs?limit=1')).toEqual({ runs: [stalled.row], next: 'more' })
    expect(await readJson('/api/runs')).toEqual({ runs: [stalled.row, completed.row], next: null })
  })

  test('hands on exactly what was asked', async () => {
    await get(
      '/api/runs?status=stalled,lost&step=tool%20%E2%80%BA%20search_orders&since=2026-11-22T03:00:00Z&cursor=more',
    )
    expect(serve.queries.at(-1)).toEqual({
      status: ['stalled', 'lost'],
      step: 'tool › search_orders',
      since: START,
      limit: 50,
      cursor: 'more',
    })
  })

  test('names every parameter that is wrong', async () => {
    const [status, error] = await errorAt('/api/runs?status=stuck&limit=x&stauts=y')
    expect(status).toBe(400)
    expect(error.code).toBe('invalid')
    for (const word of ['status', 'limit', 'stauts']) expect(error.message).toContain(word)
  })

  test('a cursor that was never given is 400, a history that is behind 503', async () => {
    expect((await errorAt('/api/runs?cursor=forged'))[0]).toBe(400)
    const [status, error] = await errorAt('/api/runs?agent=full')
    expect([status, error.code]).toEqual([503, 'unavailable'])
    expect(error.message).toContain('again')
  })

  test('a bug of ours is 500, told to operators and not to the caller', async () => {
    const [status, error] = await errorAt('/api/runs?agent=break')
    expect([status, error.code]).toEqual([500, 'internal'])
    expect(error.message).not.toContain('fire')
    expect(serve.logged).toContain('a request failed')
  })
})

describe('GET /api/runs/:id', () => {
  test('finds a run by its id and by its trace, with open spans that have no end', async () => {
    const byId = await readJson(`/api/runs/${stalled.row.id}`)
    expect(byId).toEqual(await readJson(`/api/runs/${stalled.row.traceId}`))
    expect(byId).toMatchObject({
      status: 'stalled',
      verdict: { cause: 'tool-silent', limit: { ms: 300_000, from: 'contract' } },
      spans: [{ spanId: 'b'.repeat(16), endedAt: null, openState: 'open' }],
      spansTotal: 1,
    })
  })

  test('tells what the run got over, and when Laststep itself did not hear while it went on', async () => {
    expect(await readJson(`/api/runs/${completed.row.id}`)).toMatchObject({
      pastStalls: completed.pastStalls,
      gaps: [],
    })
    const gap = { from: '2026-11-22T00:00:00.000Z', to: '2026-11-22T00:10:00.000Z', reason: 'down' }
    serve.store(makeStored(makeRow({ id: 'run_early', startedAt: '2026-11-21T23:59:00.000Z' })))
    expect(await readJson('/api/runs/run_early')).toMatchObject({ pastStalls: [], gaps: [gap] })
  })

  test('an unknown id is 404 and says what may be wrong', async () => {
    const [status, error] = await errorAt('/api/runs/run_nobody')
    expect([status, error.code]).toEqual([404, 'not-found'])
    expect(error.message).toContain('run_nobody')
  })

  test('an address that cannot be decoded is 400', async () => {
    expect((await errorAt('/api/runs/%E0%A4%A'))[0]).toBe(400)
    for (const query of ['around=soon', 'spans=some', 'sapn=1'])
      expect((await errorAt(`/api/runs/${stalled.row.id}?${query}`))[0], query).toBe(400)
    expect(await readJson(`/api/runs/${stalled.row.id}?span=x&around=-5`)).toMatchObject({ id: stalled.row.id })
  })
})

describe('GET /api/openapi.json', () => {
  test('every answer is what the document says, and a wrong one would be noticed', async () => {
    const schemaOf = await readSchemas()
    const begun = JSON.stringify({ incident: FINGERPRINT, by: 'ana' })
    const asJson = { 'content-type': 'application/json' }
    const made = await get('/api/investigations', { method: 'POST', headers: asJson, body: begun })
    const sheet = (await made.json()) as Investigation
    for (const [schema, path] of [
      ['RunList', '/api/runs'],
      ['RunDetail', `/api/runs/${stalled.row.id}`],
      ['RunDetail', `/api/runs/${completed.row.id}`],
      ['IncidentList', '/api/stalls'],
      ['IncidentDetail', `/api/stalls/${FINGERPRINT}`],
      ['IncidentHistory', `/api/stalls/${FINGERPRINT}/history`],
      ['DeployList', '/api/deploys'],
      ['DeployEffects', `/api/stalls/${FINGERPRINT}/deploys`],
      ['InvestigationList', '/api/investigations'],
      ['Investigation', `/api/investigations/draft?incident=${FINGERPRINT}`],
      ['Investigation', `/api/investigations/${sheet.id}`],
      ['InvestigationHistory', `/api/investigations/${sheet.id}/history`],
      ['InvestigationTimeline', `/api/investigations/${sheet.id}/timeline`],
      ['InvestigationExport', `/api/investigations/${sheet.id}/export?format=json`],
      ['IssueLinks', `/api/investigations/${sheet.id}/issue-links?repository=https://github.com/acme/agent`],
      ['ApiError', '/api/investigations/INV-99'],
      ['Trends', '/api/trends?from=2026-11-22T00:00:00Z&to=2026-11-23T00:00:00Z&split=agent'],
      ['ValueList', '/api/values?field=user&like=u'],
      ['Resolution', `/api/go/${FINGERPRINT}`],
      ['ServiceStatus', '/api/status'],
      ['ApiError', '/api/stalls/0000'],
      ['ApiError', '/api/trends?split=colour'],
      ['Health', '/api/health'],
      ['Readiness', '/readyz'],
      ['InFlightHistory', '/api/in-flight'],
      ['Setup', '/api/setup'],
      ['ApiError', '/api/runs/nobody'],
      ['ApiError', '/api/runs?limit=x'],
    ] as const) {
      const answer = await readJson(path)
      expect(schemaOf(schema).safeParse(answer).error, path).toBeUndefined()
      const broken = { ...(answer as object), unheardOf: 1 }
      expect(schemaOf(schema).safeParse(broken).success, path).toBe(false)
    }
    expect(schemaOf('RunRow').safeParse({ ...stalled.row, status: 'stuck' }).success).toBe(false)
    expect(schemaOf('RunRow').safeParse({ ...stalled.row, endedAt: 'soon' }).success).toBe(false)
  })

  test('every path it names answers, and every $ref leads somewhere', async () => {
    const document = await readDocument()
    expect(document.openapi).toBe('3.1.0')
    for (const [path, methods] of Object.entries(document.paths)) {
      const real = path
        .replace('investigations/{id}', 'investigations/INV-1')
        .replace('{id}', stalled.row.id)
        .replace('{fingerprint}', FINGERPRINT)
        .replace('{anything}', 'run_stalled')
        .replace(/search$/, 'search?attr=a:any')
        .replace(/values$/, 'values?field=agent')
        .replace(/compare$/, 'compare?a=agent%3Dsupport')
        .replace(/issue-links$/, 'issue-links?repository=https://gitlab.com/acme/agent')
      for (const [method, { requestBody }] of Object.entries(methods)) {
        const example = requestBody?.content['application/json'].example
        const body = example && { body: JSON.stringify(example), headers: { 'content-type': 'application/json' } }
        expect((await get(real, { method, ...body })).ok, `${method} ${path}`).toBe(true)
      }
    }
    for (const [, name] of JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g))
      expect(Object.keys(document.components.schemas)).toContain(name)
  })
})

test('GET /api/findings lists what is wrong with whole sources and with connections, as the document says', async () => {
  expect(await readJson('/api/findings')).toEqual({ findings: [] })
  const findings = [makeFailing({ closeCode: 4401, closeReason: 'expired', limit: null }), makeFailing(), makeFinding()]
  for (const finding of findings.toReversed()) serve.find(finding)
  const answer = await readJson('/api/findings')
  expect(answer).toEqual({ findings })
  expect(API_SCHEMAS.FindingList.parse(answer)).toEqual(answer)
})

test('GET /api/status tells of the collector itself', async () => {
  expect(await readJson('/api/status')).toMatchObject({
    version: '0.1.0-test',
    uptimeMs: expect.any(Number),
    lagMs: 0,
    dropped: { spansRefused: 3 },
    unknownEvents: { foo: 2 },
    unknownContracts: ['mine'],
    gaps: [{ from: '2026-11-22T00:00:00.000Z', to: '2026-11-22T00:10:00.000Z', reason: 'down' }],
  })
})

test('GET /healthz answers while the process turns', async () => {
  expect(await (await get('/healthz')).text()).toBe('ok\n')
})

test('GET /metrics is the text the collector writes, in the type that Prometheus reads', async () => {
  const answer = await get('/metrics')
  expect([answer.headers.get('content-type'), await answer.text()]).toEqual([
    'text/plain; version=0.0.4; charset=utf-8',
    'laststep_ready 1\n',
  ])
})

test('GET /readyz is 200 while every check holds, and 503 with what fails and since when', async () => {
  expect((await get('/readyz')).status).toBe(200)
  const failing = { name: 'history', since: '2026-11-22T03:00:00.000Z', says: 'the history ended' } as const
  serve.ail(failing)
  const answer = await get('/readyz')
  expect([answer.status, answer.headers.get('cache-control')]).toEqual([503, 'no-store'])
  expect(await answer.json()).toEqual({ ready: false, checks: [{ ...failing, ok: false }] })
  expect(await readJson('/api/health')).toMatchObject({ ready: false, evaluator: { madeP99Ms: 8 } })
  serve.recover()
})

describe('what is refused', () => {
  test.each(['POST', 'PUT', 'DELETE'])('%s, with what is allowed', async (method) => {
    const response = await get('/api/runs', { method })
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  })

  test('a test run is the one thing that is posted, and by nobody from elsewhere', async () => {
    const from = (origin: string) => get('/api/test-runs', { method: 'POST', headers: { origin } })
    expect(await (await from(serve.address)).json()).toEqual({ runId: 'run_test_1' })
    expect((await from('https://evil.example')).status).toBe(403)
    expect((await get('/api/test-runs')).status).toBe(404)
  })

  test.each(['/api', '/api/', '/api/run', '/api/runs/a/b', '/api/live'])('%s is a JSON 404', async (path) => {
    const [status, error] = await errorAt(path)
    expect([status, error.code]).toEqual([404, 'not-found'])
    expect(error.message).toContain('/api/openapi.json')
  })
})

test('HEAD answers like GET, without the body', async () => {
  const response = await get('/api/runs', { method: 'HEAD' })
  expect([response.status, await response.text()]).toEqual([200, ''])
})

test('stopping ends with open idle connections, and twice is as good as once', async () => {
  const other = await openServe()
  const { port } = new URL(other.address)
  const idle = connectTcp(Number(port), '127.0.0.1')
  await new Promise((resolve) => idle.once('connect', resolve))
  await Promise.all([other.stop(), other.stop()])
  await expect(fetch(other.address)).rejects.toThrow()
  idle.destroy()
})

const stalled = makeStored(
  makeRow({ id: 'run_stalled', status: 'stalled', cause: 'tool-silent', traceId: 'a'.repeat(32) }),
  {
    verdict: makeVerdict(makeRow({ status: 'stalled', cause: 'tool-silent' }), {
      deadline: toIso(START),
      limit: { ms: 300_000, from: 'contract', learned: null },
      evidence: [{ text: 'tool › search_orders has been open for 300 s', ref: `span:${'b'.repeat(16)}` }],
    }),
  },
)
const completed = makeStored(
  makeRow({ id: 'run_completed', status: 'completed', traceId: 'c'.repeat(32), step: null, endedAt: toIso(START + 5) }),
  {
    outcome: 'succeeded',
    pastStalls: [
      {
        status: 'stalled',
        step: makeRow().step,
        cause: 'tool-silent',
        since: toIso(START),
        deadline: toIso(START),
        endedAt: toIso(START + 5),
        ending: 'completed',
        lateByMs: 5,
      },
    ],
  },
)

const FINGERPRINT = '4f2a09c1d2e3f405'
const INGREDIENTS = {
  environment: 'staging',
  agent: 'support',
  phase: 'tool',
  step: 'search_orders',
  cause: 'tool-silent',
  code: { file: 'src/tools.ts', line: 88, function: null },
} as const

function storeRuns(serve: TestServe): void {
  const source = {
    service: 'runtime',
    version: null,
    environment: null,
    instance: null,
    workingDirectory: null,
    contract: null,
  }
  const stall = { fingerprint: FINGERPRINT, ingredients: INGREDIENTS, version: '1.4.2', userId: 'u_1', sessionId: null }
  serve.kept.save([stalled, completed], [{ kind: 'stands', runId: stalled.row.id, since: START, stall }])
  const origin = { receivedAt: START, source, resource: {}, scope: { name: '', version: '' } }
  serve.store(stalled, {
    spans: [
      {
        ...origin,
        traceId: 'a'.repeat(32),
        spanId: 'b'.repeat(16),
        parentSpanId: null,
        name: 'execute_tool search_orders',
        kind: 'internal',
        startedAt: START,
        endedAt: null,
        seq: 1,
        stopReason: null,
        repeatedEvery: null,
        status: 'unset',
        statusMessage: null,
        attributes: { [ATTR.codeFile]: 'src/tools.ts', nested: { list: [1, null, true, 'x'] } },
        events: [{ name: 'exception', at: START + 1, attributes: { 'exception.type': 'KeyError' } }],
        links: [],
      },
    ],
    logs: [
      {
        ...origin,
        at: START,
        severityNumber: 13,
        severity: 'WARN',
        event: null,
        body: 'slow',
        traceId: 'a'.repeat(32),
        spanId: null,
        attributes: {},
        signal: null,
      },
    ],
  })
  serve.store(completed)
}

interface Operation {
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly example: object } } }
}

interface OpenApiDocument {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, object>> }
}

async function readDocument(): Promise<OpenApiDocument> {
  return (await readJson('/api/openapi.json')) as OpenApiDocument
}

/** Checkers made from the served document, not from the code behind it. */
async function readSchemas(): Promise<(name: string) => z.ZodType> {
  const { schemas } = (await readDocument()).components
  const $defs = JSON.parse(JSON.stringify(schemas).replaceAll('#/components/schemas/', '#/$defs/')) as object
  return (name) => z.fromJSONSchema({ $ref: `#/$defs/${name}`, $defs } as Parameters<typeof z.fromJSONSchema>[0])
}
