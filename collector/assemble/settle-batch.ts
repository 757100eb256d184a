/** Which of the traces that an entry touched are settled with it, and which wait. */
import type { Instant } from '../../contract/units.ts'
import type { Batch, Scene } from './batch.ts'
import type { BookState } from './book-state.ts'
import { settleAt, settleProgressAt } from './settle-at.ts'
import { settleTrace } from './settle-trace.ts'
import type { Trace } from './trace.ts'

/** Settle what was touched, or note until when it waits; and what waited of a run that is judged now in any case. */
export function settleBatch(state: BookState, batch: Batch, scene: Scene): void {
  for (const trace of batch.traces) {
    const at = waitsUntil(state, trace, scene.now)
    trace.touched = null
    if (at === null) settleNow(state, batch, trace, scene)
    else if (at < (trace.settleAt ?? Infinity)) state.settling.set(trace.traceId, (trace.settleAt = at))
  }
  // The list grows while it is walked.
  for (const run of batch.runs)
    for (const { traceId } of run.homes) {
      const trace = state.traces.get(traceId)
      const isShort = trace !== undefined && settleAt(trace.spans.size, scene.now) === null
      if (isShort && trace.settleAt !== null) settleNow(state, batch, trace, scene)
    }
}

/** Settle those that wait, before their time. */
export function settleWaiting(state: BookState, batch: Batch, traceIds: Iterable<string>, scene: Scene): void {
  for (const traceId of traceIds) {
    const trace = state.traces.get(traceId)
    if (trace !== undefined && trace.settleAt !== null) settleNow(state, batch, trace, scene)
  }
}

function settleNow(state: BookState, batch: Batch, trace: Trace, scene: Scene): void {
  if (trace.settleAt !== null) state.settling.set(trace.traceId, null)
  settleTrace(state, batch, trace, scene)
}

/** Null for at once. */
function waitsUntil(state: BookState, trace: Trace, now: Instant): Instant | null {
  return trace.touched === 'progress' && isFine(state, trace) ? settleProgressAt(now) : settleAt(trace.spans.size, now)
}

/** That they go on is nothing new of its runs. */
function isFine(state: BookState, { runs }: Trace): boolean {
  for (const id of runs.values()) {
    const verdict = state.runs.get(id)?.judged?.verdict
    if (verdict?.status !== 'running' || verdict.unconfirmed !== null) return false
  }
  return runs.size > 0
}
