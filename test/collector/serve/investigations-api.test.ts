/** Investigations over real HTTP: what is refused and how, what is done once, and how open pages hear of it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ApiError } from '../../../contract/errors.ts'
import type {
  EditAnswer,
  Investigation,
  InvestigationHistory,
  InvestigationList,
} from '../../../contract/investigations.ts'
import { waitUntil } from '../../kit/wait-until.ts'
import { openLiveClient } from './kit/live-client.ts'
import { openServe, type TestServe } from './kit/open-serve.ts'

let serve: TestServe
beforeAll(async () => {
  serve = await openServe()
})
afterAll(() => serve.stop())

const JSON_HEADERS = { 'content-type': 'application/json' }
const send = (path: string, body: unknown, headers: Record<string, string> = JSON_HEADERS): Promise<Response> =>
  fetch(serve.address + path, { method: 'POST', headers, body: typeof body === 'string' ? body : JSON.stringify(body) })
const read = async <Answer>(path: string): Promise<Answer> =>
  (await (await fetch(serve.address + path)).json()) as Answer
const begin = async (body: object = {}): Promise<Investigation> =>
  (await (await send('/api/investigations', body)).json()) as Investigation
const refusal = async (response: Response): Promise<[number, string]> => [
  response.status,
  ((await response.json()) as ApiError).error.message,
]
let keys = 0
const editing = (edits: unknown[], different: object = {}): object => ({
  baseRev: 1,
  key: `k${(keys += 1)}`,
  edits,
  ...different,
})

describe('what is refused', () => {
  const piece = { kind: 'note', title: 'x', link: null, at: null, frozen: [] }
  test.each<[string, unknown, string]>([
    [
      'a link to another site',
      editing([{ edit: 'add-evidence', evidence: { ...piece, link: '//evil.example' }, answerId: null }]),
      'path of the dashboard',
    ],
    [
      'a link to another site, as browsers also read it',
      editing([{ edit: 'add-evidence', evidence: { ...piece, link: '/\\evil.example' }, answerId: null }]),
      'path of the dashboard',
    ],
    [
      'a link that is a script',
      editing([{ edit: 'add-evidence', evidence: { ...piece, link: 'javascript:alert(1)' }, answerId: null }]),
      'path of the dashboard',
    ],
    [
      'a kind of evidence that there is not',
      editing([{ edit: 'add-evidence', evidence: { ...piece, kind: 'rumour' }, answerId: null }]),
      'edits.0.evidence.kind',
    ],
    ['an edit that there is not', editing([{ edit: 'drop' }]), 'edits.0'],
    ['a field that there is not', editing([{ edit: 'set', field: 'rev', value: '9' }]), 'edits.0.field'],
    [
      'a field that only looks like one',
      editing([{ edit: 'set-answer', id: 'a', field: '__proto__', value: '' }]),
      'edits.0.field',
    ],
    [
      'a text that is too long',
      editing([{ edit: 'set', field: 'problem', value: 'x'.repeat(20_001) }]),
      'edits.0.value',
    ],
    ['a name that is too long', editing([{ edit: 'set-state', value: 'closed' }], { by: 'x'.repeat(81) }), 'by'],
    ['no edits', editing([]), 'edits'],
    ['no key', { baseRev: 1, edits: [{ edit: 'set-state', value: 'closed' }] }, 'key'],
    [
      'support without evidence',
      editing([
        { edit: 'add-answer', id: 'a', parentId: null, order: 1, question: '', text: '' },
        { edit: 'set-answer-state', id: 'a', value: 'supported' },
      ]),
      'pin some to it first',
    ],
    ['a revision nobody has seen', editing([{ edit: 'set-state', value: 'closed' }], { baseRev: 7 }), 'no revision 7'],
  ])('%s', async (_name, body, because) => {
    const { id } = await begin()
    const [status, message] = await refusal(await send(`/api/investigations/${id}/edits`, body))
    expect([status, message]).toEqual([400, expect.stringContaining(because)])
    expect((await read<Investigation>(`/api/investigations/${id}`)).rev).toBe(1)
  })

  test('a page of another site, and a form of it', async () => {
    const there = { ...JSON_HEADERS, origin: 'https://evil.example' }
    const { id } = await begin()
    for (const path of ['/api/investigations', `/api/investigations/${id}/edits`])
      expect((await refusal(await send(path, editing([{ edit: 'set-state', value: 'closed' }]), there)))[0]).toBe(403)
    const form = { 'content-type': 'text/plain' }
    expect(await refusal(await send('/api/investigations', '{}', form))).toEqual([
      400,
      expect.stringContaining('application/json'),
    ])
    expect(await read<InvestigationList>('/api/investigations?state=closed')).toMatchObject({ investigations: [] })
  })

  test('what is no JSON, and what is too much of it', async () => {
    expect((await send('/api/investigations', '{')).status).toBe(400)
    expect((await send('/api/investigations', { title: 'x'.repeat(600_000) })).status).toBe(413)
  })

  test.each([
    ['GET', '/api/investigations/INV-999', 404],
    ['GET', '/api/investigations/INV-1e3', 404],
    ['GET', '/api/investigations/12', 404],
    ['GET', '/api/investigations?state=stuck', 400],
    ['GET', '/api/investigations/INV-1?rev=0', 400],
    ['GET', '/api/investigations/INV-1?rev=99', 404],
    ['GET', '/api/investigations/INV-1/export?format=pdf', 400],
    ['GET', '/api/investigations/INV-1/issue-links', 400],
    ['PUT', '/api/investigations/INV-1', 405],
    ['DELETE', '/api/investigations/INV-1', 405],
  ])('%s %s is %i', async (method, path, status) => {
    expect((await fetch(serve.address + path, { method })).status).toBe(status)
  })

  test('a sheet about what is not kept', async () => {
    expect((await send('/api/investigations', { run: 'run_nobody' })).status).toBe(404)
    expect((await send('/api/investigations', { incident: 'STL-0000' })).status).toBe(404)
    expect((await send('/api/investigations', { incident: 'STL-0000', run: 'run_1' })).status).toBe(400)
  })
})

test('the later of two who write one field stands, and is told what he replaced', async () => {
  const { id } = await begin({ title: 'two' })
  const path = `/api/investigations/${id}/edits`
  await send(path, editing([{ edit: 'set', field: 'problem', value: 'of Ben' }], { by: 'ben', editor: 'b' }))
  const answer = await send(
    path,
    editing([{ edit: 'set', field: 'problem', value: 'of Ana' }], { by: ' ana ', editor: 'a' }),
  )
  expect((await answer.json()) as EditAnswer).toMatchObject({
    investigation: { rev: 3, problem: 'of Ana', updatedBy: 'ana' },
    overwritten: [{ field: 'problem', by: 'ben', theirs: 'of Ben' }],
  })
  const { entries } = await read<InvestigationHistory>(`/api/investigations/${id}/history?before=3&limit=1`)
  expect(entries).toMatchObject([{ rev: 2, by: 'ben', edits: [{ value: 'of Ben' }] }])
  expect(JSON.stringify(entries)).not.toContain('"key"')
})

test('a sheet that is asked for twice with one key is begun once', async () => {
  const [first, second] = [await begin({ key: 'click', title: 'once' }), await begin({ key: 'click', title: 'twice' })]
  expect(second).toEqual(first)
})

test('the one edited last is listed first, and counted by its state', async () => {
  const [old, young] = [await begin({ title: 'old' }), await begin({ title: 'young' })]
  await send(`/api/investigations/${old.id}/edits`, editing([{ edit: 'set-state', value: 'closed' }]))
  const { investigations, states } = await read<InvestigationList>('/api/investigations')
  expect(investigations.slice(0, 2).map(({ id }) => id)).toEqual([old.id, young.id])
  expect(states).toEqual({ open: investigations.length - 1, closed: 1 })
  const closed = await read<InvestigationList>('/api/investigations?state=closed')
  expect([closed.investigations.map(({ id }) => id), closed.states]).toEqual([[old.id], states])
})

test('whoever is connected hears of each revision at once', async () => {
  const { id } = await begin({ title: 'heard' })
  const client = await openLiveClient(serve.address)
  await waitUntil(() => expect(client.frames).not.toEqual([]))
  await send(`/api/investigations/${id}/edits`, editing([{ edit: 'set-state', value: 'closed' }]))
  await waitUntil(() => expect(client.frames).toContainEqual({ type: 'investigation', id, rev: 2 }))
  await client.close()
})
