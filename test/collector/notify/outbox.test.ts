/** The outbox over the real desk and a real receiver, on a clock that runs fast. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock, type Clock } from '../../../contract/clock.ts'
import { hours, seconds } from '../../../contract/units.ts'
import { openDesk, type Desk } from '../../../collector/keep/desk.ts'
import { retryDelay, startOutbox, type Outbox, type OutboxDesk } from '../../../collector/notify/outbox.ts'
import { openWebhook } from '../../../collector/notify/webhook.ts'
import { manualClock } from '../../kit/manual-clock.ts'
import { fastClock } from './kit/fast-clock.ts'
import { startWebhookReceiver, type WebhookReceiver } from './kit/webhook-receiver.ts'
import { waitUntil } from '../../kit/wait-until.ts'

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`

let receiver: WebhookReceiver
let dir: string
let desk: Desk
let logged: string[]
const running: Outbox[] = []

beforeEach(async () => {
  receiver = await startWebhookReceiver()
  dir = mkdtempSync(join(tmpdir(), 'laststep-desk-'))
  desk = openDesk(dir)
  logged = []
})
afterEach(async () => {
  await Promise.all(running.splice(0).map((outbox) => outbox.stop()))
  desk.close()
  await receiver.stop()
  rmSync(dir, { recursive: true })
})

function start(clock: Clock, over: OutboxDesk = desk, timeoutMs = 5_000): Outbox {
  // This test's own list: an attempt that outlives its test would otherwise speak in the next one.
  const lines = logged
  const log = (_facts: object, text: string): void => void lines.push(text)
  const tell = openWebhook({ url: receiver.url, secret: SECRET, clock: systemClock, timeoutMs })
  const outbox = startOutbox({ clock, desk: over, tell, log: { warn: log, error: log }, random: () => 1 })
  running.push(outbox)
  return outbox
}

const message = (id: string, clock: Clock) => ({ id, body: `{"id":"${id}"}`, createdAt: clock.now() })
const receivedIds = () => receiver.received.map(({ headers }) => headers['webhook-id'])

test('a message is told once, however often it is put', async () => {
  const clock = fastClock(100)
  const outbox = start(clock)
  for (let count = 0; count < 3; count += 1) outbox.put(message('a', clock))
  await waitUntil(() => expect(outbox.counts.told).toBe(1))
  outbox.put(message('a', clock))
  outbox.put(message('b', clock))
  await waitUntil(() => expect(outbox.counts.told).toBe(2))
  expect(receivedIds()).toEqual(['a', 'b'])
})

test('a receiver that fails twice is told the third time, 5 s and 10 s later', async () => {
  receiver.answer(500, 500)
  const clock = fastClock(100)
  const began = clock.now()
  const outbox = start(clock)
  outbox.put(message('a', clock))
  await waitUntil(() => expect(outbox.counts).toMatchObject({ told: 1, failed: 2, gaveUp: 0 }))
  expect(clock.now() - began).toBeGreaterThanOrEqual(15_000)
  expect(receivedIds()).toEqual(['a', 'a', 'a'])
})

test('a receiver that hangs for one message does not keep the others', async () => {
  receiver.answer(() => {})
  const clock = fastClock(100)
  const outbox = start(clock, desk, 300)
  for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) outbox.put(message(id, clock))
  await waitUntil(() => expect(outbox.counts).toMatchObject({ told: 6, failed: 1 }))
  expect(new Set(receivedIds())).toEqual(new Set(['a', 'b', 'c', 'd', 'e', 'f']))
})

describe('a restart', () => {
  test('does not tell twice what was told, also when it is decided again', async () => {
    const clock = fastClock(100)
    const first = start(clock)
    first.put(message('a', clock))
    await waitUntil(() => expect(first.counts.told).toBe(1))
    await first.stop()
    desk.close()
    desk = openDesk(dir)

    const second = start(clock)
    second.put(message('a', clock))
    second.put(message('b', clock))
    await waitUntil(() => expect(second.counts.told).toBe(1))
    expect(receivedIds()).toEqual(['a', 'b'])
  })

  test('tells what was stored but never told', async () => {
    const clock = fastClock(100)
    desk.put(message('a', clock))
    start(clock)
    await waitUntil(() => expect(receivedIds()).toEqual(['a']))
  })

  test('goes on with the retries where they were', async () => {
    receiver.answer(500)
    const clock = fastClock(100)
    const first = start(clock)
    first.put(message('a', clock))
    await waitUntil(() => expect(first.counts.failed).toBe(1))
    await first.stop()
    const second = start(clock)
    await waitUntil(() => expect(second.counts.told).toBe(1))
    expect(receivedIds()).toEqual(['a', 'a'])
  })
})

test('a message nobody took in a day is given up, said to operators, and never tried again', async () => {
  receiver.answer(...Array.from({ length: 100 }, () => 500))
  const clock = manualClock()
  const outbox = start(clock)
  outbox.put(message('a', clock))
  for (let failed = 1; outbox.counts.gaveUp === 0; failed++) {
    await waitUntil(() => {
      clock.pass(seconds(1))
      expect(outbox.counts.failed).toBeGreaterThanOrEqual(failed)
    })
    clock.pass(hours(1))
  }
  expect(logged).toContain('gave up telling the webhook after a day')
  const attempts = receiver.received.length
  expect(attempts).toBeGreaterThan(10)
  expect(desk.due(clock.now() + 1e12)).toEqual([])
  outbox.put(message('b', clock))
  await waitUntil(() => expect(receiver.received.length).toBeGreaterThan(attempts))
  expect(receivedIds().slice(attempts)).not.toContain('a')
})

test('410 Gone: nothing more is sent, and what comes is kept for the next start', async () => {
  receiver.answer(410)
  const clock = fastClock(100)
  const first = start(clock)
  first.put(message('a', clock))
  await waitUntil(() => expect(logged).toHaveLength(1))
  first.put(message('b', clock))
  await first.stop()
  expect(receivedIds()).toEqual(['a'])
  const second = start(clock)
  await waitUntil(() => expect(second.counts.told).toBe(1))
  expect(receivedIds()).toEqual(['a', 'b'])
})

test('a desk that fails for a while loses no message, and nothing is told that could not be remembered', async () => {
  let isBroken = true
  const guarded =
    <Parameters extends unknown[], Result>(call: (...parameters: Parameters) => Result) =>
    (...parameters: Parameters): Result => {
      if (isBroken) throw new Error('database or disk is full')
      return call(...parameters)
    }
  const failing: OutboxDesk = {
    put: guarded(desk.put),
    due: guarded(desk.due),
    told: guarded(desk.told),
    retry: guarded(desk.retry),
    nextDue: guarded(desk.nextDue),
  }
  const clock = fastClock(100)
  const outbox = start(clock, failing)
  outbox.put(message('a', clock))
  outbox.put(message('b', clock))
  await waitUntil(() => expect(logged.length).toBeGreaterThan(2))
  expect(receiver.received).toHaveLength(0)
  isBroken = false
  await waitUntil(() => expect(outbox.counts.told).toBe(2))
  expect(receivedIds()).toEqual(['a', 'b'])
})

test('a message that was told but could not be remembered is told again with the same id, and not in a hurry', async () => {
  let failures = 2
  const forgetful: OutboxDesk = {
    ...desk,
    told(id, now) {
      if (failures-- > 0) throw new Error('database or disk is full')
      desk.told(id, now)
    },
  }
  const clock = fastClock(100)
  const began = clock.now()
  const outbox = start(clock, forgetful)
  outbox.put(message('a', clock))
  await waitUntil(() => expect(outbox.counts.told).toBe(1))
  expect(receivedIds()).toEqual(['a', 'a', 'a'])
  expect(clock.now() - began).toBeGreaterThanOrEqual(10_000)
})

test('stopping does not wait for a receiver that hangs', async () => {
  receiver.answer(() => {})
  const clock = fastClock(100)
  const outbox = start(clock)
  outbox.put(message('a', clock))
  await waitUntil(() => expect(receiver.received).toHaveLength(1))
  const began = systemClock.now()
  await outbox.stop()
  expect(systemClock.now() - began).toBeLessThan(200)
})

// oxfmt-ignore
test.each([
  // attempts  retry after  random   delay
  [0,          null,        1,       5_000],
  [0,          null,        0,       2_500],
  [1,          null,        1,       10_000],
  [5,          null,        1,       160_000],
  [50,         null,        1,       3_600_000],
  [0,          60_000,      1,       60_000],
  [50,         60_000,      1,       3_600_000],
])('after %d attempts, asked for %s, at %d: %d ms', (attempts, retryAfterMs, random, delay) => {
  expect(retryDelay(attempts, retryAfterMs, random)).toBe(delay)
})
