/** What delivery records say does not depend on how many messages share one, nor on how much one tells at a time. */
import { expect, test } from 'vitest'
import { readEntry } from '../../../collector/accept/read-entry.ts'
import type { Signal } from '../../../collector/signal.ts'
import { ATTR, RECORD } from '../../../contract/attributes.ts'
import { DELIVERY_STATES, type DeliveryState } from '../../../contract/deliveries.ts'
import { instantToNanos } from '../../../contract/units.ts'
import { createDeliveryRecorder, createReporter, type Delivery, type Reporter } from '../../../sdk/index.ts'
import { encodeLogRecord, encodeLogs, encodeResource, type LogRecord } from '../../../sdk/otlp-json.ts'
import { manualClock, START } from '../../kit/manual-clock.ts'
import * as fc from '../../kit/properties.ts'
import { factsOf } from '../assemble/facts-of.ts'

const RESOURCE = encodeResource({ [ATTR.serviceName]: 'agents', [ATTR.serviceInstanceId]: 'p1' })
const TRACE = { traceId: '5b8efff798038103d269b633813fc60c' }

function read(records: readonly LogRecord[]): readonly Signal[] {
  const body = Buffer.from(encodeLogs(RESOURCE, records.map(encodeLogRecord)))
  const { signals, refused } = readEntry({ kind: 'logs', encoding: 'json', body })
  expect(refused).toBe(0)
  return signals
}

interface Message {
  readonly runId: string
  readonly connectionId: string | null
  readonly spanId: string
  readonly event: string
  readonly attempt: number
  readonly targets: number
  readonly bytes: number
  readonly toolCallId: string
}

/** One message reached one state; what was gathered until then leaves, or does not. */
interface Step {
  readonly message: number
  readonly state: DeliveryState
  readonly isFlushed: boolean
}

const message: fc.Arbitrary<Message> = fc.record({
  runId: fc.constantFrom('run_1', 'run_2'),
  connectionId: fc.constantFrom('conn_1', 'conn_2', null),
  spanId: fc.constantFrom('eee19b7ec3c1b174', '00f067aa0ba902b7'),
  event: fc.constantFrom('agent_started', 'agent_thinking', 'agent_completed', 'a "quoted"\n name'),
  attempt: fc.integer({ min: 1, max: 3 }),
  targets: fc.nat(2),
  bytes: fc.nat(5_000),
  toolCallId: fc.string({ minLength: 1 }),
})
const step = (messages: number): fc.Arbitrary<Step> =>
  fc.record({
    message: fc.nat(messages - 1),
    state: fc.constantFrom(...DELIVERY_STATES.slice(1)),
    isFlushed: fc.boolean(),
  })
const play = fc
  .array(message, { minLength: 1, maxLength: 8 })
  .chain((messages) =>
    fc.record({ messages: fc.constant(messages), steps: fc.array(step(messages.length), { maxLength: 40 }) }),
  )

/** Each step is a moment that both forms can say to the last digit. */
const momentOf = (index: number) => START + index * 0.125

/** As the SDK tells them. */
function together({ messages, steps }: { messages: readonly Message[]; steps: readonly Step[] }): LogRecord[] {
  const records: LogRecord[] = []
  let flush = () => {}
  const quiet = createReporter({ endpoint: 'http://127.0.0.1:9', serviceName: 'x', clock: manualClock(), pulseMs: 0 })
  const reporter: Reporter = {
    ...quiet,
    report: (record) => void records.push(record),
    addSource: (source) => (flush = () => void source.collect(START)),
  }
  const recorder = createDeliveryRecorder(reporter, { epoch: 'e1' })
  const deliveries: Delivery[] = messages.map((each, index) =>
    recorder.message({ ...each, ...TRACE, seq: index + 1, at: momentOf(0) }),
  )
  for (const [index, { message, state, isFlushed }] of steps.entries()) {
    deliveries[message]?.reach(state, momentOf(index + 1))
    if (isFlushed) flush()
  }
  flush()
  return records
}

/** As the SDK told them before: each by itself, in attributes. */
function alone({ messages, steps }: { messages: readonly Message[]; steps: readonly Step[] }): LogRecord[] {
  const all = [...messages.map((_, message) => ({ message, state: 'emitted' as const })), ...steps]
  return all.flatMap(({ message, state }, index) => {
    const each = messages[message]
    if (each === undefined) return []
    const at = momentOf(Math.max(0, index + 1 - messages.length))
    return {
      event: RECORD.delivery,
      at,
      ...TRACE,
      spanId: each.spanId,
      attributes: {
        [ATTR.runId]: each.runId,
        [ATTR.deliverySeq]: message + 1,
        [ATTR.deliveryEpoch]: 'e1',
        [ATTR.deliveryEvent]: each.event,
        [ATTR.connectionId]: each.connectionId,
        [ATTR.deliveryAttempt]: each.attempt,
        [ATTR.deliveryStates]: [state],
        [ATTR.deliveryAt]: [instantToNanos(at)],
        [ATTR.deliveryTargets]: each.targets,
        [ATTR.deliveryBytes]: each.bytes,
        [ATTR.deliveryToolCallId]: each.toolCallId,
      },
    }
  })
}

test('messages that share records are known exactly as messages that do not', () => {
  fc.assert(
    fc.property(play, (it) => {
      const [shared, single] = [read(together(it)), read(alone(it))]
      expect(factsOf(shared)).toEqual(factsOf(single))
      expect(statesIn(shared)).toEqual(statesIn(single))
    }),
    { numRuns: 500 },
  )
})

/** Each state of each message with its earliest moment, which the run's page shows. */
function statesIn(signals: readonly Signal[]): Readonly<Record<string, number>> {
  const moments: Record<string, number> = {}
  for (const signal of signals) {
    if (signal.kind !== 'delivery') throw new Error(`expected deliveries, not a ${signal.kind}`)
    for (const { state, at } of signal.states) {
      const key = `${signal.runId} ${signal.seq} ${signal.connectionId} ${signal.attempt} ${state}`
      moments[key] = Math.min(moments[key] ?? at, at)
    }
  }
  return moments
}
