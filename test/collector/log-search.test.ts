/** Searching spans: real OTLP at the real door, read back out of the log and told line by line over HTTP. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readCollectorConfig } from '../../collector/config.ts'
import { startCollector, type Collector } from '../../collector/main.ts'
import { API_SCHEMAS } from '../../collector/serve/api-schemas.ts'
import { systemClock } from '../../contract/clock.ts'
import type { SearchLine, SearchProgress, SpanFound } from '../../contract/search.ts'
import { seconds } from '../../contract/units.ts'
import { beginRun, endRun, type AgentRun } from '../kit/agent-telemetry.ts'
import { waitForRun } from '../kit/laststep-api.ts'
import { temporaryFolder } from '../kit/programs.ts'

const OLD = { service: 'shop', version: '1.4.1', environment: 'staging' }
const NEW = { service: 'shop', version: '1.4.2', environment: 'production' }
const START = systemClock.now() - seconds(60)
const RUNS = Array.from({ length: 6 }, (_, index) => runOf(index))
let collector: Collector

beforeAll(async () => {
  const ports = { 'http-port': '0', 'otlp-http-port': '0', 'otlp-grpc-port': '0' }
  const read = readCollectorConfig({ 'data-dir': temporaryFolder('log-search'), canary: 'off', ...ports }, {})
  if ('problems' in read) throw new Error(read.problems.join('; '))
  collector = await startCollector(read.config, systemClock, 'test')
  for (const run of RUNS.slice(0, 4)) await endRun(collector.otlpHttp, OLD, run, run.startedAt + seconds(2))
  for (const run of RUNS.slice(4)) await beginRun(collector.otlpHttp, NEW, run)
  for (const run of RUNS) await waitForRun(collector.dashboard, run.traceId, () => true)
}, 60_000)
afterAll(() => collector?.stop())

describe('GET /api/search', () => {
  // The newest first; 4 and 5 are still open.
  // oxfmt-ignore
  test.each([
    ['an attribute',               'attr=gen_ai.tool.name:is:search_orders',                       [4, 2, 0]],
    ['a part of one, in any case', 'attr=gen_ai.tool.name:has:SHIP',                               [5, 3, 1]],
    ['anything that says it',      'attr=*:is:user-3',                                             [3]],
    ['a name with a colon in it',  'attr=*:has:a:b',                                               []],
    ['another value',              'attr=user.id:not:user-3',                                      [5, 4, 2, 1, 0]],
    ['a number above',             'attr=code.line.number:over:87',                                [5, 4, 3, 2, 1, 0]],
    ['a number below',             'attr=code.line.number:under:88',                               []],
    ['its being there',            'attr=gen_ai.tool.name:any',                                    [5, 4, 3, 2, 1, 0]],
    ['the resource',               'attr=service.version:is:1.4.2',                                [5, 4]],
    ['the name of a span',         'attr=span.name:is:execute_tool ship_order',                    [5, 3, 1]],
    ['a span by its id',           `attr=span.id:is:${RUNS[2]?.traceId.slice(16)}`,                [2]],
    ['two on the same span',       'attr=gen_ai.tool.name:is:ship_order&attr=service.version:is:1.4.1', [3, 1]],
    ['two that no span has both',  'attr=gen_ai.tool.name:is:ship_order&attr=user.id:any',         []],
    ['and its run besides',        'attr=gen_ai.tool.name:any&status=completed&user=user-1',       [1]],
    ['what nobody says',           'attr=gen_ai.tool.name:is:nothing',                             []],
  ])('%s', async (_what, query, found) => {
    const lines = await search(query)
    expect(foundIn(lines)).toEqual(found)
    for (const line of lines) expect(API_SCHEMAS.SearchLine.parse(line)).toEqual(line)
    expect(lines.at(-1)).toEqual({ type: 'end', next: null })
    const last = lines.findLast((line): line is SearchProgress => line.type === 'progress')
    expect(last).toMatchObject({ runs: 6, runsTotal: 6 })
    expect(last?.bytes).toBe(last?.bytesTotal)
    expect(last?.bytesTotal).toBeGreaterThan(1_000)
  })

  test('says which span it was, and what of it fits', async () => {
    const first = (await search('attr=gen_ai.tool.name:has:ship&attr=code.line.number:over:1')).find(isFound)
    expect(first?.span).toMatchObject({ spanId: RUNS[5]?.traceId.slice(16), name: 'execute_tool ship_order' })
    expect(first?.matched).toEqual(['gen_ai.tool.name = ship_order', 'code.line.number = 88'])
  })

  test('goes on where it stopped', async () => {
    const pages: (number[] | string)[] = []
    for (let cursor: string | null = ''; cursor !== null;) {
      const lines: SearchLine[] = await search(`attr=gen_ai.tool.name:any&limit=4${cursor && `&cursor=${cursor}`}`)
      pages.push(foundIn(lines))
      const end = lines.at(-1)
      cursor = end?.type === 'end' ? end.next : null
    }
    expect(pages).toEqual([
      [5, 4, 3, 2],
      [1, 0],
    ])
  })

  // oxfmt-ignore
  test.each([
    ['no condition',         ''],
    ['no test',              'attr=user.id'],
    ['a test nobody knows',  'attr=user.id:like:x'],
    ['no value',             'attr=user.id:is:'],
    ['no number',            'attr=user.id:over:many'],
    ['six conditions',       Array.from({ length: 6 }, () => 'attr=a:any').join('&')],
    ['a forged cursor',      'attr=a:any&cursor=x'],
    ['a wrong filter',       'attr=a:any&status=stuck'],
  ])('%s is refused', async (_what, query) => {
    const response = await fetch(`${collector.dashboard}/api/search?${query}`)
    expect(response.status).toBe(400)
    expect(API_SCHEMAS.ApiError.safeParse(await response.json()).success).toBe(true)
  })

  test('whoever goes makes room for the next', async () => {
    // More than may search at once, one after the other, each gone before its answer is over.
    for (let turn = 0; turn < 6; turn++) {
      const gone = new AbortController()
      const response = await fetch(`${collector.dashboard}/api/search?attr=a:any`, { signal: gone.signal })
      await response.body?.getReader().read()
      gone.abort()
    }
    const again = () => fetch(`${collector.dashboard}/api/search?attr=a:any`).then(({ status }) => status)
    await expect.poll(again, { timeout: 20_000 }).toBe(200)
    expect(foundIn(await search('attr=user.id:is:user-3'))).toEqual([3])
  })
})

function runOf(index: number): AgentRun {
  return {
    traceId: `${index + 1}c`.repeat(8) + `${index + 1}d`.repeat(8),
    agent: 'support',
    tool: index % 2 === 0 ? 'search_orders' : 'ship_order',
    userId: `user-${index}`,
    startedAt: START + seconds(index),
  }
}

async function search(query: string): Promise<SearchLine[]> {
  const response = await fetch(`${collector.dashboard}/api/search?${query.replaceAll(' ', '+')}`)
  expect([response.status, response.headers.get('content-type')]).toEqual([200, expect.stringContaining('ndjson')])
  const text = await response.text()
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as SearchLine)
}

const isFound = (line: SearchLine): line is SpanFound => line.type === 'found'

/** By the number of its run. */
function foundIn(lines: readonly SearchLine[]): number[] {
  return lines.filter(isFound).map(({ run }) => RUNS.findIndex(({ traceId }) => traceId === run.traceId))
}
