import { ATTR } from '../../contract/attributes.ts'
import type { AttributeValue } from '../../contract/runs.ts'
import { KNOWN_KEYS, type ExceptionFacts, type Known, type Source, type SpanSignal } from '../signal.ts'
import { KNOWN_VALUE_MAX, STACKTRACE_MAX } from './limits.ts'
import { textOf } from './plain-values.ts'
import type { SpanRecord } from './reading.ts'

/** What run state needs of a span that was read in full. The protobuf hot path says the same without reading it so. */
export function signalFromSpan(span: SpanRecord, source: Source): SpanSignal {
  return {
    kind: 'span',
    source,
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId,
    name: span.name,
    startedAt: span.startedAt,
    endedAt: span.endedAt,
    seq: span.seq,
    stopReason: span.stopReason,
    status: span.status,
    statusMessage: span.statusMessage?.slice(0, KNOWN_VALUE_MAX) ?? null,
    known: knownOf(span),
    exception: lastException(span),
  }
}

function knownOf(span: SpanRecord): Known {
  const known: Record<string, string | number | boolean> = {}
  for (const key of KNOWN_KEYS) {
    const value = scalar(span.attributes[key])
    if (value !== null) known[key] = value
  }
  return known
}

function scalar(value: AttributeValue | undefined): string | number | boolean | null {
  if (value === undefined || value === null || typeof value === 'object') return null
  return typeof value === 'string' ? value.slice(0, KNOWN_VALUE_MAX) : value
}

function lastException(span: SpanRecord): ExceptionFacts | null {
  const event = span.events.findLast((event) => event.name === 'exception')
  if (!event) return null
  return {
    type: textOf(event.attributes[ATTR.exceptionType])?.slice(0, KNOWN_VALUE_MAX) ?? '',
    message: textOf(event.attributes[ATTR.exceptionMessage])?.slice(0, KNOWN_VALUE_MAX) ?? '',
    stacktrace: textOf(event.attributes[ATTR.exceptionStacktrace])?.slice(0, STACKTRACE_MAX) ?? null,
  }
}
