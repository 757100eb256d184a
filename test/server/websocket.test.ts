/** Runs as their users see them over real sockets, and what the runtime, a real process, tells the collector of them. */
import { describe, expect, test } from 'vitest'
import { sleep, systemClock } from '../../contract/clock.ts'
import { CRITICAL_EVENTS } from '../../contract/events.ts'
import type { ServerFrame } from '../../contract/frames.ts'
import { parseTraceparent } from '../../contract/ids.ts'
import { fetchToken, type UserClient } from '../../tools/user-client.ts'
import { eventually } from '../kit/eventually.ts'
import { startRuntime } from './started-runtime.ts'

const runtime = startRuntime(['--service-name', 'runtime-under-test'])
const { connect } = runtime

const framesOf = (client: UserClient, runId: string) => client.frames.filter((frame) => frame.run_id === runId)
const typesOf = (frames: readonly ServerFrame[]) => frames.map(({ type }) => type)

describe.concurrent('a healthy run', () => {
  test('shows all five critical events in order, numbered without a gap, and an answer', async () => {
    const ada = await connect('ada')
    const runId = await ada.ask('What is (2 + 3) * 4?')
    const end = await ada.waitForEnd(runId)
    expect(end.payload).toEqual({ result: { text: '(2 + 3) * 4 = 20.', steps: 2 } })
    const frames = framesOf(ada, runId)
    expect(frames.map(({ seq }) => seq)).toEqual(frames.map((_, index) => index + 1))
    const firsts = [...new Set(typesOf(frames))]
    expect(firsts).toEqual([
      'run_accepted',
      'agent_started',
      'agent_thinking',
      'tool_executing',
      'tool_completed',
      'agent_finalizing',
      'agent_completed',
    ])
    expect(CRITICAL_EVENTS.every((event) => firsts.includes(event))).toBe(true)
    const calls = frames.filter(({ type }) => type.startsWith('tool_')).map(({ payload }) => payload['tool_call_id'])
    expect(new Set(calls).size).toBe(1)
  })

  test('has a phase span for every step in one trace, named by the frames it sent', async () => {
    const grace = await connect('grace')
    const runId = await grace.ask('Where are the opening hours?', { agent: 'research', threadId: 'thread_of_grace' })
    await grace.waitForEnd(runId)
    const frames = framesOf(grace, runId)
    const emitters = frames.map(({ traceparent }) => parseTraceparent(traceparent ?? ''))
    expect(new Set(emitters.map((emitter) => emitter?.traceId)).size).toBe(1)

    const spans = await eventually(() => {
      const own = runtime.receiver.spans().filter(({ traceId }) => traceId === emitters[0]?.traceId)
      return own.some(({ name }) => name === 'invoke_agent research') ? own : null
    })
    expect(spans.map(({ name }) => name)).toEqual([
      'accepted',
      'started create_execution_orchestrator',
      'chat scripted-1',
      'execute_tool file_search',
      'chat scripted-1',
      'finalise',
      'terminal',
      'invoke_agent research',
    ])
    const run = spans.at(-1)
    expect(spans.slice(0, -1).every(({ parentSpanId }) => parentSpanId === run?.spanId)).toBe(true)
    expect(run?.attributes).toMatchObject({
      'laststep.run.id': runId,
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.agent.name': 'research',
      'user.id': 'grace',
      'session.id': 'thread_of_grace',
    })
    const emitterOf = (type: string) => {
      const index = frames.findIndex((frame) => frame.type === type)
      return spans.find(({ spanId }) => spanId === emitters[index]?.spanId)?.name
    }
    expect(emitterOf('agent_thinking')).toBe('chat scripted-1')
    expect(emitterOf('tool_executing')).toBe('execute_tool file_search')
    expect(emitterOf('agent_completed')).toBe('terminal')
  })

  test('a long tool tells its progress, on the wire and on its span', async () => {
    const alan = await connect('alan')
    const runId = await alan.ask('Write the weekly report', { agent: 'analyst' })
    await alan.waitForEnd(runId)
    expect(framesOf(alan, runId).filter(({ type }) => type === 'progress_update')).toHaveLength(5)
    const span = await eventually(() =>
      runtime.receiver.spans().find(({ name }) => name === 'execute_tool slow_report'),
    )
    expect(span.attributes['laststep.progress']).toBe(5)
  })
})

describe.concurrent('deliveries', () => {
  test('of a client that acknowledges are received and handled, to the last message', async () => {
    const user = await connect('radia')
    const runId = await user.ask('Hello')
    const end = await user.waitForEnd(runId)
    const states = await eventually(() => {
      const reached = statesOf(runId)
      return reached.get(end.seq)?.includes('handled') ? reached : null
    })
    expect(states.size).toBe(end.seq)
    for (const reached of states.values()) {
      expect(reached.slice(0, 4)).toEqual(['emitted', 'routed', 'queued', 'written'])
      expect(reached).toContain('received')
      expect(new Set(reached).size).toBe(reached.length)
    }
  })

  test('of a client without acks are confirmed by the ping fence, and no further', async () => {
    const user = await connect('silent-bob', { acks: false })
    const runId = await user.ask('Hello')
    const end = await user.waitForEnd(runId)
    const states = await eventually(() =>
      statesOf(runId).get(end.seq)?.includes('transported') ? statesOf(runId) : null,
    )
    expect([...states.values()].every((reached) => reached.at(-1) === 'transported')).toBe(true)
  })

  test('to a client that stops reading are written and not confirmed', async () => {
    const deaf = await connect('deaf')
    const runId = await deaf.ask('What is 1 + 1?')
    deaf.stopReading()
    const ended = await eventually(() =>
      runtime.receiver
        .records('laststep.run')
        .find(({ attributes }) => attributes['laststep.run.id'] === runId && attributes['laststep.run.outcome']),
    )
    expect(ended.attributes['laststep.run.outcome']).toBe('succeeded')
    await sleep(systemClock, 500)
    const last = Math.max(...statesOf(runId).keys())
    expect(statesOf(runId).get(last)).toEqual(['emitted', 'routed', 'queued', 'written'])
    // Reading again proves that nothing was lost on the way: only the client was deaf.
    deaf.readAgain()
    await eventually(() => statesOf(runId).get(last)?.includes('handled'))
  })

  test('without a connection say so', async () => {
    const user = await connect('gone')
    const runId = await user.ask('Write the weekly report', { agent: 'analyst' })
    user.drop()
    const lost = await eventually(() =>
      runtime.receiver
        .records('laststep.delivery')
        .find(
          ({ attributes }) =>
            attributes['laststep.run.id'] === runId && attributes['laststep.delivery.reason'] === 'no-target',
        ),
    )
    expect(lost.attributes['laststep.delivery.targets']).toBe(0)
    expect(lost.attributes).not.toHaveProperty('laststep.connection.id')
  })

  function statesOf(runId: string): Map<number, string[]> {
    const bySeq = new Map<number, string[]>()
    for (const { attributes } of runtime.receiver.records('laststep.delivery')) {
      if (attributes['laststep.run.id'] !== runId) continue
      const seq = Number(attributes['laststep.delivery.seq'])
      bySeq.set(seq, [...(bySeq.get(seq) ?? []), ...(attributes['laststep.delivery.states'] as string[])])
    }
    return bySeq
  }
})

describe.concurrent('resume', () => {
  test('tells the frames missed, then goes on, without a gap', async () => {
    const before = await connect('commuter')
    const runId = await before.ask('Write the weekly report', { agent: 'analyst' })
    const seen = await before.waitFor(({ type }) => type === 'tool_executing')
    before.drop()
    await sleep(systemClock, 900)

    const after = await connect('commuter')
    after.send({ type: 'resume', run_id: runId, epoch: seen.epoch, last_seq: seen.seq })
    const resumed = await after.waitFor(({ type }) => type === 'resumed')
    expect(resumed.payload).toMatchObject({ recovered: true, from: seen.seq + 1 })
    const end = await after.waitForEnd(runId)
    const missed = framesOf(after, runId).filter(({ seq }) => seq > 0)
    expect(missed.map(({ seq }) => seq)).toEqual(missed.map((_, index) => seen.seq + 1 + index))
    expect(end.type).toBe('agent_completed')
  })

  test.each([
    ['another epoch', (epoch: string) => `${epoch}-earlier`, 0, 'other-epoch'],
    ['frames never sent', (epoch: string) => epoch, 10_000, 'evicted'],
  ])('with %s recovers nothing and says so', async (_, epochOf, last_seq, reason) => {
    const user = await connect('late')
    const runId = await user.ask('Hello')
    const end = await user.waitForEnd(runId)
    user.send({ type: 'resume', run_id: runId, epoch: epochOf(end.epoch), last_seq })
    const { payload } = await user.waitFor(({ type }) => type === 'resumed')
    expect(payload).toEqual({ recovered: false, reason, from: null, to: null })
    // What is left to a client then: ask what became of the run.
    const headers = { authorization: `Bearer ${await fetchToken(runtime.program.http, 'late')}` }
    const run: unknown = await (await fetch(`${runtime.program.http}/runs/${runId}`, { headers })).json()
    expect(run).toMatchObject({ ended: true, last_seq: end.seq, terminal: { type: 'agent_completed' } })
  })
})

test('a cancelled run ends with agent_cancelled', async () => {
  const user = await connect('impatient')
  const runId = await user.ask('Write the weekly report', { agent: 'analyst' })
  await user.waitFor(({ type }) => type === 'tool_executing')
  user.send({ type: 'cancel', run_id: runId })
  const end = await user.waitForEnd(runId)
  expect([end.type, end.payload]).toEqual(['agent_cancelled', { reason: 'cancelled by the user' }])
  // The tool notices a little later, and nobody hears of it: nothing follows a terminal event.
  await sleep(systemClock, 1_200)
  expect(framesOf(user, runId).at(-1)).toBe(end)
})
