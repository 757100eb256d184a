/** Order, lateness and doubling of records must not change what is known of a run. */
import * as fc from '../../kit/properties.ts'
import { expect, test } from 'vitest'
import { ATTR } from '../../../contract/attributes.ts'
import type { DeliveryState } from '../../../contract/deliveries.ts'
import type { Known, Signal, SpanSignal } from '../../../collector/signal.ts'
import { START } from '../../kit/manual-clock.ts'
import { factsOf } from './facts-of.ts'
import { deliverySignal, runSignal, spanSignal } from './signals.ts'

/** Names and attributes by which spans play every role. */
const ROLES: readonly { readonly name: string; readonly known: Known }[] = [
  { name: 'execute_tool search', known: { [ATTR.toolName]: 'search' } },
  { name: 'chat gpt-5', known: { [ATTR.operation]: 'chat', [ATTR.model]: 'gpt-5' } },
  { name: 'GET /orders', known: {} },
  { name: 'finalise', known: { [ATTR.phase]: 'finalise' } },
  { name: 'invoke_agent helper', known: { [ATTR.agent]: 'helper' } },
  { name: 'approval', known: { [ATTR.waiting]: true, [ATTR.phase]: 'waiting' } },
]

/** One span's records: any number of partial ones, each with its own view, and perhaps a final one. */
const spanRecords = (index: number, traceId: string, runId: string | null) =>
  fc
    .record({
      parent: index === 0 ? fc.constant(null) : fc.nat({ max: index - 1 }),
      role: fc.nat({ max: ROLES.length - 1 }),
      partials: fc.array(fc.record({ progress: fc.nat(5), fails: fc.boolean(), line: fc.nat(90) }), { maxLength: 4 }),
      isFinished: fc.boolean(),
      isFailed: fc.boolean(),
    })
    .map(({ parent, role, partials, isFinished, isFailed }): SpanSignal[] => {
      const root = { name: 'invoke_agent research', known: runId === null ? {} : { [ATTR.runId]: runId } }
      const { name, known } = index === 0 ? root : (ROLES[role] ?? root)
      const exception = { type: 'KeyError', message: `'x'`, stacktrace: null }
      const common = {
        traceId,
        spanId: `${index + 1}`.padStart(16, '0'),
        parentSpanId: parent === null ? null : `${parent + 1}`.padStart(16, '0'),
        name,
        startedAt: START + index,
      }
      const open = partials.map(({ progress, fails, line }, seq) =>
        spanSignal({
          ...common,
          seq,
          known: { ...known, [ATTR.progress]: progress, ...(line > 45 ? { [ATTR.codeLine]: line } : {}) },
          exception: fails ? exception : null,
        }),
      )
      const final = spanSignal({
        ...common,
        known,
        endedAt: START + index + 100,
        status: isFailed ? 'error' : 'ok',
        exception: isFailed ? exception : null,
      })
      return isFinished || open.length === 0 ? [...open, final] : open
    })

const messages = (traceId: string, runId: string) =>
  fc
    .array(
      fc.record({
        event: fc.constantFrom('agent_started', 'agent_thinking', 'agent_completed', 'agent_error', 'heartbeat'),
        reach: fc.nat({ max: 4 }),
      }),
      { maxLength: 6 },
    )
    .map((list): Signal[] =>
      list.flatMap(({ event, reach }, index) => {
        const way: DeliveryState[] = ['emitted', 'routed', 'queued', 'written', 'received']
        return way
          .slice(0, reach + 1)
          .map((state) => deliverySignal({ runId, traceId, seq: index + 1, event, states: [{ state, at: START }] }))
      }),
    )

const records = (traceId: string, runId: string) =>
  fc
    .subarray(['accepted', 'queued', 'started', 'waiting', 'resumed', 'ended'] as const)
    .map((states): Signal[] => states.map((state) => runSignal({ runId, traceId, state, outcome: 'succeeded' })))

/** One trace: a tree of spans under one run, named by an id or not, with its messages and records. */
const trace = (number: number) => {
  const traceId = `${number}`.padStart(32, '0')
  const runId = `run_${number}`
  return fc.boolean().chain((isNamed) =>
    fc
      .integer({ min: 1, max: 7 })
      .chain((count) =>
        fc.tuple(
          ...Array.from({ length: count }, (_, index) => spanRecords(index, traceId, isNamed ? runId : null)),
          isNamed ? messages(traceId, runId) : fc.constant<Signal[]>([]),
          isNamed ? records(traceId, runId) : fc.constant<Signal[]>([]),
        ),
      )
      .map((lists) => lists.flat() as Signal[]),
  )
}

const traces = fc.tuple(trace(1), trace(2)).map((lists) => lists.flat())

/** The same records in another order, some of them more than once. */
const shuffled = traces.chain((signals) =>
  fc.record({
    signals: fc.constant(signals),
    order: fc.shuffledSubarray(signals, { minLength: signals.length, maxLength: signals.length }),
    again: fc.subarray(signals),
    afterwards: fc.boolean(),
  }),
)

test('any order and any doubling give the same facts', () => {
  fc.assert(
    fc.property(shuffled, ({ signals, order, again, afterwards }) => {
      const doubled = afterwards ? [...order, ...again] : [...again, ...order]
      expect(factsOf(doubled)).toEqual(factsOf(signals))
    }),
    { numRuns: 1_000 },
  )
})

test('a final record absorbs: no partial record after it changes anything', () => {
  fc.assert(
    fc.property(traces, (signals) => {
      const finals = signals.filter((signal) => signal.kind === 'span' && signal.endedAt !== null)
      const ids = new Set(finals.map((signal) => (signal.kind === 'span' ? signal.traceId + signal.spanId : '')))
      const late = signals.filter((signal) => signal.kind === 'span' && ids.has(signal.traceId + signal.spanId))
      expect(factsOf([...finals, ...late])).toEqual(factsOf(finals))
    }),
    { numRuns: 500 },
  )
})
