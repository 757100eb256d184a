/** One attempt at a time, against a receiver that checks the signature with the library receivers use. */
import { Webhook } from 'standardwebhooks'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../../../contract/clock.ts'
import { openWebhook, type Tell } from '../../../collector/notify/webhook.ts'
import { startWebhookReceiver, type Answer, type WebhookReceiver } from './kit/webhook-receiver.ts'

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const MESSAGE = { id: 'msg_1', body: '{"type":"run.stalled","data":{"name":"søk › tool"}}', createdAt: 0 }

let receiver: WebhookReceiver
let tell: Tell
beforeEach(async () => {
  receiver = await startWebhookReceiver()
  tell = openWebhook({ url: receiver.url, secret: SECRET, clock: systemClock })
})
afterEach(() => receiver.stop())

test('what arrives verifies, and nothing else would', async () => {
  expect(await tell(MESSAGE)).toEqual({ result: 'told' })
  const [got] = receiver.received
  if (got === undefined) throw new Error('expected a request')
  const headers = got.headers as Record<string, string>
  expect(headers['webhook-id']).toBe('msg_1')
  expect(headers['content-type']).toBe('application/json')
  expect(new Webhook(SECRET).verify(got.body, headers)).toEqual(JSON.parse(MESSAGE.body))
  expect(() => new Webhook(SECRET).verify(got.body.replace('stalled', 'recovered'), headers)).toThrow()
  expect(() => new Webhook(`whsec_${Buffer.alloc(32, 8).toString('base64')}`).verify(got.body, headers)).toThrow()
})

// oxfmt-ignore
test.each<[string, Answer, object]>([
  ['200',                       200,                                { result: 'told' }],
  ['202',                       202,                                { result: 'told' }],
  ['410',                       410,                                { result: 'disabled' }],
  ['400',                       400,                                { result: 'failed', retryAfterMs: null }],
  ['500',                       500,                                { result: 'failed', retryAfterMs: null }],
  ['429 with a wish',           (r) => r.writeHead(429, { 'retry-after': '30' }).end(),      { result: 'failed', retryAfterMs: 30_000 }],
  ['503 with a date',           (r) => r.writeHead(503, { 'retry-after': 'Sun, 22 Nov 2026' }).end(), { result: 'failed', retryAfterMs: null }],
  ['503 asking for a year',     (r) => r.writeHead(503, { 'retry-after': '31536000' }).end(), { result: 'failed', retryAfterMs: 3_600_000 }],
  ['a cut connection',          (r) => r.destroy(),                 { result: 'failed', retryAfterMs: null }],
  ['200 and a body without end', (r) => r.writeHead(200).write('x'), { result: 'told' }],
])('%s', async (_what, answer, telling) => {
  receiver.answer(answer)
  expect(await tell(MESSAGE)).toMatchObject(telling)
})

test('a redirect is not followed', async () => {
  const elsewhere = await startWebhookReceiver()
  receiver.answer((response) => response.writeHead(307, { location: elsewhere.url }).end())
  expect(await tell(MESSAGE)).toMatchObject({ result: 'failed', error: expect.stringContaining('not followed') })
  expect(elsewhere.received).toHaveLength(0)
  await elsewhere.stop()
})

test('a receiver that hangs is given up after the time limit', async () => {
  receiver.answer(() => {})
  tell = openWebhook({ url: receiver.url, secret: SECRET, clock: systemClock, timeoutMs: 300 })
  const began = systemClock.now()
  expect(await tell(MESSAGE)).toMatchObject({ result: 'failed', error: 'no answer within 300 ms' })
  expect(systemClock.now() - began).toBeLessThan(2_000)
})

test('nobody there: the reason is said', async () => {
  await receiver.stop()
  expect(await tell(MESSAGE)).toMatchObject({ result: 'failed', error: expect.stringContaining('ECONNREFUSED') })
})
