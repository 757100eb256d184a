import { afterEach, beforeEach, expect, test } from 'vitest'
import { RECORD } from '../../contract/attributes.ts'
import { createDeliveryRecorder, createReporter } from '../../sdk/index.ts'
import type { Delivery, DeliveryRecorder, Reporter } from '../../sdk/index.ts'
import type { OtlpReceiver } from '../kit/otlp-receiver.ts'
import { startOtlpReceiver } from '../kit/otlp-receiver.ts'

let receiver: OtlpReceiver
let reporter: Reporter
let deliveries: DeliveryRecorder

beforeEach(async () => {
  receiver = await startOtlpReceiver()
  // 0.0.0.0 leads back here, which the reporter cannot know: it compresses as for another machine.
  const endpoint = receiver.url.replace('127.0.0.1', '0.0.0.0')
  reporter = createReporter({ endpoint, serviceName: 'agents', pulseMs: 0, flushMs: 60_000 })
  deliveries = createDeliveryRecorder(reporter, { epoch: 'epoch-1' })
})

afterEach(async () => {
  await reporter.stop()
  await receiver.stop()
})

const TRACE = { traceId: '5b8efff798038103d269b633813fc60c', spanId: 'eee19b7ec3c1b174' }

function send(seq: number, event = 'agent_thinking'): Delivery {
  const message = { runId: 'run_01k0', seq, event, connectionId: 'conn_1', bytes: 312, ...TRACE }
  const delivery = deliveries.message(message)
  delivery.route(1)
  delivery.reach('queued')
  delivery.reach('written')
  return delivery
}

test('states reached between two flushes travel in one record, with their times', async () => {
  const delivery = deliveries.message({
    runId: 'run_1',
    seq: 3,
    event: 'tool_executing',
    connectionId: 'conn_1',
    toolCallId: 'call_1',
    bytes: 99,
    at: 1_795_378_838_637.5,
    ...TRACE,
  })
  delivery.route(2)
  delivery.reach('queued', 1_795_378_838_640)
  await reporter.flush()
  expect(receiver.records()).toHaveLength(1)
  expect(receiver.records()[0]).toMatchObject({
    event: RECORD.delivery,
    ...TRACE,
    attributes: {
      'laststep.run.id': 'run_1',
      'laststep.delivery.seq': 3,
      'laststep.delivery.epoch': 'epoch-1',
      'laststep.delivery.event': 'tool_executing',
      'laststep.connection.id': 'conn_1',
      'laststep.delivery.attempt': 1,
      'laststep.delivery.states': ['emitted', 'routed', 'queued'],
      'laststep.delivery.at': ['1795378838637500000', expect.stringMatching(/^\d{19}$/), '1795378838640000000'],
      'laststep.delivery.targets': 2,
      'laststep.delivery.bytes': 99,
      'laststep.delivery.tool_call_id': 'call_1',
    },
  })
})

test('a later state comes in a record of its own, without repeating what is known', async () => {
  const delivery = send(1)
  await reporter.flush()
  delivery.reach('received')
  await reporter.flush()
  await reporter.flush()
  const [, second, third] = receiver.records()
  expect(third).toBeUndefined()
  expect(second?.attributes).toMatchObject({
    'laststep.delivery.seq': 1,
    'laststep.delivery.states': ['received'],
  })
  expect(second?.attributes).not.toHaveProperty('laststep.delivery.bytes')
})

test('messages of one run over one connection travel in one record, others in records of their own', async () => {
  for (let seq = 1; seq <= 70; seq++) send(seq)
  const other = { seq: 1, event: 'agent_started', ...TRACE }
  deliveries.message({ ...other, runId: 'run_2', connectionId: 'conn_1' })
  deliveries.message({ ...other, runId: 'run_01k0', connectionId: 'conn_2' })
  deliveries.message({ ...other, runId: 'run_01k0', connectionId: 'conn_1', seq: 71, spanId: '00f067aa0ba902b7' })
  deliveries.message({ ...other, runId: 'run_01k0', connectionId: null, seq: 72 })
  await reporter.flush()
  // The first has as many as a record may; the 70 messages and the four need six.
  expect(reporter.stats()).toMatchObject({ sent: 6, dropped: 0 })
  const records = receiver.records(RECORD.delivery)
  expect(records).toHaveLength(74)
  const places = records.map(({ spanId, attributes }) => [
    spanId,
    attributes['laststep.run.id'],
    attributes['laststep.connection.id'],
    attributes['laststep.delivery.seq'],
  ])
  const [seventy, rest] = [places.slice(0, 70), places.slice(70)]
  expect(seventy).toEqual(Array.from({ length: 70 }, (_, i) => [TRACE.spanId, 'run_01k0', 'conn_1', i + 1]))
  expect(rest).toEqual([
    [TRACE.spanId, 'run_2', 'conn_1', 1],
    [TRACE.spanId, 'run_01k0', 'conn_2', 1],
    ['00f067aa0ba902b7', 'run_01k0', 'conn_1', 71],
    [TRACE.spanId, 'run_01k0', undefined, 72],
  ])
})

test('dead ends say why', async () => {
  deliveries
    .message({ runId: 'run_1', seq: 1, event: 'agent_started', connectionId: null, targets: 0 })
    .drop('no-target')
  send(2).fail(new Error('socket is closed'))
  await reporter.flush()
  const [unrouted, failed] = receiver.records().map((record) => record.attributes)
  expect(unrouted).toMatchObject({
    'laststep.delivery.states': ['emitted', 'dropped'],
    'laststep.delivery.reason': 'no-target',
    'laststep.delivery.targets': 0,
  })
  expect(unrouted).not.toHaveProperty('laststep.connection.id')
  expect(failed).toMatchObject({ 'laststep.delivery.reason': 'socket is closed' })
})

test('a message costs less than 1 KB on the wire, confirmation included', async () => {
  // A run's messages, and one flush later their acks, as from a client at some distance.
  const sent = Array.from({ length: 20 }, (_, index) => send(index + 1))
  await reporter.flush()
  for (const delivery of sent) {
    delivery.reach('transported')
    delivery.reach('received')
    delivery.reach('handled')
  }
  await reporter.flush()
  expect(receiver.records(RECORD.delivery)).toHaveLength(40)
  const sum = (list: readonly number[]) => list.reduce((total, each) => total + each, 0)
  expect(sum(receiver.requests.map(({ wireBytes }) => wireBytes)) / sent.length).toBeLessThan(100)
  // As it goes to a collector on the same machine.
  expect(sum(receiver.requests.map(({ body }) => body.length)) / sent.length).toBeLessThan(350)
})

test('even a message alone in its request costs less than 1 KB', async () => {
  const delivery = send(1, 'agent_completed')
  delivery.reach('transported')
  delivery.reach('received')
  delivery.reach('handled')
  await reporter.flush()
  expect(receiver.records(RECORD.delivery)).toHaveLength(1)
  expect(receiver.requests[0]?.wireBytes).toBeLessThan(1_024)
})
