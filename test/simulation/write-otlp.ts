/** Signals as the OTLP requests that say them, in protobufjs's form. */
import { ATTR, RECORD } from '../../contract/attributes.ts'
import { instantToNanos, type Instant } from '../../contract/units.ts'
import type {
  ConnectionSignal,
  DeliverySignal,
  PulseSignal,
  RunSignal,
  Signal,
  Source,
  SpanSignal,
} from '../../collector/signal.ts'

type Attributes = Readonly<Record<string, unknown>>

/** A request of one sender's finished spans. */
export function tracesOf(signals: readonly Signal[]): object {
  const spans = signals.filter((signal) => signal.kind === 'span')
  return {
    resourceSpans: [
      { resource: resourceOf(signals), scopeSpans: [{ scope: { name: 'sim' }, spans: spans.map(spanOf) }] },
    ],
  }
}

/** A request of everything else that it says: log records. */
export function logsOf(signals: readonly Signal[]): object {
  return {
    resourceLogs: [
      { resource: resourceOf(signals), scopeLogs: [{ scope: { name: 'sim' }, logRecords: signals.map(recordOf) }] },
    ],
  }
}

function resourceOf([first]: readonly Signal[]): object {
  if (first === undefined) throw new Error('an empty batch is not sent')
  const { service, version, environment, instance }: Source = first.source
  return {
    attributes: attributesOf({
      [ATTR.serviceName]: service,
      [ATTR.serviceVersion]: version,
      [ATTR.environment]: environment,
      [ATTR.serviceInstanceId]: instance,
    }),
  }
}

function recordOf(signal: Signal): object {
  switch (signal.kind) {
    case 'span':
      return partialOf(signal)
    case 'pulse':
      return record(RECORD.pulse, signal.at, pulseAttributes(signal))
    case 'run':
      return { ...record(RECORD.run, signal.at, runAttributes(signal)), ...idsOf(signal) }
    case 'delivery':
      return { ...record(RECORD.delivery, signal.states.at(-1)?.at ?? 0, deliveryAttributes(signal)), ...idsOf(signal) }
    case 'connection':
      return record(RECORD.connection, signal.at, connectionAttributes(signal))
    case 'log':
      throw new Error('nobody here logs')
  }
}

function record(eventName: string, at: Instant, attributes: Attributes): object {
  const time = nanos(at)
  return {
    timeUnixNano: time,
    observedTimeUnixNano: time,
    severityNumber: 9,
    eventName,
    attributes: attributesOf(attributes),
  }
}

/** A snapshot of an open span, or the SDK's word that it ended: a TracesData in a record's body. */
function partialOf(span: SpanSignal): object {
  const isOver = span.endedAt !== null || span.stopReason !== null
  const event = isOver ? RECORD.spanEnd : span.seq === 1 ? RECORD.spanStart : RECORD.spanSnapshot
  const attributes = {
    [ATTR.partialEvent]: isOver ? 'stop' : 'heartbeat',
    [ATTR.partialBodyType]: 'json/v1',
    [ATTR.seq]: span.seq,
    [ATTR.stopReason]: span.stopReason,
    [ATTR.partialFrequency]: span.repeatedEvery === null ? null : `${span.repeatedEvery}ms`,
  }
  const hex = (_key: string, value: unknown) =>
    typeof value === 'object' && value !== null && 'data' in value
      ? Buffer.from(value.data as number[]).toString('hex')
      : value
  const body = { stringValue: JSON.stringify(tracesOf([span]), hex) }
  // Somebody else's record of an open span has no name.
  const name = span.repeatedEvery === null ? event : ''
  return { ...record(name, span.endedAt ?? span.startedAt, attributes), ...idsOf(span), body }
}

function spanOf(span: SpanSignal): object {
  const { exception, startedAt, endedAt, parentSpanId, status } = span
  return {
    traceId: Buffer.from(span.traceId, 'hex'),
    spanId: Buffer.from(span.spanId, 'hex'),
    ...(parentSpanId === null ? {} : { parentSpanId: Buffer.from(parentSpanId, 'hex') }),
    name: span.name,
    kind: 1,
    startTimeUnixNano: nanos(startedAt),
    ...(endedAt === null ? {} : { endTimeUnixNano: nanos(endedAt) }),
    attributes: attributesOf(span.known),
    events:
      exception === null
        ? []
        : [
            {
              timeUnixNano: nanos(endedAt ?? startedAt),
              name: 'exception',
              attributes: attributesOf({
                [ATTR.exceptionType]: exception.type,
                [ATTR.exceptionMessage]: exception.message,
              }),
            },
          ],
    status: { code: status === 'error' ? 2 : status === 'ok' ? 1 : 0 },
  }
}

function pulseAttributes(pulse: PulseSignal): Attributes {
  return {
    [ATTR.pulseSeq]: pulse.seq,
    [ATTR.pulseIntervalMs]: pulse.intervalMs,
    [ATTR.pulseOpen]: pulse.open.map(
      ({ traceId, spanId, parentSpanId, startedAt, name }) =>
        `${traceId}:${spanId}:${parentSpanId ?? ''}:${nanos(startedAt)}:${name}`,
    ),
    [ATTR.pulseOpenNotListed]: pulse.openNotListed,
    [ATTR.pulseLoopDelayMs]: pulse.loopDelayMs,
    [ATTR.pulseLoopBlockedMs]: pulse.loopBlockedMs,
    [ATTR.pulseLast]: pulse.last ? true : null,
  }
}

function runAttributes({ runId, state, outcome }: RunSignal): Attributes {
  return { [ATTR.runId]: runId, [ATTR.runState]: state, [ATTR.runOutcome]: outcome }
}

function deliveryAttributes(delivery: DeliverySignal): Attributes {
  return {
    [ATTR.runId]: delivery.runId,
    [ATTR.deliverySeq]: delivery.seq,
    [ATTR.deliveryEpoch]: delivery.epoch,
    [ATTR.deliveryEvent]: delivery.event,
    [ATTR.connectionId]: delivery.connectionId,
    [ATTR.deliveryAttempt]: delivery.attempt,
    [ATTR.deliveryStates]: delivery.states.map(({ state }) => state),
    [ATTR.deliveryAt]: delivery.states.map(({ at }) => nanos(at)),
    [ATTR.deliveryReason]: delivery.reason,
    [ATTR.deliveryTargets]: delivery.targets,
    [ATTR.deliveryBytes]: delivery.bytes,
    [ATTR.deliveryToolCallId]: delivery.toolCallId,
  }
}

function connectionAttributes({
  connectionId,
  state,
  userId,
  acks,
  closeCode,
  closedBy,
}: ConnectionSignal): Attributes {
  return {
    [ATTR.connectionId]: connectionId,
    [ATTR.connectionState]: state,
    [ATTR.userId]: userId,
    [ATTR.connectionAcks]: acks,
    [ATTR.closeCode]: closeCode,
    [ATTR.closeBy]: closedBy,
  }
}

function idsOf({ traceId, spanId }: { readonly traceId: string | null; readonly spanId: string | null }): object {
  return {
    ...(traceId === null ? {} : { traceId: Buffer.from(traceId, 'hex') }),
    ...(spanId === null ? {} : { spanId: Buffer.from(spanId, 'hex') }),
  }
}

const nanos = (at: Instant): string => instantToNanos(at).toString()

function attributesOf(attributes: Attributes): object[] {
  return Object.entries(attributes).flatMap(([key, value]) =>
    value === null || value === undefined ? [] : [{ key, value: valueOf(value) }],
  )
}

function valueOf(value: unknown): object {
  if (typeof value === 'boolean') return { boolValue: value }
  if (typeof value === 'number') return { intValue: String(value) }
  if (Array.isArray(value)) return { arrayValue: { values: value.map((each) => valueOf(each)) } }
  return { stringValue: String(value) }
}
