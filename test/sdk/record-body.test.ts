/** The body of a web `Response`, recorded while somebody reads it: as a server that serves such responses does. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { recordHttpStreams, type HttpStreams } from '../../sdk/index.ts'
import { eventually } from '../kit/eventually.ts'
import { hearReporter } from './heard.ts'

const heard = hearReporter()
let streams: HttpStreams
let known: ReadonlySet<string>

beforeEach(() => {
  streams = recordHttpStreams(heard.reporter)
  known = new Set(heard.connectionIds())
})
afterEach(() => heard.reporter.flush())

const sse = (type: string) => Buffer.from(`data: ${JSON.stringify({ type, run_id: 'run_1' })}\n\n`)
const idOf = () => eventually(() => heard.connectionIds().find((each) => !known.has(each)))

/** A body of these pieces that counts how often it was asked for one. */
function bodyOf(pieces: readonly Uint8Array[]) {
  const rest = [...pieces]
  const seen = { asked: 0, cancelled: undefined as unknown }
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        seen.asked++
        const next = rest.shift()
        if (next === undefined) controller.close()
        else controller.enqueue(next)
      },
      cancel(reason) {
        seen.cancelled = reason
      },
    },
    { highWaterMark: 0 },
  )
  return { body, seen }
}

test('a response keeps its status, headers and bytes, and every message of it is written when the next is asked for', async () => {
  const { body } = bodyOf([sse('agent_started'), sse('agent_completed')])
  const response = streams.record(new Response(body, { status: 201, headers: { 'content-type': 'text/event-stream' } }))
  expect([response.status, response.headers.get('content-type')]).toEqual([201, 'text/event-stream'])
  const reader = response.body?.getReader()
  expect(Buffer.from((await reader?.read())?.value ?? [])).toEqual(sse('agent_started'))
  const id = await idOf()
  expect((await heard.reaches(id, 1, 'queued')).states).toEqual(['emitted', 'queued'])
  expect(Buffer.from((await reader?.read())?.value ?? [])).toEqual(sse('agent_completed'))
  await heard.reaches(id, 1, 'written')
  expect((await reader?.read())?.done).toBe(true)
  await heard.reaches(id, 2, 'written')
  expect(await heard.closeOf(id)).toMatchObject({
    'laststep.connection.stream': 'sse',
    'laststep.connection.close_by': 'server',
    'laststep.connection.close_reason': 'finished',
  })
})

test('nothing is read ahead of who reads it', async () => {
  const { body, seen } = bodyOf([sse('agent_started'), sse('agent_completed')])
  const recorded = streams.record(body)
  await idOf()
  expect(seen.asked).toBe(0)
  const reader = recorded.getReader()
  await reader.read()
  await heard.reaches(await idOf(), 1, 'queued')
  expect(seen.asked).toBe(1)
})

test('a client that leaves is told to the source, and what it had not taken is dropped', async () => {
  const { body, seen } = bodyOf([sse('agent_started'), sse('agent_thinking'), sse('agent_completed')])
  const reader = streams.record(body).getReader()
  await reader.read()
  await reader.read()
  await reader.cancel('gone')
  expect(seen.cancelled).toBe('gone')
  const id = await idOf()
  await heard.reaches(id, 1, 'written')
  expect((await heard.reaches(id, 2, 'dropped')).attributes['laststep.delivery.reason']).toBe('closed')
  expect(await heard.closeOf(id)).toMatchObject({
    'laststep.connection.close_by': 'client',
    'laststep.connection.close_reason': 'before the end of the stream',
  })
})

test('a source that fails fails for whoever reads it, and is told as the server’s doing', async () => {
  const failing = new ReadableStream<Uint8Array>({
    pull() {
      throw new Error('model gone')
    },
  })
  await expect(streams.record(failing).getReader().read()).rejects.toThrow('model gone')
  expect(await heard.closeOf(await idOf())).toMatchObject({
    'laststep.connection.close_by': 'server',
    'laststep.connection.close_reason': 'model gone',
  })
})

test('a response without a body is left alone', () => {
  const response = new Response(null, { status: 204 })
  expect(streams.record(response)).toBe(response)
})
