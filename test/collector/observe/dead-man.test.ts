import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { PING_EVERY, startDeadMan } from '../../../collector/observe/dead-man.ts'
import { systemClock } from '../../../contract/clock.ts'
import { sleepAwake } from '../../kit/laststep-api.ts'
import { manualClock } from '../../kit/manual-clock.ts'

const closes: (() => void)[] = []
afterEach(() => {
  for (const close of closes.splice(0)) close()
})

/** The other end: counts what reaches it, and answers as told. */
async function startReceiver() {
  const heard: string[] = []
  let status: number | null = 200
  const server = createServer((request, response) => {
    heard.push(`${request.method} ${request.url} ${request.headers['user-agent']}`)
    if (status !== null) response.writeHead(status, { location: 'http://127.0.0.1:9/' }).end('thank you')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closes.push(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/ping/abc`
  return { url, heard, answer: (next: number | null) => void (status = next) }
}

function wind(url: string, timeout?: number) {
  const clock = manualClock()
  const warned: object[] = []
  let isReady = true
  const deadMan = startDeadMan({
    url,
    // The wait for an answer is by the true clock: the answer is real.
    clock: { ...clock, after: systemClock.after },
    isReady: () => isReady,
    log: { warn: (details) => void warned.push(details) },
    ...(timeout === undefined ? {} : { timeout }),
  })
  closes.push(deadMan.stop)
  return { deadMan, warned, pass: clock.pass, ready: (next: boolean) => void (isReady = next) }
}

test('is wound up at once and every 30 s, only while verdicts can be trusted', async () => {
  const { url, heard } = await startReceiver()
  const { deadMan, pass, ready } = wind(url)
  await expect.poll(() => deadMan.pings).toBe(1)
  pass(PING_EVERY)
  await expect.poll(() => deadMan.pings).toBe(2)
  ready(false)
  pass(PING_EVERY * 4)
  await sleepAwake(100)
  expect(heard).toHaveLength(2)
  ready(true)
  pass(PING_EVERY)
  await expect.poll(() => deadMan.pings).toBe(3)
  expect(heard).toEqual(Array(3).fill('GET /ping/abc laststep'))
  expect(deadMan.error).toBeNull()
})

test('two missed are the minute after which the other end must know', () => {
  expect(PING_EVERY).toBeLessThanOrEqual(30_000)
})

// oxfmt-ignore
test.each([
  // the receiver      answers  error
  ['is broken',        500,     'the receiver answered 500'],
  ['sends us away',    302,     'the receiver answered 302'],
  ['never answers',    null,    'no answer within 1000 ms'],
] as const)('a receiver that %s is said so once, and tried again', async (_what, status, error) => {
  const { url, answer } = await startReceiver()
  answer(status)
  const { deadMan, warned, pass } = wind(url, status === null ? 1_000 : undefined)
  await expect.poll(() => deadMan.error).toBe(error)
  pass(PING_EVERY)
  await expect.poll(() => deadMan.failures).toBe(2)
  expect([deadMan.pings, deadMan.pingedAt, warned.length]).toEqual([0, null, 1])
  answer(200)
  pass(PING_EVERY)
  await expect.poll(() => deadMan.error).toBeNull()
  expect(deadMan.pings).toBe(1)
})
