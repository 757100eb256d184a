/** Our own receiver against the whole table; and the table against receivers that do badly, since it must be able to fail. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startOtlpHttp, type OtlpReceiver } from '../../../../collector/accept/receive-otlp.ts'
import { startOtlpGrpc } from '../../../../collector/accept/receive-otlp-grpc.ts'
import { Unavailable } from '../../../../collector/unavailable.ts'
import { systemClock, type Clock } from '../../../../contract/clock.ts'
import { minutes } from '../../../../contract/units.ts'
import { formatRows, isConforming, runConformance } from './requirement.ts'
import { REQUIREMENTS } from './requirements.ts'
import { openTarget, type OpenTarget } from './target.ts'

let isInTrouble = false
let aheadMs = 0
const clock: Clock = { ...systemClock, now: () => systemClock.now() + aheadMs }
let receivers: OtlpReceiver[]
let open: OpenTarget

beforeAll(async () => {
  const settings = {
    host: '127.0.0.1',
    port: 0,
    clock,
    log: console,
    take: async () => {
      if (isInTrouble) throw new Unavailable('the disk is full')
    },
  }
  receivers = [await startOtlpHttp(settings), await startOtlpGrpc(settings)]
  open = openTarget(receivers[0]?.address ?? '', receivers[1]?.address ?? null, {
    trouble: (isOn) => (isInTrouble = isOn),
    passMinutes: (count) => (aheadMs += minutes(count)),
  })
})

afterAll(async () => {
  open.close()
  await Promise.all(receivers.map((receiver) => receiver.stop()))
})

describe('our own receiver', () => {
  test.each(REQUIREMENTS.map((requirement) => [requirement.id, requirement.says, requirement] as const))(
    '%s %s',
    async (_id, _says, requirement) => {
      const [row] = await runConformance([requirement], open.target)
      expect(row).toMatchObject({ result: 'ok', seen: '' })
    },
  )
})

test('every requirement has a name of its own', () => {
  expect(new Set(REQUIREMENTS.map(({ id }) => id)).size).toBe(REQUIREMENTS.length)
})

describe('receivers that do badly are found out', () => {
  test('one that answers 200 to everything', async () => {
    const rows = await againstServer(200, '')
    const differs = rows.filter(({ result }) => result === 'differs').map(({ requirement }) => requirement.id)
    expect(differs).toEqual(expect.arrayContaining(['3.broken-protobuf', '5.partial', '8.gzip-bomb', '10.zero-id']))
    expect(isConforming(rows)).toBe(false)
  })

  test('one that refuses everything, without a Status', async () => {
    const rows = await againstServer(500, 'oops')
    expect(rows.filter(({ result }) => result === 'ok').map(({ requirement }) => requirement.id)).toEqual(['12.cors'])
  })

  test('one that is not there; and the table says so for people', async () => {
    const rows = await runConformance(REQUIREMENTS.slice(0, 3), openTarget('http://127.0.0.1:9', null).target)
    expect(isConforming(rows)).toBe(false)
    expect(formatRows(rows)).toMatch(/1\.traces-json .* differs {2}no answer: .*ECONNREFUSED/)
    expect(formatRows(rows)).toContain('0 ok, 3 differ, 0 not offered')
  })
})

async function againstServer(status: number, body: string) {
  const server = createServer((request, response) => {
    request.resume()
    const type = request.headers['content-type'] ?? 'text/plain'
    request.on('end', () => response.writeHead(status, { 'content-type': type, connection: 'close' }).end(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const rows = await runConformance(REQUIREMENTS, openTarget(`http://127.0.0.1:${port}`, null).target)
  server.close()
  return rows
}
