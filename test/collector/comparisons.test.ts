/** Comparing runs: planted causes in real OTLP at the real door, found again over HTTP. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readCollectorConfig } from '../../collector/config.ts'
import { startCollector, type Collector } from '../../collector/main.ts'
import { API_SCHEMAS } from '../../collector/serve/api-schemas.ts'
import { systemClock } from '../../contract/clock.ts'
import type { ComparedRow, Comparison, NextSteps } from '../../contract/compare.ts'
import type { Investigation } from '../../contract/investigations.ts'
import type { IncidentList } from '../../contract/stalls.ts'
import { hours, minutes, toIso } from '../../contract/units.ts'
import { waitForRun } from '../kit/laststep-api.ts'
import { plantRuns } from '../kit/planted-runs.ts'
import { temporaryFolder } from '../kit/programs.ts'

const START = systemClock.now()
const FROM = START - hours(2)
/** Groups that differ in nothing, a day before. */
const NULL_FROM = START - hours(24) - hours(2)
let collector: Collector
let stalled: readonly string[]
let fingerprint: string

beforeAll(async () => {
  const ports = { 'http-port': '0', 'otlp-http-port': '0', 'otlp-grpc-port': '0' }
  const contract = new URL('../journeys/quick.yaml', import.meta.url).pathname
  const read = readCollectorConfig({ 'data-dir': temporaryFolder('compare'), canary: 'off', contract, ...ports }, {})
  if ('problems' in read) throw new Error(read.problems.join('; '))
  collector = await startCollector(read.config, systemClock, 'test')
  await plantRuns(collector.otlpHttp, { stalled: 0, healthy: 120, from: NULL_FROM, isNull: true })
  stalled = await plantRuns(collector.otlpHttp, { stalled: 28, healthy: 300, from: FROM })
  for (const id of stalled) await waitForRun(collector.dashboard, id, ({ status }) => status === 'stalled')
  const { incidents } = await get<IncidentList>('/api/stalls')
  fingerprint = incidents[0]?.fingerprint ?? ''
}, 120_000)
afterAll(() => collector?.stop())

describe('GET /api/compare', () => {
  test('of an incident against healthy runs the planted causes are on top', async () => {
    const found = await compare(`incident:${fingerprint}`)
    expect(API_SCHEMAS.Comparison.parse(found)).toEqual(found)
    expect(found.a).toMatchObject({ total: 28, sampled: 28, isCut: false, query: null })
    expect(found.b).toMatchObject({ total: 300, sampled: 300, notPassed: 0 })
    expect(found.b.says).toBe('completed runs of support, staging that passed tool › search_orders')
    expect(found.step).toEqual({ phase: 'tool', name: 'search_orders' })
    expect(found.rows.slice(0, 3).map(nameOf)).toEqual([
      'tool › search_orders · app.args.size',
      'tool › search_orders · server.address',
      'service.version',
    ])
    expect(found.rows.slice(0, 3).every(({ isBeyondChance }) => isBeyondChance)).toBe(true)
    const [size, server, version] = found.rows
    expect(size).toMatchObject({ kind: 'numbers', score: 1, a: { count: 28 }, b: { count: 300 } })
    expect(valuesOf(server)[0]).toMatchObject({ value: 'orders-db-2', a: 26 })
    expect(valuesOf(version)[0]).toMatchObject({ value: '1.4.2', a: 28 })
  })

  test('ids are hidden and listed, and so is what only the end of the step tells', async () => {
    const { hidden, rows } = await compare(`incident:${fingerprint}`)
    const because = Object.fromEntries(hidden.map(({ key, because: reason }) => [key, reason]))
    expect(because).toMatchObject({
      'app.request.id': 'id-like',
      'user.id': 'id-like',
      'http.response.status_code': 'told-at-end',
    })
    const shown = rows.map(({ key }) => key)
    expect(shown).not.toContain('user.id')
    // That a span around the step ended well is not known of one that has not ended.
    expect(shown).not.toContain('span.status')
    // Later steps of the healthy runs are no difference: the stalled ones never came to them.
    expect(rows.filter(({ span }) => span === 'reasoning › chat gpt-5-mini')).toEqual([])
  })

  test('a sheet about the incident begins with what differs, and its evidence', async () => {
    const headers = { 'content-type': 'application/json' }
    const body = JSON.stringify({ incident: fingerprint })
    const made = await fetch(`${collector.dashboard}/api/investigations`, { method: 'POST', headers, body })
    const { answers, evidence } = (await made.json()) as Investigation
    const said = answers.filter(({ question }) => question === 'What had changed before it began?')
    expect(said.map(({ text }) => text)).toEqual([
      expect.stringMatching(/^shop 1.4.2 was first seen at/),
      expect.stringContaining('tool › search_orders · server.address is orders-db-2 in 26 of 28 stalled runs'),
      expect.stringContaining('service.version is 1.4.2 in 28 of 28 stalled runs'),
    ])
    const pinned = evidence.filter(({ kind }) => kind === 'compare')
    expect(pinned).toHaveLength(2)
    expect(pinned[0]?.link).toBe(`/compare?a=incident%3A${fingerprint}&b=healthy`)
  })

  test('what became of them is told apart', async () => {
    const { outcome } = await compare(`incident:${fingerprint}`)
    expect(outcome.find(({ key }) => key === 'status')).toMatchObject({ score: 1 })
    expect(outcome.find(({ key }) => key === 'elapsed so far')).toMatchObject({ kind: 'numbers', unit: 'ms' })
  })

  test('runs that differ in nothing are said not to', async () => {
    const half = toIso(NULL_FROM + minutes(1))
    const from = toIso(NULL_FROM)
    const to = toIso(NULL_FROM + minutes(2))
    const found = await compare(`since=${from}&until=${half}`, `since=${half}&until=${to}`)
    expect([found.a.sampled, found.b.sampled]).toEqual([60, 60])
    expect(found.rows.filter(({ isBeyondChance }) => isBeyondChance).map(nameOf)).toEqual([])
  })

  test('the same filter a day before, and the version before', async () => {
    const yesterday = await compare(`agent=support&status=completed&since=${toIso(FROM)}`, 'yesterday')
    expect(yesterday.b).toMatchObject({ asked: 'yesterday', total: 120 })
    expect(yesterday.b.says).toContain('a day before')
    const before = await compare('status=completed&version=1.4.2', 'previous-version')
    expect(before.b).toMatchObject({ asked: 'previous-version', query: expect.stringContaining('version=1.4.1') })
    expect(before.b.total).toBe(310)
    const none = await compare('status=completed&version=1.4.0', 'previous-version')
    expect(none.b.says).toContain('no version before')
    expect([none.b.total, none.rows.length]).toEqual([0, 0])
  })

  test('version against version, and run against run', async () => {
    const versions = await compare('version=1.4.2&status=completed', 'version=1.4.1&status=completed')
    expect(versions.rows[0]).toMatchObject({ key: 'service.version', score: 1 })
    const runs = await compare(`run:${stalled[1]}`, `run:${healthyId()}`)
    expect([runs.a.sampled, runs.b.sampled]).toEqual([1, 1])
    expect(runs.rows.map(nameOf)).toContain('service.version')
    // One run against one is no proof of anything.
    expect(runs.rows.some(({ isBeyondChance }) => isBeyondChance)).toBe(false)
    const healthy = await compare(`run:${stalled[1]}`)
    expect(healthy.b.sampled).toBe(300)
    expect(healthy.rows.map(nameOf)).toContain('tool › search_orders · server.address')
  })

  test('exchanged, the same rows', async () => {
    const [x, y] = ['version=1.4.2&status=completed', 'version=1.4.1&status=completed']
    const [there, back] = [await compare(x, y), await compare(y, x)]
    const scores = ({ rows }: Comparison) => rows.map((row) => [nameOf(row), row.score])
    expect(scores(back)).toEqual(scores(there))
  })

  // oxfmt-ignore
  test.each([
    ['no group',                  '',                               400, 'a must be'],
    ['a group that is none',      'a=everything',                   400, 'a must be incident:'],
    ['b for a',                   'a=healthy',                      400, 'says what b is to a'],
    ['a filter nobody knows',     'a=colour%3Dred',                 400, 'a: there is no parameter "colour"'],
    ['a status nobody knows',     'a=agent%3Dx&b=status%3Dstuck',   400, 'b: status knows no "stuck"'],
    ['a limit',                   'a=agent%3Dx%26limit%3D5',        400, 'no limit'],
    ['another parameter',         'a=agent%3Dx&c=1',                400, 'there is no parameter "c"'],
    ['a run that is not kept',    'a=run:nobody',                   404, 'no run or trace'],
    ['an incident that is not',   'a=incident:0000',                404, 'no incident'],
  ])('%s is refused', async (_what, query, status, message) => {
    const response = await fetch(`${collector.dashboard}/api/compare?${query}`)
    expect(response.status).toBe(status)
    const body = API_SCHEMAS.ApiError.parse(await response.json())
    expect(body.error.message).toContain(message)
  })

  test('whoever leaves makes room for the next', async () => {
    for (let turn = 0; turn < 12; turn++) {
      const gone = new AbortController()
      const answer = fetch(`${collector.dashboard}/api/compare?a=agent%3Dsupport`, { signal: gone.signal })
      gone.abort()
      await expect(answer).rejects.toThrow()
    }
    const again = () => fetch(`${collector.dashboard}/api/compare?a=agent%3Dsupport`).then(({ status }) => status)
    await expect.poll(again, { timeout: 40_000 }).toBe(200)
  }, 60_000)
})

describe('what healthy runs do next', () => {
  test.each([
    ['a run', () => `/api/runs/${stalled[3]}/next`],
    ['an incident', () => `/api/stalls/STL-${fingerprint.slice(0, 6).toUpperCase()}/next`],
  ])('beside what %s has done so far', async (_what, path) => {
    const found = await get<NextSteps>(path())
    expect(API_SCHEMAS.NextSteps.parse(found)).toEqual(found)
    expect(found).toMatchObject({
      agent: 'support',
      step: { phase: 'tool', name: 'search_orders' },
      healthy: { sampled: 300 },
      next: [{ step: 'reasoning › chat gpt-5-mini', runs: 300, directly: 300 }],
      end: { runs: 300 },
    })
    expect(found.took?.p50Ms).toBeGreaterThanOrEqual(300)
    expect(found.took?.p95Ms).toBeLessThan(350)
    expect(found.own.map(({ step, tookMs }) => [step, tookMs])).toEqual([
      ['reasoning › chat gpt-5', 500],
      ['tool › search_orders', null],
    ])
  })

  test('a run that is not kept has no next', async () => {
    expect((await fetch(`${collector.dashboard}/api/runs/nobody/next`)).status).toBe(404)
    expect((await fetch(`${collector.dashboard}/api/stalls/0000/next`)).status).toBe(404)
  })
})

function healthyId(): string {
  return `d${(200).toString(16).padStart(31, '0')}`
}

function nameOf({ span, key }: Pick<ComparedRow, 'span' | 'key'>): string {
  return span === null ? key : `${span} · ${key}`
}

function valuesOf(row: ComparedRow | undefined) {
  return row?.kind === 'shares' ? row.values : []
}

function compare(a: string, b?: string): Promise<Comparison> {
  return get(`/api/compare?${new URLSearchParams(b === undefined ? { a } : { a, b }).toString()}`)
}

async function get<T>(path: string): Promise<T> {
  const response = await fetch(collector.dashboard + path)
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  return (await response.json()) as T
}
