/**
 * Telemetry records read in full, for the run page. The hot path never makes these of spans: it keeps only what a
 * `Signal` holds and leaves everything else in the log, where the run page finds it again.
 */
import type { SpanId, TraceId } from '../contract/ids.ts'
import type { AttributeValue, Attributes } from '../contract/runs.ts'
import type { Instant, Millis } from '../contract/units.ts'
import type { ConnectionSignal, DeliverySignal, PulseSignal, RunSignal, Source, SpanStatus } from './signal.ts'

export const SPAN_KINDS = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const
export type SpanKind = (typeof SPAN_KINDS)[number]

export interface Scope {
  readonly name: string
  readonly version: string
}

export interface FullEvent {
  readonly name: string
  /** The sender's clock. */
  readonly at: Instant
  readonly attributes: Attributes
}

export interface FullLink {
  readonly traceId: TraceId
  readonly spanId: SpanId
  readonly attributes: Attributes
}

/**
 * One record about a span. A span that was open for a while has several: its snapshots (`endedAt` null, growing `seq`)
 * and the final one, in the order in which they arrived.
 *
 * Attribute values follow JSON: bytes are base64 text; integers beyond 2^53, NaN and the infinities are their text.
 */
export interface FullSpan {
  /** When the collector received it. */
  readonly receivedAt: Instant
  readonly source: Source
  readonly resource: Attributes
  readonly scope: Scope
  readonly traceId: TraceId
  readonly spanId: SpanId
  readonly parentSpanId: SpanId | null
  readonly name: string
  readonly kind: SpanKind
  /** The sender's clock. */
  readonly startedAt: Instant
  /** The sender's clock; null while open. */
  readonly endedAt: Instant | null
  readonly seq: number
  /** Set when the sender said goodbye to a span it never ended. */
  readonly stopReason: string | null
  /** As of `SpanSignal`. */
  readonly repeatedEvery: Millis | null
  readonly status: SpanStatus
  readonly statusMessage: string | null
  readonly attributes: Attributes
  readonly events: readonly FullEvent[]
  readonly links: readonly FullLink[]
}

/** One log record. Attribute values as in `FullSpan`. */
export interface FullLog {
  readonly receivedAt: Instant
  readonly source: Source
  readonly resource: Attributes
  readonly scope: Scope
  /** The sender's clock: when it happened, else when it was observed. */
  readonly at: Instant
  /** OpenTelemetry's 1–24; 0 when not told. */
  readonly severityNumber: number
  /** `INFO`, `WARN`, …: the sender's word, else the name of its number, else empty. */
  readonly severity: string
  readonly event: string | null
  readonly body: AttributeValue
  readonly traceId: TraceId | null
  readonly spanId: SpanId | null
  readonly attributes: Attributes
  /** What a record of Laststep's own says, already read: a delivery, a connection, a run, a pulse. Null for others. */
  readonly signal: DeliverySignal | ConnectionSignal | RunSignal | PulseSignal | null
}

export interface Records {
  readonly spans: readonly FullSpan[]
  readonly logs: readonly FullLog[]
}
