/** From any id to what has it: real OTLP at the real door, asked of the API. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readCollectorConfig } from '../../collector/config.ts'
import { startCollector, type Collector } from '../../collector/main.ts'
import { API_SCHEMAS } from '../../collector/serve/api-schemas.ts'
import { systemClock } from '../../contract/clock.ts'
import type { Resolution } from '../../contract/search.ts'
import type { IncidentList } from '../../contract/stalls.ts'
import { minutes, seconds, toIso } from '../../contract/units.ts'
import { beginRun, endRun, type AgentRun } from '../kit/agent-telemetry.ts'
import { waitForRun } from '../kit/laststep-api.ts'
import { temporaryFolder } from '../kit/programs.ts'

const SHOP = { service: 'shop', version: '1.4.2', environment: 'staging' }
const START = systemClock.now()
const ENDED = runOf('1', { startedAt: START - minutes(5) })
const STUCK = runOf('2', { userId: 'sam/1.x,y' })
const OPEN = runOf('3')
let collector: Collector

beforeAll(async () => {
  const ports = { 'http-port': '0', 'otlp-http-port': '0', 'otlp-grpc-port': '0' }
  const contract = new URL('../journeys/quick.yaml', import.meta.url).pathname
  const dataDir = temporaryFolder('look-up')
  const read = readCollectorConfig({ 'data-dir': dataDir, canary: 'off', contract, ...ports }, {})
  if ('problems' in read) throw new Error(read.problems.join('; '))
  collector = await startCollector(read.config, systemClock, 'test')
  await endRun(collector.otlpHttp, SHOP, ENDED, ENDED.startedAt + seconds(2))
  await beginRun(collector.otlpHttp, SHOP, STUCK)
  await waitForRun(collector.dashboard, STUCK.traceId, ({ status }) => status === 'stalled')
}, 60_000)
afterAll(() => collector?.stop())

describe('GET /api/go/', () => {
  const spanOf = (run: AgentRun) => run.traceId.slice(0, 16)
  const stepOf = (run: AgentRun) => run.traceId.slice(16)

  // oxfmt-ignore
  test.each([
    ['a run id',                        ENDED.traceId,                                      ['run ' + ENDED.traceId]],
    ['a trace id in upper case',        ENDED.traceId.toUpperCase(),                        ['trace ' + ENDED.traceId]],
    ['a traceparent',                   `00-${ENDED.traceId}-${spanOf(ENDED)}-01`,          ['trace ' + ENDED.traceId, 'span ' + spanOf(ENDED)]],
    ['the own span of a run',           spanOf(ENDED),                                      ['span ' + spanOf(ENDED)]],
    ['the span a run stands still at',  stepOf(STUCK),                                      ['span ' + stepOf(STUCK)]],
    ['a message',                       `${STUCK.traceId}/7`,                               ['message ' + STUCK.traceId + '/7']],
    ['a message as people write it',    `${STUCK.traceId}#7`,                               ['message ' + STUCK.traceId + '/7']],
    ['a user with odd signs',           ' sam/1.x,y ',                                      ['user sam/1.x,y']],
    ['a session',                       'chat-1',                                           ['session chat-1']],
    ['what nobody has',                 'what/ever?',                                       []],
    ['half a run id',                   ENDED.traceId.slice(0, 20),                         []],
  ])('%s', async (_what, asked, found) => {
    const answer = await lookUp(asked)
    expect(answer.hits.map(({ kind, id }) => `${kind} ${id}`)).toEqual(found)
    expect(answer.asked).toBe(asked.trim())
    expect(answer.isCut).toBe(false)
    expect(answer.keptSince).toBe(toIso(ENDED.startedAt))
    expect(API_SCHEMAS.Resolution.parse(answer)).toEqual(answer)
  })

  test('an incident, by its label, its digits and its beginning', async () => {
    const { incidents } = (await get('/api/stalls')) as IncidentList
    const fingerprint = incidents[0]?.fingerprint ?? ''
    for (const asked of [fingerprint, `STL-${fingerprint.slice(0, 6).toUpperCase()}`, `stl-${fingerprint.slice(0, 4)}`])
      expect((await lookUp(asked)).hits).toMatchObject([
        {
          kind: 'incident',
          id: fingerprint,
          incident: { agent: 'support', step: 'search_orders', cause: 'tool-silent' },
        },
      ])
  })

  test('a run that has just begun is found before anything is written by itself', async () => {
    await beginRun(collector.otlpHttp, SHOP, OPEN)
    await waitForRun(collector.dashboard, OPEN.traceId, () => true)
    expect((await lookUp(OPEN.traceId)).hits).toMatchObject([{ kind: 'run', run: { status: 'running' } }])
    expect((await lookUp('user-3')).hits).toMatchObject([{ kind: 'user', run: { id: OPEN.traceId } }])
  })
})

/** Like no other: the digits of an id are its own in all halves. */
function runOf(digit: string, different: Partial<AgentRun> = {}): AgentRun {
  return {
    traceId: `${digit}a`.repeat(8) + `${digit}b`.repeat(8),
    agent: 'support',
    tool: 'search_orders',
    userId: `user-${digit}`,
    sessionId: `chat-${digit}`,
    startedAt: START,
    ...different,
  }
}

async function lookUp(asked: string): Promise<Resolution> {
  return (await get(`/api/go/${encodeURIComponent(asked)}`)) as Resolution
}

async function get(path: string): Promise<unknown> {
  const response = await fetch(collector.dashboard + path)
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  return response.json()
}
