/**
 * What a log record says about runs: snapshots of open spans (ours and G-Research's `partial.*`), pulses, runs,
 * deliveries, connections, and what coding agents log of theirs. Every other record with a trace is a sign of life.
 */
import { ATTR, RECORD } from '../../contract/attributes.ts'
import { CONNECTION_STATES, DELIVERY_STATES, STREAM_KINDS, type DeliveryState } from '../../contract/deliveries.ts'
import { isSpanId, isTraceId } from '../../contract/ids.ts'
import type { Outcome } from '../../contract/phases.ts'
import type { AttributeValue } from '../../contract/runs.ts'
import { nanosToInstant, type Instant } from '../../contract/units.ts'
import type { ConnectionSignal, DeliverySignal, OpenSpanRef, PulseSignal, RunSignal, Source } from '../signal.ts'
import { lifecycleOf } from './lifecycle-logs.ts'
import { textOf } from './plain-values.ts'
import { isOurSpan, readPartial } from './read-partial.ts'
import { refuse, type LogRecord, type Reading } from './reading.ts'
import { signalsFromSpan } from './signal-from-span.ts'

/** Adds the signals of one record. A record of ours that makes no sense is refused by itself. */
export function signalsFromLog(log: LogRecord, source: Source, reading: Reading): void {
  if (isPartial(log)) {
    const spans = readPartial(log)
    if (spans.length === 0) refuse(reading, 'the body of a partial span is not a TracesData with a valid span')
    for (const { span, origin } of spans)
      reading.signals.push(...signalsFromSpan(span, { ...origin, source: knownSource(origin.source, source) }))
    return
  }
  if (isOurs(log)) {
    const signal = signalOf(log, source)
    if (signal) reading.signals.push(signal)
    else refuse(reading, `a ${log.event} record lacks what it must say`)
    return
  }
  const lifecycle = lifecycleOf(log, source)
  if (lifecycle !== null) reading.signals.push(lifecycle)
  else if (log.traceId !== null) reading.signals.push({ kind: 'log', source, traceId: log.traceId, spanId: log.spanId })
}

/** The body's own resource when it names one, else that of the log record. */
export function knownSource(own: Source, around: Source): Source {
  return own.service === null && own.instance === null ? around : own
}

export function isPartial(log: LogRecord): boolean {
  return ATTR.partialEvent in log.attributes || isOurSpan(log)
}

function isOurs(log: LogRecord): boolean {
  return log.event !== null && (Object.values(RECORD) as readonly string[]).includes(log.event)
}

/** The signal of a pulse, run, delivery or connection record; null for any other, and for one that makes no sense. */
export function signalOf(
  log: LogRecord,
  source: Source,
): PulseSignal | RunSignal | DeliverySignal | ConnectionSignal | null {
  switch (log.event) {
    case RECORD.pulse:
      return pulseOf(log, source)
    case RECORD.run:
      return runOf(log, source)
    case RECORD.delivery:
      return deliveryOf(log, source)
    case RECORD.connection:
      return connectionOf(log, source)
    default:
      return null
  }
}

function pulseOf({ at, attributes }: LogRecord, source: Source): PulseSignal | null {
  const seq = numberOf(attributes[ATTR.pulseSeq])
  const intervalMs = numberOf(attributes[ATTR.pulseIntervalMs])
  if (seq === null || intervalMs === null) return null
  const listed = arrayOf(attributes[ATTR.pulseOpen])
  const open = listed.map(openSpanOf).filter((ref) => ref !== null)
  return {
    kind: 'pulse',
    source,
    at,
    seq,
    intervalMs,
    open,
    // A reference we cannot read is a span we were not told of: absence from the list then proves nothing.
    openNotListed: (numberOf(attributes[ATTR.pulseOpenNotListed]) ?? 0) + listed.length - open.length,
    loopDelayMs: numberOf(attributes[ATTR.pulseLoopDelayMs]),
    loopBlockedMs: numberOf(attributes[ATTR.pulseLoopBlockedMs]) ?? 0,
    last: attributes[ATTR.pulseLast] === true,
  }
}

/** `<trace id>:<span id>:<parent span id or empty>:<start, unix nanoseconds>:<name>`; the name may hold colons. */
const OPEN_SPAN = /^([^:]*):([^:]*):([^:]*):(\d{1,20}):(.*)$/s

function openSpanOf(value: AttributeValue): OpenSpanRef | null {
  const match = typeof value === 'string' ? OPEN_SPAN.exec(value) : null
  if (!match) return null
  const [, traceId = '', spanId = '', parentSpanId = '', start = '0', name = ''] = match
  if (!isTraceId(traceId) || !isSpanId(spanId)) return null
  return {
    traceId,
    spanId,
    parentSpanId: isSpanId(parentSpanId) ? parentSpanId : null,
    name,
    startedAt: nanosToInstant(BigInt(start)),
  }
}

const RUN_STATES = ['accepted', 'queued', 'started', 'waiting', 'resumed', 'ended'] as const
const OUTCOMES: readonly Outcome[] = ['succeeded', 'failed', 'cancelled']

function runOf({ attributes, at, traceId, spanId }: LogRecord, source: Source): RunSignal | null {
  const runId = textOf(attributes[ATTR.runId])
  const state = wordOf(attributes[ATTR.runState], RUN_STATES)
  if (runId === null || state === null) return null
  return {
    kind: 'run',
    source,
    runId,
    traceId,
    spanId,
    at,
    state,
    outcome: wordOf(attributes[ATTR.runOutcome], OUTCOMES),
    reason: textOf(attributes[ATTR.runReason]),
    agent: textOf(attributes[ATTR.agent]),
    userId: textOf(attributes[ATTR.userId]),
    sessionId: textOf(attributes[ATTR.sessionId]),
    owesEnd: true,
  }
}

function deliveryOf({ attributes, traceId, spanId }: LogRecord, source: Source): DeliverySignal | null {
  const runId = textOf(attributes[ATTR.runId])
  const seq = numberOf(attributes[ATTR.deliverySeq])
  const event = textOf(attributes[ATTR.deliveryEvent])
  const states = statesOf(attributes[ATTR.deliveryStates], attributes[ATTR.deliveryAt])
  if (runId === null || seq === null || event === null || states === null) return null
  return {
    kind: 'delivery',
    source,
    runId,
    traceId,
    spanId,
    seq,
    epoch: textOf(attributes[ATTR.deliveryEpoch]) ?? '',
    event,
    toolCallId: textOf(attributes[ATTR.deliveryToolCallId]),
    connectionId: textOf(attributes[ATTR.connectionId]),
    attempt: numberOf(attributes[ATTR.deliveryAttempt]) ?? 1,
    states,
    targets: numberOf(attributes[ATTR.deliveryTargets]),
    bytes: numberOf(attributes[ATTR.deliveryBytes]),
    reason: textOf(attributes[ATTR.deliveryReason]),
  }
}

/** Two lists of one length: the states, and when each was reached, in unix nanoseconds. */
function statesOf(states: AttributeValue | undefined, at: AttributeValue | undefined): DeliverySignal['states'] | null {
  const words = arrayOf(states)
  const times = arrayOf(at)
  if (words.length === 0 || words.length !== times.length) return null
  const reached: { state: DeliveryState; at: Instant }[] = []
  for (const [index, word] of words.entries()) {
    const state = wordOf(word, DELIVERY_STATES)
    const at = nanosOf(times[index])
    if (state === null || at === null) return null
    reached.push({ state, at })
  }
  return reached
}

function connectionOf({ attributes, at }: LogRecord, source: Source): ConnectionSignal | null {
  const connectionId = textOf(attributes[ATTR.connectionId])
  const state = wordOf(attributes[ATTR.connectionState], CONNECTION_STATES)
  if (connectionId === null || state === null) return null
  const acks = attributes[ATTR.connectionAcks]
  return {
    kind: 'connection',
    source,
    connectionId,
    state,
    at,
    userId: textOf(attributes[ATTR.userId]),
    acks: typeof acks === 'boolean' ? acks : null,
    stream: wordOf(attributes[ATTR.connectionStream], STREAM_KINDS),
    closeCode: numberOf(attributes[ATTR.closeCode]),
    clientCloseCode: numberOf(attributes[ATTR.clientCloseCode]),
    closeReason: textOf(attributes[ATTR.closeReason]),
    closedBy: wordOf(attributes[ATTR.closeBy], ['client', 'server', 'network'] as const),
  }
}

function numberOf(value: AttributeValue | undefined): number | null {
  return typeof value === 'number' ? value : null
}

function arrayOf(value: AttributeValue | undefined): readonly AttributeValue[] {
  return Array.isArray(value) ? value : []
}

function wordOf<Word extends string>(value: AttributeValue | undefined, words: readonly Word[]): Word | null {
  return words.find((word) => word === value) ?? null
}

/** Nanoseconds are beyond 2^53, so the readers hand them over as text. */
function nanosOf(value: AttributeValue | undefined): Instant | null {
  if (typeof value === 'string' && /^\d{1,20}$/.test(value)) return nanosToInstant(BigInt(value))
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? nanosToInstant(BigInt(value)) : null
}
