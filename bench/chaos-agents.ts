/** Agents' processes under test: what Laststep's SDK would send of their runs, in its own encoding, by a clock of their own. */
import { createHash } from 'node:crypto'
import { ATTR, RECORD } from '../contract/attributes.ts'
import type { DeliveryState } from '../contract/deliveries.ts'
import type { SpanId, TraceId } from '../contract/ids.ts'
import type { Outcome } from '../contract/phases.ts'
import { instantToNanos, type Instant, type Millis } from '../contract/units.ts'
import {
  encodeLogRecord,
  encodeLogs,
  encodeResource,
  encodeScopeSpans,
  encodeTraces,
  type LogRecord,
} from '../sdk/otlp-json.ts'
import { encodeListed } from '../sdk/pulse-beat.ts'
import type { ReadableSpan, SpanTime } from '../sdk/readable-span.ts'

/** One log record, encoded. */
export type Line = string

export interface AgentRun {
  readonly id: string
  readonly traceId: TraceId
  /** Of its run span. */
  readonly root: AgentSpan
}

export interface AgentSpan {
  readonly runId: string
  readonly traceId: TraceId
  readonly spanId: SpanId
  readonly parentSpanId: SpanId | null
  readonly name: string
  readonly startedAt: Instant
  readonly attributes: Record<string, string | number>
  seq: number
}

export interface AgentProcess {
  readonly instance: string
  /** Begin a run. Its trace is made of its id, so that it can be looked up again. */
  run(id: string, agent: string): AgentRun
  tool(run: AgentRun, name: string): AgentSpan
  model(run: AgentRun, name: string): AgentSpan
  /** The record of a span that has begun. */
  begun(span: AgentSpan): Line
  /** New content in an open span. */
  progressed(span: AgentSpan, pieces: number): Line
  /** It ends: the next pulse does not list it. */
  ended(span: AgentSpan): Line
  /** The same for `/v1/traces`, as every OpenTelemetry SDK sends it, and nothing else. */
  finished(span: AgentSpan): Line
  said(run: AgentRun, state: 'accepted' | 'started' | 'waiting' | 'resumed' | 'ended', outcome?: Outcome): Line
  message(run: AgentRun, seq: number, event: string, states: readonly DeliveryState[], callId?: string): Line
  connection(state: 'ready' | 'closed'): Line
  pulse(): Line
  /** Body for `/v1/logs`. */
  logs(lines: readonly Line[]): string
  /** A span without an end, for `/v1/traces`. */
  unfinished(span: AgentSpan): Line
  /** Body for `/v1/traces`. */
  traces(lines: readonly Line[]): string
}

export interface ProcessSettings {
  readonly instance: string
  /** What this process takes for the time. @param about the id of the span, or else of the run, that is dated by it */
  readonly now: (about: string) => Instant
  readonly pulseMs?: Millis
  /** The contract its runs keep to; the collector's first unless given. */
  readonly contract?: string
}

const idOf = (what: string, digits: number): string => createHash('md5').update(what).digest('hex').slice(0, digits)
export const traceIdOf = (runId: string): TraceId => idOf(`trace ${runId}`, 32)

export function startProcess({ instance, now, pulseMs = 5_000, contract }: ProcessSettings): AgentProcess {
  const resource = encodeResource({
    [ATTR.serviceName]: 'agents',
    [ATTR.serviceVersion]: '1.0',
    [ATTR.serviceInstanceId]: instance,
    [ATTR.environment]: 'chaos',
    [ATTR.contract]: contract,
  })
  const open = new Set<AgentSpan>()
  let pulses = 0

  const openSpan = (
    runId: string,
    parent: SpanId | null,
    name: string,
    attributes: Record<string, string | number>,
  ): AgentSpan => {
    const traceId = traceIdOf(runId)
    const spanId = idOf(`span ${runId} ${parent === null ? 'run' : name}`, 16)
    const startedAt = now(spanId)
    const span = { runId, traceId, spanId, parentSpanId: parent, name, startedAt, attributes, seq: 0 }
    open.add(span)
    return span
  }
  const record = (event: string, more: Omit<LogRecord, 'event' | 'at'>): Line =>
    encodeLogRecord({ event, at: now(more.spanId ?? instance), ...more })
  const ofRun = ({ traceId, root }: AgentRun) => ({ traceId, spanId: root.spanId })
  const snapshot = (event: string, span: AgentSpan, endedAt: Instant | null): Line =>
    record(event, {
      traceId: span.traceId,
      spanId: span.spanId,
      attributes: {
        [ATTR.seq]: ++span.seq,
        [ATTR.partialEvent]: endedAt === null ? 'heartbeat' : 'stop',
        [ATTR.partialBodyType]: 'json/v1',
        [ATTR.runId]: span.runId,
      },
      body: encodeTraces(resource, [encodeScopeSpans(readable(span, endedAt))]),
    })

  return {
    instance,
    run(id, agent) {
      const attributes = {
        [ATTR.operation]: 'invoke_agent',
        [ATTR.agent]: agent,
        [ATTR.runId]: id,
        [ATTR.userId]: 'ada',
      }
      return { id, traceId: traceIdOf(id), root: openSpan(id, null, `invoke_agent ${agent}`, attributes) }
    },
    tool: ({ id, root }, name) =>
      openSpan(id, root.spanId, `execute_tool ${name}`, { [ATTR.operation]: 'execute_tool', [ATTR.toolName]: name }),
    model: ({ id, root }, name) =>
      openSpan(id, root.spanId, `chat ${name}`, { [ATTR.operation]: 'chat', [ATTR.model]: name }),
    begun: (span) => snapshot(RECORD.spanStart, span, null),
    progressed(span, pieces) {
      span.attributes[ATTR.progress] = pieces
      return snapshot(RECORD.spanSnapshot, span, null)
    },
    ended(span) {
      open.delete(span)
      return snapshot(RECORD.spanEnd, span, now(span.spanId))
    },
    finished(span) {
      open.delete(span)
      return encodeScopeSpans(readable(span, now(span.spanId)))
    },
    unfinished: (span) => encodeScopeSpans(readable(span, null)),
    said: (run, state, outcome) =>
      record(RECORD.run, {
        ...ofRun(run),
        attributes: { [ATTR.runId]: run.id, [ATTR.runState]: state, [ATTR.runOutcome]: outcome, [ATTR.userId]: 'ada' },
      }),
    message: (run, seq, event, states, callId) =>
      record(RECORD.delivery, {
        ...ofRun(run),
        attributes: {
          [ATTR.runId]: run.id,
          [ATTR.deliverySeq]: seq,
          [ATTR.deliveryEpoch]: instance,
          [ATTR.deliveryEvent]: event,
          [ATTR.connectionId]: `conn_${instance}`,
          [ATTR.deliveryAttempt]: 1,
          [ATTR.deliveryStates]: states,
          [ATTR.deliveryAt]: states.map(() => instantToNanos(now(run.root.spanId))),
          [ATTR.deliveryTargets]: 1,
          [ATTR.deliveryBytes]: 100,
          [ATTR.deliveryToolCallId]: callId,
        },
      }),
    connection: (state) =>
      record(RECORD.connection, {
        attributes: {
          [ATTR.connectionId]: `conn_${instance}`,
          [ATTR.connectionState]: state,
          [ATTR.connectionAcks]: true,
          [ATTR.userId]: 'ada',
        },
      }),
    pulse: () =>
      record(RECORD.pulse, {
        attributes: {
          [ATTR.pulseSeq]: ++pulses,
          [ATTR.pulseIntervalMs]: pulseMs,
          [ATTR.pulseOpen]: Array.from(open, (span) => encodeListed({ ...span, startTime: timeOf(span.startedAt) })),
          [ATTR.pulseOpenNotListed]: 0,
          [ATTR.pulseLoopDelayMs]: 1,
          [ATTR.pulseLoopBlockedMs]: 0,
        },
      }),
    logs: (lines) => encodeLogs(resource, lines),
    traces: (lines) => encodeTraces(resource, lines),
  }
}

function readable(span: AgentSpan, endedAt: Instant | null): ReadableSpan {
  const context = (spanId: SpanId) => ({ traceId: span.traceId, spanId, traceFlags: 1 })
  return {
    name: span.name,
    kind: 0,
    ...(span.parentSpanId === null ? {} : { parentSpanContext: context(span.parentSpanId) }),
    startTime: timeOf(span.startedAt),
    endTime: timeOf(endedAt ?? 0),
    ended: endedAt !== null,
    status: { code: endedAt === null ? 0 : 1 },
    attributes: span.attributes,
    events: [],
    links: [],
    instrumentationScope: { name: 'agents' },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
    spanContext: () => context(span.spanId),
  }
}

function timeOf(at: Instant): SpanTime {
  const whole = Math.floor(at / 1_000)
  return [whole, (at - whole * 1_000) * 1_000_000]
}
