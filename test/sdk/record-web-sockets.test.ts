/** Messages sent through a server of `ws` that was wrapped with one call: what is told of each, and what is not sent. */
import { once } from 'node:events'
import { trace } from '@opentelemetry/api'
import { TracerProvider } from '@opentelemetry/sdk-trace'
import { describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { eventually } from '../kit/eventually.ts'
import { hearReporter } from './heard.ts'
import { frame, json, wrapServer } from './wrapped-server.ts'

const heard = hearReporter()
const wrapped = wrapServer(heard)
const { told, reaches, deliveries, closeOf } = heard
const { listen, openPair } = wrapped

describe('a message that the server sends', () => {
  test('is told of with its event, its tool call and the span that sent it, as far as its pong', async () => {
    await listen()
    const { own, texts, id } = await openPair()
    const span = new TracerProvider().getTracer('test').startSpan('execute_tool search')
    const text = json(1, { type: 'tool_executing', payload: { tool_call_id: 'call_1' } })
    // No context manager is registered here; a runtime has one.
    const getActiveSpan = trace.getActiveSpan
    trace.getActiveSpan = () => span
    own.send(text)
    trace.getActiveSpan = getActiveSpan
    const { states, attributes, spanId } = await reaches(id, 1, 'transported')
    expect(states).toEqual(['emitted', 'queued', 'written', 'transported'])
    expect(attributes).toMatchObject({
      'laststep.run.id': 'run_1',
      'laststep.delivery.event': 'tool_executing',
      'laststep.delivery.tool_call_id': 'call_1',
      'laststep.delivery.bytes': text.length,
    })
    expect(spanId).toBe(span.spanContext().spanId)
    expect(texts).toEqual([text])
  })

  // oxfmt-ignore
  test.each([
    ['text',                      'hello'],
    ['JSON that is no object',    '["run_id"]'],
    ['broken JSON',               '{"run_id": "run_1", '],
    ['a frame of no run',         '{"type":"pong"}'],
    ['a run\'s answer numbered 0','{"type":"resumed","run_id":"run_1","seq":0}'],
    ['bytes',                     Buffer.from('{"run_id":"run_1","type":"x","seq":1}')],
  ] as const)('and is %s passes untouched and unrecorded', async (_, data) => {
    await listen()
    const { own, texts, id } = await openPair('?acks=1')
    own.send(data)
    own.send(json(7))
    await reaches(id, 7, 'written')
    await eventually(() => texts.length === 2)
    expect(texts[0]).toBe(String(data))
    expect(deliveries(id).every((attributes) => attributes['laststep.delivery.seq'] === 7)).toBe(true)
  })

  test('keeps its callback, whatever way it is passed', async () => {
    await listen()
    const { own, client } = await openPair()
    const results: unknown[] = []
    own.send(json(1), (error) => results.push(error ?? 'written'))
    own.send(json(2), { binary: false }, (error) => results.push(error ?? 'written'))
    await eventually(() => results.length === 2)
    client.terminate()
    await once(own, 'close')
    own.send(json(3), (error) => results.push(error))
    await eventually(() => results.length === 3)
    expect(results).toEqual([
      'written',
      'written',
      expect.objectContaining({ message: expect.stringMatching(/not open/) }),
    ])
  })

  test('again is another attempt, with what follows it', async () => {
    await listen()
    const { own, id } = await openPair()
    for (const seq of [1, 2, 1, 2, 3]) own.send(json(seq))
    await reaches(id, 3, 'transported', 2)
    for (const [seq, attempt] of [
      [1, 1],
      [2, 1],
      [1, 2],
      [2, 2],
    ] as const)
      expect(told(id, seq, attempt).states).toContain('transported')
  })

  test('without a number of its own is counted, and one message to two connections is one message', async () => {
    await listen()
    const [a, b] = [await openPair(), await openPair()]
    const say = (text: string) => JSON.stringify({ type: 'agent_thinking', run_id: 'run_2', text })
    for (const text of ['same', 'same', 'other']) for (const { own } of [a, b]) own.send(say(text))
    for (const { id } of [a, b]) {
      await reaches(id, 3, 'transported')
      expect([1, 2, 3, 4].map((seq) => told(id, seq).states.length > 0)).toEqual([true, true, true, false])
    }
  })

  test('belongs to the run that the server says it does', async () => {
    await listen({
      messageOf: ({ frame }) => {
        const { kind, of } = frame as { kind?: string; of?: string }
        return kind && of ? { runId: of, event: kind } : null
      },
    })
    const { own, id } = await openPair()
    own.send('{"kind":"RUN_FINISHED","of":"thread-1/run-1"}')
    const { attributes } = await reaches(id, 1, 'transported')
    expect(attributes).toMatchObject({ 'laststep.run.id': 'thread-1/run-1', 'laststep.delivery.event': 'RUN_FINISHED' })
  })

  test('is sent also when that function fails', async () => {
    const warnings: Error[] = []
    process.on('warning', (warning) => warnings.push(warning))
    await listen({
      messageOf: () => {
        throw new Error('no idea')
      },
    })
    const { own, texts } = await openPair()
    own.send(json(1))
    await eventually(() => texts.length === 1 && warnings.some(({ message }) => message === 'no idea'))
  })

  // A client of `ws` ends a connection on which more than 60 pings wait.
  test('in a burst of hundreds has fences that the client can bear', async () => {
    await listen()
    const { own, client, texts, id } = await openPair()
    client.pause()
    for (let seq = 1; seq <= 500; seq++) own.send(json(seq, { type: 'agent_thinking' }))
    await reaches(id, 500, 'written')
    client.resume()
    await reaches(id, 500, 'transported')
    expect(texts).toHaveLength(500)
    expect(client.readyState).toBe(WebSocket.OPEN)
    for (let seq = 1; seq < 500; seq++) expect(told(id, seq).states).toContain('transported')
  })

  test('of a run with a very long id has a fence that fits a ping', async () => {
    await listen()
    const { own, id } = await openPair()
    own.send(json(1, { run_id: 'run_'.repeat(200), type: 'agent_completed' }))
    await reaches(id, 1, 'transported')
  })
})

describe('what is not sent', () => {
  test('a message that is too big: dropped, its sender is told, and the connection stays', async () => {
    await listen({ bytesMax: 1_000 })
    const { own, texts, id } = await openPair()
    const result = new Promise((resolve) => own.send(json(1, { payload: 'x'.repeat(1_000) }), resolve))
    expect(await result).toMatchObject({ message: expect.stringMatching(/not sent.*bytesMax/) })
    own.send(json(2))
    await reaches(id, 2, 'transported')
    expect(told(id, 1)).toMatchObject({
      states: ['emitted', 'dropped'],
      attributes: { 'laststep.delivery.reason': 'too-big' },
    })
    expect(texts).toEqual([json(2)])
  })

  test('a message to a client that is too far behind: dropped, and the client is disconnected', async () => {
    await listen({ backlogBytesMax: 2 ** 20 })
    const { own, client, id } = await openPair()
    client.pause()
    let last = 0
    for (; last < 100 && own.readyState === WebSocket.OPEN; last++)
      own.send(json(last + 1, { payload: 'x'.repeat(2 ** 20) }))
    const { attributes } = await reaches(id, last, 'dropped')
    expect(attributes['laststep.delivery.reason']).toBe('backpressure')
    expect(await closeOf(id)).toMatchObject({ 'laststep.connection.close_by': 'server' })
    client.terminate()
  })

  test('a message to a connection that has closed', async () => {
    await listen()
    const { own, client, id } = await openPair()
    client.close()
    await once(own, 'close')
    own.send(json(1))
    expect((await reaches(id, 1, 'dropped')).attributes['laststep.delivery.reason']).toBe('closed')
  })
})

describe('send, for frames as objects', () => {
  const circle: Record<string, unknown> = {}
  circle['self'] = circle

  // oxfmt-ignore
  test.each([
    // payload                                  states                                       reason
    ['a BigInt',     { count: 10n },            ['emitted', 'routed', 'dropped'],            'serialize'],

    ['a circle',     circle,                    ['emitted', 'routed', 'dropped'],            'serialize'],
    ['a Map',        { found: new Map([[1, 2]]) }, ['emitted', 'routed', 'queued', 'written'], 'not in JSON: payload.found is a Map'],
    ['a Set',        [new Set([1])],            ['emitted', 'routed', 'queued', 'written'],  'not in JSON: payload.0 is a Set'],
    ['an Error',     { why: new TypeError('x') }, ['emitted', 'routed', 'queued', 'written'], 'not in JSON: payload.why is an Error'],
    ['NaN',          { score: NaN },            ['emitted', 'routed', 'queued', 'written'],  'not in JSON: payload.score is NaN'],
    ['a function',   { call: () => {} },        ['emitted', 'routed', 'queued', 'written'],  'not in JSON: payload.call is a function'],
    ['a Date',       { at: new Date(0) },       ['emitted', 'routed', 'queued', 'written'],  undefined],
    ['plain values', { a: [1, null, 'x'], b: undefined }, ['emitted', 'routed', 'queued', 'written'], undefined],
  ])('%s', async (_, payload, states, reason) => {
    await listen()
    const { own, id } = await openPair()
    wrapped.sockets.send([own], frame(1, { payload }))
    const { attributes, states: reached } = await reaches(id, 1, states.at(-1) ?? '')
    expect(reached.slice(0, states.length)).toEqual(states)
    expect(attributes['laststep.delivery.reason']).toBe(reason)
    expect(attributes['laststep.delivery.targets']).toBe(1)
  })

  test('for nobody is told as such', async () => {
    await listen()
    wrapped.sockets.send([], frame(1))
    const { attributes, states } = await reaches(null, 1, 'dropped')
    expect(states).toEqual(['emitted', 'routed', 'dropped'])
    expect(attributes).toMatchObject({ 'laststep.delivery.targets': 0, 'laststep.delivery.reason': 'no-target' })
  })

  test('the same object again is a message of its own', async () => {
    await listen()
    const { own, texts, id } = await openPair()
    const same = { type: 'agent_thinking', run_id: 'run_6' }
    for (let time = 0; time < 3; time++) wrapped.sockets.send([own], same)
    await reaches(id, 3, 'transported')
    expect(texts).toHaveLength(3)
  })

  test('for several is one message', async () => {
    await listen()
    const [a, b] = [await openPair(), await openPair('?acks=1')]
    wrapped.sockets.send([a.own, b.own], { type: 'agent_completed', run_id: 'run_3' })
    for (const { id } of [a, b])
      expect((await reaches(id, 1, 'transported')).attributes['laststep.delivery.targets']).toBe(2)
  })
})
