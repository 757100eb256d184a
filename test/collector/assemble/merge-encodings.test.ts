/**
 * Every way in which a span that still runs can be told of, mixed with final records: order, lateness and doubling
 * never change what is known in the end.
 */
import * as fc from '../../kit/properties.ts'
import { expect, test } from 'vitest'
import { ATTR } from '../../../contract/attributes.ts'
import { seconds } from '../../../contract/units.ts'
import { ancestorsOf, undoDisguise } from '../../../collector/accept/undo-disguise.ts'
import type { ExceptionFacts, Known, Signal, SpanSignal, SpanStatus } from '../../../collector/signal.ts'
import { START } from '../../kit/manual-clock.ts'
import { factsOf } from './facts-of.ts'
import { pulseSignal, SOURCE, spanSignal, TRACE } from './signals.ts'

/** One span as it truly is; the first is the root, and each later one stands in one before it. */
interface Truth {
  readonly index: number
  readonly parent: number | null
  readonly name: string
  readonly known: Known
}

/** What a record of a running span adds that may differ from the next one. */
interface View {
  readonly encoding: keyof typeof ENCODINGS
  readonly seq: number
  readonly isRenamed: boolean
  readonly status: SpanStatus
  readonly exception: ExceptionFacts | null
  readonly progress: number
}

const idOf = (index: number): string => `${index + 1}`.padStart(16, '0')
const parentOf = ({ parent }: Truth): string | null => (parent === null ? null : idOf(parent))

function openRecord(truth: Truth, view: View): SpanSignal {
  return spanSignal({
    spanId: idOf(truth.index),
    parentSpanId: parentOf(truth),
    name: view.isRenamed ? `${truth.name} again` : truth.name,
    startedAt: START + truth.index,
    known: { ...truth.known, [ATTR.progress]: view.progress },
    status: view.status,
    exception: view.exception,
  })
}

const undone = (signal: SpanSignal): SpanSignal[] =>
  [undoDisguise(signal, signal.known)].filter((each) => each !== null)

/** How the readers hand over each encoding of a running span. */
const ENCODINGS = {
  native: (record: SpanSignal) => [record],
  ours: (record: SpanSignal, { seq }: View) => [{ ...record, seq: seq + 1 }],
  gResearch: (record: SpanSignal, { seq }: View) => [{ ...record, seq: START + seq, repeatedEvery: seconds(5 + seq) }],
  gaveUp: (record: SpanSignal, { seq }: View) =>
    undone({ ...record, endedAt: START + seq, known: { ...record.known, 'partial.gc': true } }),
  logfire(record: SpanSignal) {
    const parent = record.parentSpanId ?? '0'.repeat(16)
    const known = { ...record.known, 'logfire.span_type': 'pending_span', 'logfire.pending_parent_id': parent }
    return undone({ ...record, spanId: 'f'.repeat(16), parentSpanId: record.spanId, endedAt: record.startedAt, known })
  },
  triggerDev(record: SpanSignal) {
    const known = { ...record.known, '$span.partial': true, '$span.span_id': record.spanId }
    return undone({ ...record, spanId: 'e'.repeat(16), endedAt: record.startedAt, known })
  },
  datadog: (record: SpanSignal, { seq }: View) =>
    undone({ ...record, endedAt: record.startedAt + 1, known: { ...record.known, '_dd.partial_version': seq + 1 } }),
} as const

/** What a span says of those around it: all of them, or only the nearest. */
function ancestorsIn(truths: readonly Truth[], record: SpanSignal, isWhole: boolean): SpanSignal[] {
  const path: Truth[] = []
  const find = (id: string | null) => truths.find(({ index }) => idOf(index) === id)
  for (let at = find(record.parentSpanId); at !== undefined; at = find(parentOf(at))) path.unshift(at)
  const told = isWhole ? path : path.slice(-1)
  return ancestorsOf(record, {
    [ATTR.spanIdsPath]: told.map(({ index }) => idOf(index)),
    [ATTR.spanPath]: told.map(({ name }) => name),
    [ATTR.spanStartsPath]: told.map(({ index }) => `${BigInt(START + index) * 1_000_000n}`),
  })
}

const ROLES: readonly { readonly name: string; readonly known: Known }[] = [
  { name: 'execute_tool search', known: { [ATTR.toolName]: 'search' } },
  { name: 'chat gpt-5', known: { [ATTR.operation]: 'chat', [ATTR.model]: 'gpt-5' } },
  { name: 'GET /orders', known: {} },
  { name: 'invoke_agent helper', known: { [ATTR.agent]: 'helper' } },
]

const view: fc.Arbitrary<View> = fc.record({
  encoding: fc.constantFrom(...(Object.keys(ENCODINGS) as (keyof typeof ENCODINGS)[])),
  seq: fc.nat(3),
  isRenamed: fc.boolean(),
  status: fc.constantFrom('unset', 'ok', 'error'),
  exception: fc.constantFrom(
    null,
    null,
    ...['KeyError', 'OSError'].map((type) => ({ type, message: '', stacktrace: null })),
  ),
  progress: fc.nat(3),
})

const plan = fc.record({
  parent: fc.nat(),
  role: fc.nat(ROLES.length - 1),
  views: fc.array(view, { maxLength: 4 }),
  isFinished: fc.boolean(),
  isFailed: fc.boolean(),
  tellsPath: fc.constantFrom('not', 'whole', 'nearest'),
  isInPulse: fc.boolean(),
})

/** All records of one trace: some spans have partial ones, some a final one, some are only told of by others. */
const records = fc.array(plan, { minLength: 1, maxLength: 5 }).map((plans): Signal[] => {
  const truths = plans.map(({ parent, role }, index): Truth => {
    const root = { name: 'invoke_agent research', known: { [ATTR.userId]: 'ada' } }
    return { index, parent: index === 0 ? null : parent % index, ...(index === 0 ? root : (ROLES[role] ?? root)) }
  })
  const signals = truths.flatMap((truth): Signal[] => {
    const { views, isFinished, isFailed, tellsPath } = plans[truth.index] ?? { views: [] }
    const own: SpanSignal[] = views.flatMap((each) => ENCODINGS[each.encoding](openRecord(truth, each), each))
    if (isFinished)
      own.push(
        spanSignal({
          spanId: idOf(truth.index),
          parentSpanId: parentOf(truth),
          name: truth.name,
          known: truth.known,
          startedAt: START + truth.index,
          endedAt: START + 100 + truth.index,
          status: isFailed ? 'error' : 'ok',
        }),
      )
    return tellsPath === 'not'
      ? own
      : own.flatMap((each) => [each, ...ancestorsIn(truths, each, tellsPath === 'whole')])
  })
  const open = truths
    .filter(({ index }) => plans[index]?.isInPulse)
    .map((truth) => ({
      traceId: TRACE,
      spanId: idOf(truth.index),
      parentSpanId: parentOf(truth),
      name: truth.name,
      startedAt: START + truth.index,
    }))
  // Long after the start: a young span that only a pulse lists is left for its own record.
  return [...signals, pulseSignal({ source: SOURCE, at: START + seconds(60), open })]
})

const arrivals = records.chain((signals) =>
  fc.record({
    signals: fc.constant(signals),
    order: fc.shuffledSubarray(signals, { minLength: signals.length, maxLength: signals.length }),
    again: fc.subarray(signals),
    areFirst: fc.boolean(),
  }),
)

test('any order, any lateness and any doubling of any encoding give the same facts', { timeout: 240_000 }, () => {
  fc.assert(
    fc.property(arrivals, ({ signals, order, again, areFirst }) => {
      expect(factsOf(areFirst ? [...again, ...order] : [...order, ...again])).toEqual(factsOf(signals))
    }),
    { numRuns: 10_000 },
  )
})
