/** `laststep deploy` as a pipeline runs it, against the real server. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { DeployAnswer, DeployList } from '../../contract/deploys.ts'
import { openServe, type TestServe } from '../collector/serve/kit/open-serve.ts'
import { runLaststep } from '../kit/run-laststep.ts'

let serve: TestServe
beforeAll(async () => {
  serve = await openServe()
})
afterAll(() => serve.stop())

const deploy = (...more: string[]) => runLaststep(['deploy', '--collector', serve.address, ...more])
const SHOP = ['--service', 'shop', '--version', '1.4.2', '--environment', 'production']

test('a pipeline announces a deploy, says it again, and reads the answer', async () => {
  const at = '2026-11-22T14:00:00.000Z'
  const first = await deploy(...SHOP, '--at', at, '--url', 'https://ci.test/17', '--note', 'the pool', '--by', 'ana')
  expect(first).toEqual({ status: 0, stdout: `announced shop 1.4.2 in production at ${at}\n`, stderr: '' })
  const again = await deploy(...SHOP, '--at', at, '--json')
  expect([again.status, again.stderr]).toEqual([0, ''])
  const answer = JSON.parse(again.stdout) as DeployAnswer
  expect(answer).toEqual({
    deploy: {
      service: 'shop',
      environment: 'production',
      version: '1.4.2',
      at,
      source: 'command',
      url: 'https://ci.test/17',
      note: 'the pool',
      by: 'ana',
    },
    isNew: false,
  })
  const { deploys } = (await (await fetch(`${serve.address}/api/deploys?from=2026-11-01`)).json()) as DeployList
  expect(deploys).toEqual([answer.deploy])
}, 60_000)

// oxfmt-ignore
test.each<[string, string[], number, RegExp]>([
  // a call that                     with                                                 exits with, and says
  ['names no version',               ['--service', 'shop'],                               2, /required option '--version <VERSION>' not specified/],
  ['has no time the collector knows', [...SHOP, '--at', 'soon'],                          2, /at must be like 2026/],
  ['asks nobody',                    [...SHOP, '--collector', 'localhost'],               2, /--collector must be an http or https URL/],
  ['finds no collector',             [...SHOP, '--collector', 'http://127.0.0.1:1'],      1, /http:\/\/127\.0\.0\.1:1 cannot be reached: .*Is the collector running\?/],
])('a call that %s exits with %d', async (_, words, status, says) => {
  const ended = await deploy(...words)
  expect(ended.stderr).toMatch(says)
  expect([ended.status, ended.stdout]).toEqual([status, ''])
}, 60_000)
