/**
 * The part of OpenTelemetry's spans that Laststep reads. Written down here rather than imported, because the shape is
 * the same in SDK 2.x and 3.x while the packages and constructors are not.
 */
import type { Attributes, AttributeValue, SpanContext } from '@opentelemetry/api'

/** Seconds since 1970, and nanoseconds within that second. */
export type SpanTime = readonly [seconds: number, nanos: number]

/** A span as its SDK holds it: `attributes`, `events` and `links` are the live objects, growing until it ends. */
export interface ReadableSpan {
  readonly name: string
  readonly kind: number
  readonly parentSpanContext?: SpanContext
  readonly startTime: SpanTime
  readonly endTime: SpanTime
  readonly ended: boolean
  readonly status: { readonly code: number; readonly message?: string }
  readonly attributes: Attributes
  readonly events: readonly { readonly name: string; readonly time: SpanTime; readonly attributes?: Attributes }[]
  readonly links: readonly { readonly context: SpanContext; readonly attributes?: Attributes }[]
  readonly instrumentationScope: { readonly name: string; readonly version?: string }
  readonly droppedAttributesCount: number
  readonly droppedEventsCount: number
  readonly droppedLinksCount: number
  spanContext(): SpanContext
}

/** A span that can still be written to. */
export interface LiveSpan extends ReadableSpan {
  setAttribute(key: string, value: AttributeValue): unknown
}

/** What an SDK calls as spans come and go. */
export interface SpanProcessor {
  onStart(span: LiveSpan): void
  onEnd(span: ReadableSpan): void
  forceFlush(): Promise<void>
  shutdown(): Promise<void>
}
