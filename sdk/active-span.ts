import { trace } from '@opentelemetry/api'
import type { SpanId, TraceId } from '../contract/ids.ts'

export interface SpanIds {
  readonly traceId?: TraceId
  readonly spanId?: SpanId
}

/** The span the caller runs in; nothing outside any. */
export function activeSpan(): SpanIds {
  const context = trace.getActiveSpan()?.spanContext()
  return context === undefined ? {} : { traceId: context.traceId, spanId: context.spanId }
}
