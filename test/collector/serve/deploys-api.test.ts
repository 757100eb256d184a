/** Deploys over real HTTP: announced, listed, refused. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ApiError } from '../../../contract/errors.ts'
import type { DeployAnswer, DeployList } from '../../../contract/deploys.ts'
import { hours, minutes, toIso } from '../../../contract/units.ts'
import { manualClock, START } from '../../kit/manual-clock.ts'
import { openServe, type TestServe } from './kit/open-serve.ts'

let serve: TestServe
beforeAll(async () => {
  serve = await openServe({ clock: manualClock() })
})
afterAll(() => serve.stop())

const DEPLOY = { service: 'shop', environment: 'production', version: '1.4.2' }
const JSON_TYPE = { 'content-type': 'application/json' }

const post = (body: unknown, headers: Record<string, string> = JSON_TYPE) =>
  fetch(`${serve.address}/api/deploys`, {
    method: 'POST',
    headers,
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
const list = async (query = ''): Promise<DeployList> =>
  (await (await fetch(`${serve.address}/api/deploys${query}`)).json()) as DeployList

test('a deploy is announced once, listed, and the same again changes nothing', async () => {
  const said = {
    ...DEPLOY,
    url: 'https://ci.test/17',
    note: '  the new pool  ',
    by: ' ana ',
    at: toIso(START - minutes(5)),
  }
  const first = await post(said)
  expect(first.status).toBe(201)
  const deploy = { ...said, note: 'the new pool', by: 'ana', source: 'api' }
  expect(await first.json()).toEqual({ deploy, isNew: true })
  const again = await post({ ...DEPLOY, at: toIso(START - minutes(4)), note: 'again' })
  expect(again.status).toBe(200)
  expect(await again.json()).toEqual({ deploy, isNew: false })

  const now = (await (await post({ ...DEPLOY, version: '1.4.1', source: 'command' })).json()) as DeployAnswer
  expect(now.deploy).toEqual({
    ...DEPLOY,
    version: '1.4.1',
    source: 'command',
    at: toIso(START),
    url: null,
    note: null,
    by: null,
  })
  expect(await list()).toEqual({ deploys: [now.deploy, deploy], total: 2 })
  expect(await list('?limit=1')).toEqual({ deploys: [now.deploy], total: 2 })
  expect((await list('?version=1.4.2&service=shop&environment=production')).deploys).toEqual([deploy])
  expect((await list('?environment=staging')).total).toBe(0)
  expect((await list('?to=now-1m')).deploys).toEqual([deploy])
})

describe('a deploy that cannot be', () => {
  // oxfmt-ignore
  test.each<[string, unknown, string]>([
    // what                     body                                                    names
    ['has no service',          { version: '1' },                                       'service'],
    ['has an empty version',    { ...DEPLOY, version: ' ' },                            'version must not be empty'],
    ['is of no time',           { ...DEPLOY, at: 'yesterday' },                         'at must be like'],
    ['is yet to come',          { ...DEPLOY, at: toIso(START + minutes(6)) },           'yet to come'],
    ['is too long ago',         { ...DEPLOY, at: toIso(START - hours(24 * 401)) },      '400 days'],
    ['links nowhere',           { ...DEPLOY, url: 'javascript:alert(1)' },              'url must begin with'],
    ['has a long name',         { ...DEPLOY, by: 'a'.repeat(81) },                      'by must not be longer than 80'],
    ['has a number for a text', { ...DEPLOY, note: 7 },                                 'note must be a text'],
    ['says more than is asked', { ...DEPLOY, colour: 'red' },                           '"colour"'],
    ['says it was seen',        { ...DEPLOY, source: 'seen' },                          'source must be api or command'],
    ['is a list',               [DEPLOY],                                               'a JSON object'],
    ['is no JSON',              '{"service":',                                          'JSON'],
  ])('one that %s is 400 and says so', async (_, body, names) => {
    const before = (await list()).total
    const answer = await post(body)
    expect(answer.status).toBe(400)
    const { error } = (await answer.json()) as ApiError
    expect(error.code).toBe('invalid')
    expect(error.message).toContain(names)
    expect((await list()).total).toBe(before)
  })

  test('one of another type of content is 400, one that is too large 413, one of another site 403', async () => {
    expect((await post(DEPLOY, { 'content-type': 'text/plain' })).status).toBe(400)
    expect((await post({ ...DEPLOY, note: 'a'.repeat(20_000) })).status).toBe(413)
    expect((await post(DEPLOY, { ...JSON_TYPE, origin: 'https://evil.example' })).status).toBe(403)
    expect((await post(DEPLOY, { ...JSON_TYPE, origin: serve.address })).status).toBe(201)
    expect((await fetch(`${serve.address}/api/deploys`, { method: 'DELETE' })).status).toBe(405)
  })
})

test.each([
  ['/api/deploys?from=now&to=now-1h', 400],
  ['/api/deploys?limit=0', 400],
  ['/api/deploys?colour=red', 400],
  ['/api/stalls/abcd/deploys', 404],
  ['/api/stalls/nothing/deploys', 404],
  ['/api/stalls/abcd/deploys?from=x', 400],
])('GET %s is %d', async (path, status) => {
  expect((await fetch(serve.address + path)).status).toBe(status)
})
