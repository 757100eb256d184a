import { expect, test } from 'vitest'
import type { EventType } from '../../contract/events.ts'
import type { DeliveryRecorder, MessageToDeliver } from '@laststep/sdk'
import type { Connection, Message } from '../../server/connect/connection.ts'
import { createHub } from '../../server/connect/hub.ts'

/** A recorder and a connection that remember. */
function setUp() {
  const records: { readonly message: MessageToDeliver; readonly states: string[] }[] = []
  const recorder: DeliveryRecorder = {
    message(message) {
      const states: string[] = []
      records.push({ message, states })
      return {
        reach: (state) => void states.push(state),
        route: (targets) => void states.push(`routed to ${targets}`),
        drop: (reason) => void states.push(`dropped: ${reason}`),
        fail: () => void states.push('failed'),
      }
    },
  }
  const hub = createHub('epoch', recorder)
  const connect = (id: string, userId: string) => {
    const sent: Message[] = []
    const connection: Connection = {
      id,
      userId,
      say: () => {},
      send: (message) => void sent.push(message),
      acknowledge: () => {},
      close: () => {},
      drop: () => {},
      gone: Promise.resolve(),
    }
    hub.join(connection)
    return { connection, sent }
  }
  const publish = (
    runId: string,
    seq: number,
    payload: Record<string, unknown> = {},
    type: EventType = 'agent_thinking',
  ) =>
    hub.publish({ type, run_id: runId, thread_id: 't', seq, epoch: 'epoch', ts: '', traceparent: null, payload }, null)
  return { hub, records, connect, publish }
}

test('a payload without JSON is dropped with its reason, and the run goes on', () => {
  const { hub, records, connect, publish } = setUp()
  const { sent } = connect('conn_1', 'ada')
  hub.openRun('run_1', 'ada')
  publish('run_1', 1, { count: 10n })
  publish('run_1', 2, { page: 'x'.repeat(300_000) })
  publish('run_1', 3)
  expect(records.map(({ states }) => states)).toEqual([
    ['routed to 1', 'dropped: serialize'],
    ['routed to 1', 'dropped: too-big'],
    ['routed to 1'],
  ])
  expect(sent.map(({ seq }) => seq)).toEqual([3])
})

test('a connection opened after the run began hears nothing of it until it resumes', () => {
  const { hub, records, connect, publish } = setUp()
  hub.openRun('run_1', 'ada')
  publish('run_1', 1)
  expect(records[0]?.states).toEqual(['routed to 0', 'dropped: no-target'])
  const { connection, sent } = connect('conn_2', 'ada')
  publish('run_1', 2)
  expect(sent).toEqual([])
  const resumption = hub.resume(connection, { type: 'resume', run_id: 'run_1', epoch: 'epoch', last_seq: 0 })
  expect(resumption).toMatchObject({ recovered: true, from: 1, to: 2 })
  if (resumption.recovered) resumption.replay()
  publish('run_1', 3)
  expect(sent.map(({ seq }) => seq)).toEqual([1, 2, 3])
  expect(records.map(({ message }) => message.attempt)).toEqual([1, 1, 2, 2, 1])
})

test('the runs remembered are bounded: one that has ended leaves before one that has not', () => {
  const { hub, publish } = setUp()
  hub.openRun('run_open', 'ada')
  hub.openRun('run_ended', 'ada')
  publish('run_ended', 1, {}, 'agent_completed')
  for (let count = 0; count < 1_999; count++) hub.openRun(`run_${count}`, 'ada')
  expect(hub.describeRun('ada', 'run_ended')).toBeNull()
  expect(hub.describeRun('ada', 'run_open')).toMatchObject({ ended: false })
})
