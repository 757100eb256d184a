/** Signals for the fold benchmark, with ids of their own like the readers make them: nothing is shared between spans. */
import { ATTR } from '../contract/attributes.ts'
import type { DeliveryState } from '../contract/deliveries.ts'
import type { Instant } from '../contract/units.ts'
import type { DeliverySignal, Known, Signal, Source, SpanSignal } from '../collector/signal.ts'
import { makeSpan } from './make-span.ts'

/** Like a reader's: one object a request, another for the next. */
const newSource = (): Source => ({
  service: 'checkout',
  version: '4.2.0',
  environment: 'production',
  instance: 'p1',
  workingDirectory: '/srv/app',
  contract: null,
})
let source = newSource()

/** The records made from now on come with another request. */
export function nextRequest(): void {
  source = newSource()
}

const hex = (number: number, digits: number): string =>
  Buffer.from(number.toString(16).padStart(digits, '0')).toString()
const traceIdOf = (run: number): string => hex(run + 1, 32)
const spanIdOf = (run: number, index: number): string => hex(run * 10_000 + index + 1, 16)

/** Span `index` of a run: 0 is the run, every third a tool, every fifth plumbing inside one, the others models. */
function spanOf(run: number, index: number, startedAt: Instant, endedAt: Instant | null = null, seq = 0): SpanSignal {
  const [name, known] = describe(run, index)
  return makeSpan({
    source,
    traceId: traceIdOf(run),
    spanId: spanIdOf(run, index),
    parentSpanId: index === 0 ? null : spanIdOf(run, index % 5 === 0 ? index - 1 : 0),
    name,
    startedAt: startedAt + index,
    endedAt,
    seq,
    known,
  })
}

function describe(run: number, index: number): readonly [string, Known] {
  if (index === 0)
    return [
      'invoke_agent support',
      { [ATTR.operation]: 'invoke_agent', [ATTR.agent]: 'support', [ATTR.runId]: `run_${run}`, [ATTR.userId]: 'ada' },
    ]
  if (index % 5 === 0) return ['GET', {}]
  if (index % 3 === 0)
    return [`execute_tool tool_${index}`, { [ATTR.operation]: 'execute_tool', [ATTR.toolName]: `tool_${index}` }]
  return ['chat gpt-5', { [ATTR.operation]: 'chat', [ATTR.model]: 'gpt-5' }]
}

/** A run whose 20 spans are exported when they end: the run span last. */
export function finishedRun(run: number, at: Instant): Signal[] {
  return Array.from({ length: 20 }, (_, place) => {
    const index = 19 - place
    return spanOf(run, index, at, at + index + 20)
  })
}

/** A run as it stands: the run span, a model call that ended, a tool at work. */
export function openRun(run: number, at: Instant): Signal[] {
  return [spanOf(run, 0, at), spanOf(run, 1, at, at + 5), spanOf(run, 3, at)]
}

/** One trace of a run and many spans, the run span first, the others as they end. */
export function longTrace(spans: number, at: Instant): Signal[] {
  return Array.from({ length: spans }, (_, index) => spanOf(0, index, at, index === 0 ? null : at + index + 20))
}

const WAY: readonly DeliveryState[] = ['emitted', 'routed', 'queued', 'written', 'received']

/** What one flush of our SDK says of a run; eight make it whole. */
export function mixedRun(run: number, flush: number, at: Instant): Signal[] {
  const runId = `run_${run}`
  const step = flush + 1
  const message = (event: string, seq: number, states: readonly DeliveryState[]): DeliverySignal => ({
    kind: 'delivery',
    source,
    runId,
    traceId: traceIdOf(run),
    spanId: spanIdOf(run, 0),
    seq,
    epoch: 'p1',
    event,
    toolCallId: null,
    connectionId: `conn_${run % 100}`,
    attempt: 1,
    states: states.map((state) => ({ state, at })),
    targets: 1,
    bytes: 200,
    reason: null,
  })
  const told = (event: string, seq: number) => [message(event, seq, WAY.slice(0, 4)), message(event, seq, WAY.slice(4))]
  if (flush === 0) return [spanOf(run, 0, at), ...told('agent_started', 1)]
  if (flush === 7) return [...told('agent_completed', 20), spanOf(run, 0, at, at + 1)]
  const grown = spanOf(run, step, at)
  return [
    spanOf(run, step, at),
    ...told('agent_thinking', flush * 2),
    { ...grown, seq: 1, known: { ...grown.known, [ATTR.progress]: 3 } },
    ...told('progress_update', flush * 2 + 1),
    spanOf(run, step, at, at + 10, 2),
  ]
}
