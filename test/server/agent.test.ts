import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { phraseAnswer } from '../../server/agent/phrase-answer.ts'
import { planToolCalls } from '../../server/agent/plan-tool-calls.ts'
import { findPassages, readPassages } from '../../server/agent/tools/file-search.ts'
import { fetchLoopback } from '../../server/agent/tools/http-fetch.ts'

const TOOLS = ['calculator', 'file_search', 'http_fetch', 'slow_report']

describe('the scripted model', () => {
  // oxfmt-ignore
  test.each([
    ['What is (2 + 3) * 4?',                   ['calculator']],
    ['Where are the opening hours?',           ['file_search']],
    ['Write the weekly report',                ['slow_report']],
    ['Check the status page',                  ['http_fetch']],
    ['Fetch http://127.0.0.1:1/x-1 please',    ['http_fetch']],
    ['Calculate 2 ^ 8 and write a report',     ['calculator', 'slow_report']],
    ['Refunds after 30 days?',                 ['file_search']],
    ['Hello there',                            []],
  ])('%s → %s', (request, tools) => {
    const calls = planToolCalls(request, 'This runtime answers at http://127.0.0.1:4320/healthz.', TOOLS)
    expect(calls.map(({ tool }) => tool)).toEqual(tools)
  })

  test('calls no tool that is not on offer', () => {
    expect(planToolCalls('What is 2 + 3?', '', ['slow_report'])).toEqual([])
  })

  test('reads the address of the runtime from its instructions', () => {
    const [call] = planToolCalls(
      'Is this runtime healthy? Check its status.',
      'It answers at http://127.0.0.1:9/healthz.',
      TOOLS,
    )
    expect(call?.input).toEqual({ url: 'http://127.0.0.1:9/healthz' })
  })

  test('quotes an output it cannot phrase, such as an error', () => {
    expect(phraseAnswer('x', [{ tool: 'calculator', output: 'a bracket is not closed' }])).toBe(
      'calculator says: a bracket is not closed.',
    )
  })
})

describe('file_search', () => {
  const passages = readPassages(new URL('../../server/documents', import.meta.url).pathname)

  test.each([
    ['refund policy', 'Refund policy'],
    ['how long may a stream be silent, timeouts', 'Timeouts'],
    ['restarting a service', 'Restarting a service'],
  ])('%s finds %s first', (query, heading) => {
    expect(findPassages(passages, query, 3)[0]?.heading).toBe(heading)
  })

  test('words nobody wrote find nothing', () => {
    expect(findPassages(passages, 'zeppelin quokka', 3)).toEqual([])
  })
})

describe('http_fetch', () => {
  const never = new AbortController().signal

  test('reads a page of this machine, and no more of it than a model should read', async () => {
    const server = createServer((_request, response) => response.end('x'.repeat(10_000)))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const page = await fetchLoopback(`http://127.0.0.1:${port}/`, never)
    server.close()
    expect(page.status).toBe(200)
    expect(page.body).toHaveLength(4_096)
  })

  test.each([
    ['http://example.com/', /not this machine/],
    ['http://127.0.0.1.example.com/', /not this machine/],
    ['http://169.254.169.254/latest/meta-data', /not this machine/],
    ['http://0x7f000001.example.com/', /not this machine/],
    ['file:///etc/passwd', /only http/],
  ])('%s is refused', async (url, problem) => {
    await expect(async () => fetchLoopback(url, never)).rejects.toThrow(problem)
  })
})
