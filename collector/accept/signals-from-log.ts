/**
 * What a log record says about runs: snapshots of open spans (ours and G-Research's `partial.*`), pulses, runs,
 * deliveries, connections, and what coding agents log of theirs. Every other record with a trace is a sign of life.
 */
import { ATTR, RECORD } from '../../contract/attributes.ts'
import { CONNECTION_STATES, STREAM_KINDS } from '../../contract/deliveries.ts'
import { isSpanId, isTraceId } from '../../contract/ids.ts'
import type { Outcome } from '../../contract/phases.ts'
import type { AttributeValue } from '../../contract/runs.ts'
import { nanosToInstant } from '../../contract/units.ts'
import type { ConnectionSignal, DeliverySignal, OpenSpanRef, PulseSignal, RunSignal, Source } from '../signal.ts'
import { lifecycleOf } from './lifecycle-logs.ts'
import { deliveriesOf } from './deliveries-from-log.ts'
import { arrayOf, numberOf, textOf, wordOf } from './plain-values.ts'
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
    const said = signalsOf(log, source)
    const signals = said.filter((signal) => signal !== null)
    reading.signals.push(...signals)
    if (signals.length < said.length) refuse(reading, `a ${log.event} record lacks what it must say`)
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

export type OurSignal = PulseSignal | RunSignal | DeliverySignal | ConnectionSignal

/** What a pulse, run, delivery or connection record says, null in the place of what makes no sense; nothing for any other. */
export function signalsOf(log: LogRecord, source: Source): readonly (OurSignal | null)[] {
  switch (log.event) {
    case RECORD.pulse:
      return [pulseOf(log, source)]
    case RECORD.run:
      return [runOf(log, source)]
    case RECORD.delivery:
      return deliveriesOf(log, source)
    case RECORD.connection:
      return [connectionOf(log, source)]
    default:
      return []
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
    isSubprotocolRefused: attributes[ATTR.connectionSubprotocolRefused] === true,
    framesLost: numberOf(attributes[ATTR.connectionFramesLost]) ?? 0,
    closeCode: numberOf(attributes[ATTR.closeCode]),
    clientCloseCode: numberOf(attributes[ATTR.clientCloseCode]),
    closeReason: textOf(attributes[ATTR.closeReason]),
    closedBy: wordOf(attributes[ATTR.closeBy], ['client', 'server', 'network'] as const),
  }
}
