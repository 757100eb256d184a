/** What a client says of a one-way stream by another request, and what is believed of it. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { recordHttpStreams, type HttpStreams, type StreamDescription } from '../../sdk/index.ts'
import { rememberStreams } from '../../sdk/stream-memory.ts'
import { systemClock } from '../../contract/clock.ts'
import { eventually } from '../kit/eventually.ts'
import { hearReporter } from './heard.ts'

const heard = hearReporter()
let streams: HttpStreams

beforeEach(() => {
  streams = recordHttpStreams(heard.reporter)
})
afterEach(() => heard.reporter.flush())

/** A stream that a client reads as it is written. */
async function open(description: StreamDescription = {}) {
  const known = new Set(heard.connectionIds())
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
  const recorded = streams.record(readable, { runId: 'run_1', ...description })
  const id = await eventually(() => heard.connectionIds().find((each) => !known.has(each)))
  const reader = recorded.getReader()
  const writer = writable.getWriter()
  return {
    id,
    async send(eventId: string | null, type = 'agent_thinking') {
      void writer.write(Buffer.from(`${eventId === null ? '' : `id: ${eventId}\n`}data: {"type":"${type}"}\n\n`))
      await reader.read()
    },
    leave: () => reader.cancel(),
  }
}

/** Of each message over the stream so far, by its number. */
async function farthest(id: string): Promise<Record<number, string>> {
  await heard.reporter.flush()
  const states: Record<number, string> = {}
  for (const record of heard.deliveries(id))
    states[Number(record['laststep.delivery.seq'])] = (record['laststep.delivery.states'] as string[]).at(-1) ?? ''
  return states
}

const ack = (up_to: number, more: object = {}) =>
  JSON.stringify([{ type: 'ack', run_id: 'run_1', epoch: heard.reporter.instanceId, up_to, ...more }])

describe('a client that is back with the id of the event it saw last', () => {
  test('has received all up to that one', async () => {
    const first = await open()
    for (const id of ['a', 'b', 'c']) await first.send(id)
    await first.leave()
    await open({ lastEventId: 'b' })
    expect(await farthest(first.id)).toEqual({ 1: 'received', 2: 'received', 3: 'dropped' })
  })

  test('gets what it missed under the numbers it had', async () => {
    const first = await open()
    for (const id of ['a', 'b', 'c']) await first.send(id)
    await first.leave()
    const second = await open({ lastEventId: 'a' })
    for (const id of ['b', 'c', 'd']) await second.send(id)
    expect(Object.keys(await farthest(second.id))).toEqual(['2', '3', '4'])
    await second.leave()
    const third = await open({ lastEventId: 'c' })
    expect(await farthest(second.id)).toEqual({ 2: 'received', 3: 'received', 4: 'dropped' })
    // Emitted while nobody was there, and sent for the first time to whoever comes back.
    await third.send('e')
    expect(Object.keys(await farthest(third.id))).toEqual(['5'])
  })

  test.each([
    ['an id that was never sent', 'z'],
    ['no id', null],
  ])('proves nothing with %s', async (_what, lastEventId) => {
    const first = await open()
    await first.send('a')
    await first.send('b')
    await first.leave()
    await open({ lastEventId })
    expect(await farthest(first.id)).toEqual({ 1: 'written', 2: 'dropped' })
  })

  test('proves nothing when two streams had brought it: nobody knows which it is the successor of', async () => {
    const [first, second] = [await open(), await open()]
    for (const stream of [first, second]) {
      await stream.send('a')
      await stream.send('b')
    }
    await open({ lastEventId: 'a' })
    expect(await farthest(first.id)).toEqual({ 1: 'written', 2: 'queued' })
    expect(await farthest(second.id)).toEqual({ 1: 'written', 2: 'queued' })
  })

  test('of another run proves nothing', async () => {
    const first = await open()
    await first.send('a')
    await first.send('b')
    await open({ runId: 'run_2', lastEventId: 'a' })
    expect(await farthest(first.id)).toEqual({ 1: 'written', 2: 'queued' })
  })

  test('proves only the first of two messages that bear the same id', async () => {
    const first = await open()
    for (const id of ['a', null, null]) await first.send(id)
    await open({ lastEventId: 'a' })
    expect(await farthest(first.id)).toEqual({ 1: 'received', 2: 'written', 3: 'queued' })
  })
})

describe('posted acks', () => {
  test('say what was received and what was shown', async () => {
    const { id, send } = await open({ acks: true })
    for (let count = 0; count < 3; count++) await send(null)
    expect(streams.acknowledge(ack(2, { rendered: 1 }))).toBe(true)
    expect(await farthest(id)).toEqual({ 1: 'handled', 2: 'received', 3: 'queued' })
  })

  // oxfmt-ignore
  test.each([
    ['of a client that promised none', {},                              (): [string, string?] => [ack(1)]],
    ['of another epoch',               { acks: true },                  (): [string, string?] => [ack(1, { epoch: 'old' })]],
    ['of another run',                 { acks: true },                  (): [string, string?] => [ack(1, { run_id: 'run_2' })]],
    ['of what was never sent',         { acks: true },                  (): [string, string?] => [ack(9)]],
    ['of another user',                { acks: true, userId: 'ada' },   (): [string, string?] => [ack(1), 'mallory']],
  ])('%s confirm nothing', async (_what, description, posted) => {
    const { id, send } = await open(description)
    await send(null)
    await send(null)
    expect(streams.acknowledge(...posted())).toBe(true)
    expect(await farthest(id)).toEqual({ 1: 'written', 2: 'queued' })
  })

  test('of the user whose stream it is count', async () => {
    const { id, send } = await open({ acks: true, userId: 'ada' })
    await send(null)
    streams.acknowledge(ack(1), 'ada')
    expect(await farthest(id)).toEqual({ 1: 'received' })
  })

  test.each(['', 'null', '[1]', '{"type":"cancel","run_id":"r"}', '[{"type":"ack"}]'])('%j is refused', (posted) => {
    expect(streams.acknowledge(posted)).toBe(false)
  })
})

test('what is remembered has a limit: the runs longest silent are forgotten', () => {
  const memory = rememberStreams(systemClock)
  const delivery = { reach() {}, route() {}, drop() {}, fail() {} }
  const stream = { promisesAcks: false, userId: null }
  for (let run = 0; run < 2_000; run++)
    for (let seq = 1; seq <= 60; seq++) {
      const message = { runId: `run_${run}`, seq, eventId: `e${seq}` }
      memory.emitted(message)
      memory.sent(stream, message, delivery)
    }
  expect(memory.seqOf('run_0', 'e60')).toBeNull()
  expect(memory.seqOf('run_1999', 'e60')).toBe(60)
})
