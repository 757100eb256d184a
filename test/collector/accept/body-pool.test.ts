/** Bodies share memory, one after the other and never at the same time. */
import { expect, test } from 'vitest'
import { createBodyPool } from '../../../collector/accept/body-pool.ts'
import { startOtlpHttp } from '../../../collector/accept/receive-otlp.ts'

test('room is used again by a body of its size, and never by two at once', () => {
  const pool = createBodyPool()
  const first = pool.take(70_000)
  const second = pool.take(70_000)
  expect(first).not.toBe(second)
  if (first) pool.give(first)
  expect(pool.take(100_000)).toBe(first)
  expect(pool.take(200_000)?.length).toBe(262_144)
  expect(pool.take(5 * 1_048_576)).toBeNull()
})

test('no more than 16 MiB wait to be used again', () => {
  const pool = createBodyPool()
  const rooms = Array.from({ length: 20 }, () => pool.take(4 * 1_048_576))
  for (const room of rooms) if (room) pool.give(room)
  const again = Array.from({ length: 20 }, () => pool.take(4 * 1_048_576))
  expect(again.filter((room) => rooms.includes(room))).toHaveLength(4)
})

test('a body stays what was sent for as long as it is taken, whoever else sends meanwhile', async () => {
  let waiting: (() => void)[] = []
  const seen: { before: string; after: string }[] = []
  const receiver = await startOtlpHttp({
    host: '127.0.0.1',
    port: 0,
    log: console,
    take: async ({ body }) => {
      const before = Buffer.from(body).toString()
      await new Promise<void>((resolve) => waiting.push(resolve))
      seen.push({ before, after: Buffer.from(body).toString() })
    },
  })
  const bodies = Array.from({ length: 60 }, (_, index) =>
    JSON.stringify({ resourceSpans: [], pad: `${index} `.repeat(index * 200) }),
  )
  const headers = { 'content-type': 'application/json' }
  const answers = bodies.map((body) => fetch(`${receiver.address}/v1/traces`, { method: 'POST', headers, body }))
  // The latest first, half of them at a time: rooms come free while others are still held.
  const release = setInterval(() => {
    const some = waiting.splice(waiting.length >> 1)
    for (const resolve of some.toReversed()) resolve()
  }, 5)
  const statuses = await Promise.all(answers.map(async (answer) => (await answer).status))
  clearInterval(release)
  waiting = []
  await receiver.stop()
  expect(new Set(statuses)).toEqual(new Set([200]))
  expect(seen.map(({ after }) => after).toSorted()).toEqual(bodies.toSorted())
  expect(seen.every(({ before, after }) => before === after)).toBe(true)
})
