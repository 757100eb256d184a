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
  // A run's messages, and one flush later their acks: two records each, as from a client at some distance.
  const sent = Array.from({ length: 20 }, (_, index) => send(index + 1))
  await reporter.flush()
  for (const delivery of sent) {
    delivery.reach('transported')
    delivery.reach('received')
    delivery.reach('handled')
  }
  await reporter.flush()
  expect(receiver.records(RECORD.delivery)).toHaveLength(40)
  const wireBytes = receiver.requests.reduce((sum, request) => sum + request.wireBytes, 0)
  expect(wireBytes / sent.length).toBeLessThan(250)
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
