/**
 * Runs that have left memory, so that a record arriving late or twice does not raise them from the dead.
 * Bounded: the oldest are forgotten first.
 */
import type { SpanId, TraceId } from '../../contract/ids.ts'
import { OldestFirst } from './oldest-first.ts'

export class Departed {
  readonly #max: number
  readonly #runs = new OldestFirst<null>()
  /** The run spans that were in a trace. */
  readonly #traces = new OldestFirst<SpanId[]>()

  constructor(max: number) {
    this.#max = max
  }

  addRun(runId: string): void {
    this.#runs.add(runId, null)
    forgetOldest(this.#runs, this.#max)
  }

  addTrace(traceId: TraceId, spanId: SpanId | null): void {
    const held = this.#traces.get(traceId)
    if (held === undefined) this.#traces.add(traceId, spanId === null ? [] : [spanId])
    // A trace of a session may see thousands of runs come and go: the latest of them are the likeliest to be told twice.
    else if (spanId !== null && held.push(spanId) > RUN_SPANS_MAX) held.shift()
    forgetOldest(this.#traces, this.#max)
  }

  hasRun(runId: string): boolean {
    return this.#runs.has(runId)
  }

  hasTrace(traceId: TraceId): boolean {
    return this.#traces.has(traceId)
  }

  hasSpan(traceId: TraceId, spanId: SpanId): boolean {
    return this.#traces.get(traceId)?.includes(spanId) ?? false
  }

  toJSON(): DepartedJson {
    return { runs: this.#runs.keys(), traces: this.#traces.toJSON() }
  }

  restore({ runs, traces }: DepartedJson): void {
    for (const runId of runs) this.#runs.add(runId, null)
    for (const [traceId, spans] of traces) this.#traces.add(traceId, [...spans])
  }
}

export interface DepartedJson {
  readonly runs: readonly string[]
  readonly traces: readonly (readonly [TraceId, readonly SpanId[]])[]
}

const RUN_SPANS_MAX = 256

function forgetOldest<Value>(held: OldestFirst<Value>, max: number): void {
  const oldest = held.size > max ? held.oldest() : null
  if (oldest !== null) held.delete(oldest.key)
}
