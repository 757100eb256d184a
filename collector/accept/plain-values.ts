/** What both encodings share: the meaning of OTLP's values once they are plain data. */
import { ATTR } from '../../contract/attributes.ts'
import type { SpanId, TraceId } from '../../contract/ids.ts'
import type { AttributeValue, Attributes } from '../../contract/runs.ts'
import type { Instant } from '../../contract/units.ts'
import type { FullEvent, FullLink, SpanKind } from '../record.ts'
import type { Source, SpanStatus } from '../signal.ts'
import { KNOWN_VALUE_MAX } from './limits.ts'
import type { SpanRecord } from './reading.ts'

/** `Status.StatusCode` in opentelemetry-proto. */
export const STATUS_WORDS: readonly SpanStatus[] = ['unset', 'ok', 'error']

/** JSON has no NaN and no infinity; their names keep what was said. */
export function finite(value: number): number | string {
  return Number.isFinite(value) ? value : String(value)
}

/** Text of a scalar; null for nothing, for the empty text and for lists. */
export function textOf(value: AttributeValue | undefined): string | null {
  if (value === undefined || value === null || value === '' || typeof value === 'object') return null
  return String(value)
}

export function sourceOf(resource: Attributes): Source {
  const text = (key: string): string | null => textOf(resource[key])?.slice(0, KNOWN_VALUE_MAX) ?? null
  return {
    service: text(ATTR.serviceName),
    version: text(ATTR.serviceVersion),
    environment: text(ATTR.environment),
    instance: text(ATTR.serviceInstanceId),
    workingDirectory: text(ATTR.workingDirectory),
    contract: text(ATTR.contract),
  }
}

/** Absent, zero and "before the start" are three ways in which exporters write a span that still runs. */
export function isOpen(startedAt: Instant, endedAt: Instant): boolean {
  return endedAt === 0 || endedAt < startedAt
}

/** Bands of four in opentelemetry-proto's `SeverityNumber`: TRACE 1–4, DEBUG 5–8, … */
const SEVERITY_BANDS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'] as const

export function severityOf(text: string, number: number): string {
  if (text !== '') return text
  return number > 0 ? (SEVERITY_BANDS[(number - 1) >> 2] ?? '') : ''
}

/** A span as read: ids empty when they are not valid, times 0 when not set. */
export interface RawSpan {
  readonly traceId: TraceId
  readonly spanId: SpanId
  readonly parentSpanId: SpanId
  readonly name: string
  readonly kind: SpanKind
  readonly start: Instant
  readonly end: Instant
  readonly status: SpanStatus
  readonly statusMessage: string
  readonly attributes: Attributes
  readonly events: readonly FullEvent[]
  readonly links: readonly FullLink[]
}

/** Null when its ids are no ids. */
export function finishSpan(raw: RawSpan): SpanRecord | null {
  if (raw.traceId === '' || raw.spanId === '') return null
  return {
    traceId: raw.traceId,
    spanId: raw.spanId,
    parentSpanId: raw.parentSpanId === '' ? null : raw.parentSpanId,
    name: raw.name,
    kind: raw.kind,
    startedAt: raw.start,
    endedAt: isOpen(raw.start, raw.end) ? null : raw.end,
    seq: 0,
    stopReason: null,
    repeatedEvery: null,
    status: raw.status,
    statusMessage: raw.statusMessage === '' ? null : raw.statusMessage,
    attributes: raw.attributes,
    events: raw.events,
    links: raw.links,
  }
}

export function numberOf(value: AttributeValue | undefined): number | null {
  return typeof value === 'number' ? value : null
}

export function arrayOf(value: AttributeValue | undefined): readonly AttributeValue[] {
  return Array.isArray(value) ? value : []
}

export function wordOf<Word extends string>(value: AttributeValue | undefined, words: readonly Word[]): Word | null {
  return words.find((word) => word === value) ?? null
}
