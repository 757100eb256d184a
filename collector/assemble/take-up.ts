/**
 * A run that ended to wait for somebody is over when a later run of its session goes on with what it had left.
 *
 * ```
 * run 1  ── model ── tool, deferred ─┤ waiting ·  ·  ·  ·  · completed, taken up by run 2
 * run 2                                        the answer ─├── tool ── model ──┤
 * ```
 */
import type { Instant } from '../../contract/units.ts'
import { touch, type Batch } from './batch.ts'
import { runOf, type BookRun, type BookState } from './book-state.ts'
import { decideOutcome } from './decide-outcome.ts'
import { keepAsWas } from './snapshot-writer.ts'

/** A conversation has one run at a time; a sender with one session for everybody must not make each run look at all. */
const RUNS_OF_SESSION_MAX = 32

/** To be called when what a run's records say was written into it: it may take up another, or have been taken up. */
export function takeUp(state: BookState, batch: Batch, run: BookRun): void {
  const { id, sessionId } = run.facts
  if (sessionId === null) return
  const known = state.runsOfSession.get(sessionId) ?? []
  const ids = known.includes(id) ? known : [...known, id].slice(-RUNS_OF_SESSION_MAX)
  if (ids !== known) state.runsOfSession.set(sessionId, ids)
  if (ids.length === 1) return
  const runs = ids.map((each) => state.runs.get(each)).filter((each) => each?.facts.sessionId === sessionId)
  for (const waiting of runs) {
    const next = waiting && successorOf(state, waiting, runs)
    if (next === undefined || waiting === undefined) continue
    keepAsWas(state, waiting)
    waiting.facts.takenUpBy = next
    decideOutcome(waiting.facts)
    touch(batch, waiting, true)
  }
}

export function forgetSession(state: BookState, { facts: { id, sessionId } }: BookRun): void {
  const ids = state.runsOfSession.get(sessionId ?? '')?.filter((each) => each !== id)
  if (ids === undefined || sessionId === null) return
  if (ids.length > 0) state.runsOfSession.set(sessionId, ids)
  else state.runsOfSession.delete(sessionId)
}

/**
 * The first run to start after a run had ended to wait, both by their senders' clocks, so that it does not matter which
 * was heard of first. One that has left the book stays what it was found to be.
 * @returns undefined when that is no news
 */
function successorOf(state: BookState, waiting: BookRun, runs: readonly (BookRun | undefined)[]): string | undefined {
  const { deferral, spanFinishedAt, takenUpBy } = waiting.facts
  if (deferral === null || spanFinishedAt === null) return undefined
  if (takenUpBy !== null && runOf(state, takenUpBy) === undefined) return undefined
  let first: BookRun | undefined
  for (const run of runs)
    if (run !== undefined && run !== waiting && startOf(run) >= spanFinishedAt && isBefore(run, first)) first = run
  return first?.facts.id === takenUpBy ? undefined : first?.facts.id
}

function isBefore(run: BookRun, other: BookRun | undefined): boolean {
  if (other === undefined) return true
  return startOf(run) < startOf(other) || (startOf(run) === startOf(other) && run.facts.id < other.facts.id)
}

/** By its sender's clock alone, however wrong: `startedAt` is ours when that is earlier. */
function startOf({ facts: { spanStartedAt, startedAt } }: BookRun): Instant {
  return spanStartedAt ?? startedAt
}
