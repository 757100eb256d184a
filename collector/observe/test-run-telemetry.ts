/** What the test run sends: OTLP in JSON, as the SDK in an agent's process would send it through the same door. */
import { ATTR, RECORD } from '../../contract/attributes.ts'
import type { TraceId } from '../../contract/ids.ts'
import { seconds, type Instant } from '../../contract/units.ts'
import { TEST_RUN } from '../test-run.ts'
import { attributes, nanosOf, type PlainValue } from './otlp-json.ts'

/** Everything else of it follows from its trace, so that one left behind can be ended as well. */
export interface TestRun {
  readonly traceId: TraceId
  /** The moment it is sent; what it did before lies in the seconds before. */
  readonly sentAt: Instant
}

export const PULSE_EVERY = seconds(5)

export function runIdOf({ traceId }: Pick<TestRun, 'traceId'>): string {
  return `run_test_${traceId.slice(0, 8)}`
}

/** Body for `/v1/logs`: accepted, started, one answer of a model, three messages that the user got, and a tool that is open. */
export function testRunBegins(run: TestRun): string {
  const { sentAt } = run
  const [asked, thought, called] = [sentAt - 1_600, sentAt - 1_400, sentAt - 200]
  return logs(run, [
    connection(run, 'opened', asked - 300),
    connection(run, 'ready', asked - 200),
    runRecord(run, 'accepted', asked),
    spanRecord(runSpan(run, asked)),
    runRecord(run, 'started', asked + 50),
    delivery(run, 1, 'agent_started', asked + 60),
    delivery(run, 2, 'agent_thinking', thought + 40),
    spanRecord(modelSpan(run, thought, null)),
    spanRecord(toolSpan(run, called)),
    delivery(run, 3, 'tool_executing', called + 10),
    pulse(run, 1, sentAt, true),
  ])
}

/** Body for `/v1/traces`: the model has answered. */
export function testRunThought(run: TestRun): string {
  return traces(run, [modelSpan(run, run.sentAt - 1_400, run.sentAt - 250)])
}

/** Body for `/v1/logs`: its process lives. */
export function testRunBeats(run: TestRun, seq: number, now: Instant): string {
  return logs(run, [pulse(run, seq, now, true)])
}

/** Body for `/v1/logs`: it was stopped, its user was told, and its process says goodbye. */
export function testRunStops(run: TestRun, seq: number, now: Instant): string {
  const why = { [ATTR.runOutcome]: 'cancelled', [ATTR.runReason]: 'the test run is over' }
  return logs(run, [
    delivery(run, 4, 'agent_cancelled', now),
    runRecord(run, 'ended', now, why),
    connection(run, 'closed', now, { [ATTR.closeCode]: 1000, [ATTR.closeBy]: 'client' }),
    pulse(run, seq, now, false),
  ])
}

/** Body for `/v1/traces`: what was open has ended with it. */
export function testRunEnds(run: TestRun, now: Instant): string {
  return traces(run, [ended(toolSpan(run, run.sentAt - 200), now), ended(runSpan(run, run.sentAt - 1_600), now)])
}

type Span = Readonly<Record<string, unknown>> & { readonly traceId: TraceId; readonly spanId: string }

const spanIds = ({ traceId }: TestRun) => ({
  run: traceId.slice(0, 16),
  tool: traceId.slice(16),
  model: `${traceId.slice(4, 12)}${traceId.slice(20, 28)}`,
})

function runSpan(run: TestRun, at: Instant): Span {
  const about = {
    [ATTR.operation]: 'invoke_agent',
    [ATTR.agent]: TEST_RUN.agent,
    [ATTR.runId]: runIdOf(run),
    [ATTR.userId]: 'test-user',
  }
  return span(run, spanIds(run).run, null, `invoke_agent ${TEST_RUN.agent}`, at, about)
}

function modelSpan(run: TestRun, at: Instant, endedAt: Instant | null): Span {
  const { model, run: parent } = spanIds(run)
  const open = span(run, model, parent, 'chat gpt-5', at, { [ATTR.operation]: 'chat', [ATTR.model]: 'gpt-5' })
  return endedAt === null ? open : ended(open, endedAt)
}

function toolSpan(run: TestRun, at: Instant): Span {
  const { tool, run: parent } = spanIds(run)
  const about = {
    [ATTR.operation]: 'execute_tool',
    [ATTR.toolName]: TEST_RUN.tool,
    [ATTR.toolCallId]: 'call_1',
    [ATTR.codeFile]: 'src/tools/search-orders.ts',
    [ATTR.codeLine]: 88,
    [ATTR.codeFunction]: 'searchOrders',
  }
  return span(run, tool, parent, `execute_tool ${TEST_RUN.tool}`, at, about)
}

function span(
  { traceId }: TestRun,
  spanId: string,
  parentSpanId: string | null,
  name: string,
  at: Instant,
  about: Readonly<Record<string, PlainValue>>,
): Span {
  const parent = parentSpanId === null ? {} : { parentSpanId }
  return { traceId, spanId, ...parent, name, startTimeUnixNano: nanosOf(at), attributes: attributes(about) }
}

function ended(open: Span, at: Instant): Span {
  return { ...open, endTimeUnixNano: nanosOf(at) }
}

function spanRecord(open: Span): object {
  const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [open] }] }] })
  return {
    timeUnixNano: open['startTimeUnixNano'],
    eventName: RECORD.spanStart,
    body: { stringValue: body },
    attributes: attributes({ [ATTR.partialBodyType]: 'json/v1', [ATTR.seq]: 1 }),
  }
}

function record(run: TestRun, event: string, at: Instant, about: Readonly<Record<string, PlainValue>>): object {
  const ids = { traceId: run.traceId, spanId: spanIds(run).run }
  return { ...ids, timeUnixNano: nanosOf(at), eventName: event, attributes: attributes(about) }
}

function runRecord(run: TestRun, state: string, at: Instant, more: Readonly<Record<string, PlainValue>> = {}): object {
  const who = { [ATTR.agent]: TEST_RUN.agent, [ATTR.userId]: 'test-user' }
  return record(run, RECORD.run, at, { [ATTR.runId]: runIdOf(run), [ATTR.runState]: state, ...who, ...more })
}

const DELIVERED = ['emitted', 'routed', 'queued', 'written', 'transported', 'received'] as const

function delivery(run: TestRun, seq: number, event: string, at: Instant): object {
  return record(run, RECORD.delivery, at, {
    [ATTR.runId]: runIdOf(run),
    [ATTR.deliverySeq]: seq,
    [ATTR.deliveryEpoch]: instanceOf(run),
    [ATTR.deliveryEvent]: event,
    [ATTR.deliveryTargets]: 1,
    [ATTR.deliveryBytes]: 240,
    [ATTR.connectionId]: connectionOf(run),
    [ATTR.deliveryStates]: DELIVERED,
    [ATTR.deliveryAt]: DELIVERED.map((_, step) => nanosOf(at + 4 * step)),
  })
}

function connection(run: TestRun, state: string, at: Instant, more: Readonly<Record<string, PlainValue>> = {}): object {
  return record(run, RECORD.connection, at, {
    [ATTR.connectionId]: connectionOf(run),
    [ATTR.connectionState]: state,
    [ATTR.connectionAcks]: true,
    [ATTR.userId]: 'test-user',
    ...more,
  })
}

function pulse(run: TestRun, seq: number, at: Instant, isOpen: boolean): object {
  const { run: root, tool } = spanIds(run)
  const open = [
    `${run.traceId}:${root}::${nanosOf(run.sentAt - 1_600)}:invoke_agent ${TEST_RUN.agent}`,
    `${run.traceId}:${tool}:${root}:${nanosOf(run.sentAt - 200)}:execute_tool ${TEST_RUN.tool}`,
  ]
  return {
    timeUnixNano: nanosOf(at),
    eventName: RECORD.pulse,
    attributes: attributes({
      [ATTR.pulseSeq]: seq,
      [ATTR.pulseIntervalMs]: PULSE_EVERY,
      [ATTR.pulseOpen]: isOpen ? open : [],
      [ATTR.pulseOpenNotListed]: 0,
      [ATTR.pulseLoopDelayMs]: 1,
      [ATTR.pulseLoopBlockedMs]: 0,
      ...(isOpen ? {} : { [ATTR.pulseLast]: true }),
    }),
  }
}

function logs(run: TestRun, logRecords: readonly object[]): string {
  return JSON.stringify({ resourceLogs: [{ resource: resourceOf(run), scopeLogs: [{ logRecords }] }] })
}

function traces(run: TestRun, spans: readonly object[]): string {
  return JSON.stringify({ resourceSpans: [{ resource: resourceOf(run), scopeSpans: [{ spans }] }] })
}

const instanceOf = ({ traceId }: TestRun): string => `test-run-${traceId.slice(0, 8)}`
const connectionOf = ({ traceId }: TestRun): string => `conn_test_${traceId.slice(0, 8)}`

function resourceOf(run: TestRun): object {
  return {
    attributes: attributes({
      [ATTR.serviceName]: TEST_RUN.service,
      [ATTR.serviceInstanceId]: instanceOf(run),
      [ATTR.environment]: 'test run',
      [ATTR.contract]: TEST_RUN.contract,
    }),
  }
}
