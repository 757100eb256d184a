import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../../contract/clock.ts'
import { gapsWithin, openCollectorApi } from '../../../tools/gate/ask-collector.ts'
import { watchWindow, type Window } from '../../../tools/gate/watch-window.ts'
import { madeRows } from './made-rows.ts'

const NOW = Date.parse('2026-11-22T12:00:00.000Z')
const WINDOW: Window = {
  since: 900_000,
  environment: 'staging',
  agent: null,
  release: null,
  compareTo: null,
  waitMs: 0,
  maxOpen: 0,
}

let server: Server
afterEach(() => void server.close())

/** @param answer status and body for a path with its query; the other end of the wire as a test needs it */
async function serve(answer: (path: string, authorization: string | undefined) => [number, string]): Promise<string> {
  server = createServer((request, response) => {
    const [status, body] = answer(request.url ?? '', request.headers.authorization)
    response.writeHead(status).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const STATUS = JSON.stringify({ startedAt: '2026-11-22T11:00:00.000Z', uptimeMs: 3_600_000, gaps: [] })
const READY = JSON.stringify({ ready: true, checks: [{ name: 'log', ok: true, since: null, says: '' }] })

describe('what cannot be asked is said', () => {
  // oxfmt-ignore
  test.each([
    ['a collector that asks for a token', 401, '{"error":{"code":"unauthenticated","message":"who are you"}}', 'wants a token, see --token-file'],
    ['one that is not well',              503, '{"error":{"code":"unavailable","message":"the history is closed"}}', '503: the history is closed'],
    ['something else on that port',       404, '<html>nothing here</html>', 'port 4319 unless told otherwise'],
    ['a page instead of JSON',            200, '<html>log in first</html>', 'did not answer in JSON'],
  ] as const)('%s', async (_what, code, body, says) => {
    const url = await serve(() => [code, body])
    const facts = await watchWindow(openCollectorApi(url, null), WINDOW, systemClock)
    expect(facts).toEqual({ unseen: expect.stringContaining(says) })
  })

  test('doubts of its own come with 503 and are told by name', async () => {
    const checks = [
      { name: 'log', ok: true, since: null, says: 'fine' },
      { name: 'canary', ok: false, since: null, says: 'none was seen' },
    ]
    const url = await serve(() => [503, JSON.stringify({ ready: false, checks })])
    expect(await openCollectorApi(url, null).doubts()).toEqual(['canary: none was seen'])
  })
})

describe('the window', () => {
  test('is counted from the collector’s clock and read page by page, with the token', async () => {
    const asked: string[] = []
    const tokens = new Set<string | undefined>()
    const pages = [madeRows('500 completed'), madeRows('2 failed')]
    const url = await serve((path, authorization) => {
      asked.push(path)
      tokens.add(authorization)
      if (path.startsWith('/readyz')) return [200, READY]
      if (path.startsWith('/api/status')) return [200, STATUS]
      const isFirst = !path.includes('cursor')
      return [200, JSON.stringify({ runs: pages[isFirst ? 0 : 1], next: isFirst ? 'more' : null })]
    })
    const facts = await watchWindow(openCollectorApi(url, 'sesame'), WINDOW, systemClock)
    expect('rows' in facts && facts.rows).toHaveLength(502)
    const lists = asked.filter((path) => path.startsWith('/api/runs')).map((path) => new URL(path, url).searchParams)
    expect(lists.map((query) => [query.get('since'), query.get('until'), query.get('environment')])).toEqual(
      Array.from({ length: 2 }, () => ['2026-11-22T11:45:00.000Z', '2026-11-22T12:00:00.000Z', 'staging']),
    )
    expect(lists.map((query) => query.get('cursor'))).toEqual([null, 'more'])
    expect([...tokens]).toEqual(['Bearer sesame'])
  })

  test('of two versions judges one and keeps the other to compare with, from whenever it was', async () => {
    const rows = madeRows('2 completed').map((row, index) => ({ ...row, version: index === 0 ? '1.0' : '1.1' }))
    const url = await serve((path) => {
      if (path.startsWith('/readyz')) return [200, READY]
      if (path.startsWith('/api/status')) return [200, STATUS]
      const query = new URL(path, 'http://x').searchParams
      const runs = rows.filter(({ version }) => version === (query.get('version') ?? version))
      return [200, JSON.stringify({ runs: query.has('since') ? runs : [...runs, ...runs], next: null })]
    })
    const facts = await watchWindow(openCollectorApi(url, null), { ...WINDOW, compareTo: '1.0' }, systemClock)
    expect(facts).toMatchObject({
      rows: [{ version: '1.1' }],
      before: { version: '1.0', rows: [{ version: '1.0' }, { version: '1.0' }] },
    })
  })

  // oxfmt-ignore
  test.each([
    ['before it',            '11:30:00', '11:40:00', false],
    ['across its beginning', '11:40:00', '11:50:00', true],
    ['within',               '11:50:00', '11:51:00', true],
    ['around it',            '11:00:00', '13:00:00', true],
    ['after it',             '12:00:00', '12:10:00', false],
  ] as const)('a gap %s', (_where, from, to, counts) => {
    const gap = { from: `2026-11-22T${from}.000Z`, to: `2026-11-22T${to}.000Z`, reason: 'down' } as const
    expect(gapsWithin([gap], NOW - WINDOW_MS, NOW)).toEqual(counts ? [gap] : [])
  })
})

const WINDOW_MS = 900_000
