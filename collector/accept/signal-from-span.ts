import { ATTR } from '../../contract/attributes.ts'
import type { AttributeValue } from '../../contract/runs.ts'
import { KNOWN_KEYS, type ExceptionFacts, type Known, type SpanSignal } from '../signal.ts'
import { PATH_KEYS, SCOPES } from '../vendor-attributes.ts'
import { KNOWN_VALUE_MAX, PATH_MAX, STACKTRACE_MAX } from './limits.ts'
import { textOf } from './plain-values.ts'
import type { Origin, SpanRecord } from './reading.ts'
import { ancestorsOf, undoDisguise, type Lists } from './undo-disguise.ts'

/**
 * What run state needs of a span that was read in full, and what it says of the spans around it. The protobuf hot path
 * says the same without reading it so.
 */
export function signalsFromSpan(span: SpanRecord, origin: Pick<Origin, 'source' | 'scope'>): SpanSignal[] {
  const plain = plainSignal(span, origin)
  const signal = undoDisguise(plain, plain.known)
  return signal === null ? [] : [signal, ...ancestorsOf(signal, listsOf(span))]
}

function plainSignal(span: SpanRecord, { source, scope }: Pick<Origin, 'source' | 'scope'>): SpanSignal {
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
    repeatedEvery: span.repeatedEvery,
    status: span.status,
    statusMessage: span.statusMessage?.slice(0, KNOWN_VALUE_MAX) ?? null,
    known: knownOf(span, scope.name),
    exception: lastException(span),
  }
}

/** Scopes whose spans are to be told apart from others of the same name. */
export const KNOWN_SCOPES: ReadonlySet<string> = new Set(SCOPES)

function knownOf(span: SpanRecord, scope: string): Known {
  const known: Record<string, string | number | boolean> = {}
  for (const key of KNOWN_KEYS) {
    const value = scalar(span.attributes[key])
    if (value !== null) known[key] = value
  }
  if (KNOWN_SCOPES.has(scope)) known[ATTR.scope] = scope
  if (span.kind === 'server' || span.kind === 'consumer') known[ATTR.spanKind] = span.kind
  return known
}

function listsOf({ attributes }: SpanRecord): Lists {
  const lists: Record<string, readonly string[]> = {}
  for (const key of PATH_KEYS) {
    const value = attributes[key]
    if (Array.isArray(value)) lists[key] = value.slice(0, PATH_MAX).filter((each) => typeof each === 'string')
  }
  return lists
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
