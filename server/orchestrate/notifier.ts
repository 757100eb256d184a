/** A run's own notifier: numbers its events without a gap and hands them on. Shared with no other run. */
import { trace, type Span, type SpanContext } from '@opentelemetry/api'
import type { Clock } from '../../contract/clock.ts'
import { isTerminalEvent } from '../../contract/events.ts'
import type { ServerFrame } from '../../contract/frames.ts'
import { formatTraceparent } from '../../contract/ids.ts'
import { toIso } from '../../contract/units.ts'
import type { Notifier } from '../run-scope.ts'

/** A frame that belongs to a run. */
export type RunFrame = ServerFrame & { readonly run_id: string }
export type Publish = (frame: RunFrame, span: SpanContext | null) => void

export interface NotifierSettings {
  readonly runId: string
  readonly threadId: string
  /** The runtime instance that gives the numbers. */
  readonly epoch: string
  readonly clock: Clock
  /** Nothing follows a terminal event. */
  readonly isSealed: boolean
  readonly publish: Publish
}

export function createNotifier({ runId, threadId, epoch, clock, isSealed, publish }: NotifierSettings): Notifier {
  let seq = 0
  let isOver = false
  return {
    emit(type, payload, span: Span | undefined = trace.getActiveSpan()) {
      // A cancelled tool may speak once more before it notices; nothing follows a terminal event.
      if (isOver) return
      isOver = isSealed && isTerminalEvent(type)
      const emitter = span?.spanContext() ?? null
      const traceparent = emitter && formatTraceparent(emitter.traceId, emitter.spanId, (emitter.traceFlags & 1) === 1)
      const ts = toIso(clock.now())
      publish({ type, run_id: runId, thread_id: threadId, seq: ++seq, epoch, ts, traceparent, payload }, emitter)
    },
  }
}
