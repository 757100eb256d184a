import type { ReadableSpan, SpanProcessor } from './readable-span.ts'
import type { Reporter, Source } from './reporter.ts'
import { encodeScopeSpans, WHOLE } from './otlp-json.ts'

/** Finished spans kept between two flushes. */
const FINISHED_MAX = 10_000
const SAMPLED = 1

/**
 * A SpanProcessor that sends finished spans to `/v1/traces`, for runtimes whose own exporters point elsewhere.
 * They are encoded at the flush, off the path of the work they measure.
 */
export function finishedSpans(reporter: Reporter): SpanProcessor {
  const processor = new FinishedSpans(reporter)
  reporter.addSource(processor)
  return processor
}

class FinishedSpans implements SpanProcessor, Source {
  readonly #reporter: Reporter
  #finished: ReadableSpan[] = []

  constructor(reporter: Reporter) {
    this.#reporter = reporter
  }

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    if ((span.spanContext().traceFlags & SAMPLED) === 0) return
    // A program that ends spans faster than timers run still encodes them all; only the moment is worse.
    if (this.#finished.length >= FINISHED_MAX) this.collect()
    this.#finished.push(span)
    this.#reporter.wake()
  }

  collect(): boolean {
    const finished = this.#finished
    this.#finished = []
    for (const span of finished) this.#reporter.reportSpan(encodeScopeSpans(span, WHOLE))
    return false
  }

  forceFlush(): Promise<void> {
    return this.#reporter.flush()
  }

  shutdown(): Promise<void> {
    return this.#reporter.flush()
  }
}
