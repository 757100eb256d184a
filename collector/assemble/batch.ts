/** What one entry of the log touches, on its way through the folds. */
import type { Instant } from '../../contract/units.ts'
import type { Contracts } from '../contracts.ts'
import type { BookRun } from './book-state.ts'
import type { Limits } from './let-go.ts'
import type { Trace } from './trace.ts'

/** What was touched, in order, each once: the marks on traces and runs see to that. */
export interface Batch {
  readonly traces: Trace[]
  readonly runs: BookRun[]
  /** The trace of the latest span. */
  latest: Trace | null
}

export interface Scene {
  readonly contracts: Contracts
  readonly limits: Limits
  readonly now: Instant
}

export function startBatch(): Batch {
  return { traces: [], runs: [], latest: null }
}

/** @param hasNews whether a person would see it; else the run is only judged anew. */
export function touch(batch: Batch, run: BookRun, hasNews: boolean): void {
  run.isLively = true
  if (run.touched === null) batch.runs.push(run)
  if (hasNews) run.touched = 'news'
  else run.touched ??= 'quietly'
}

export function touchTrace(batch: Batch, trace: Trace, by: 'news' | 'progress'): void {
  if (trace.touched === null) batch.traces.push(trace)
  if (by === 'news') trace.touched = 'news'
  else trace.touched ??= 'progress'
}
