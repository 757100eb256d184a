import { seconds, minutes, type Instant, type Millis } from '../../contract/units.ts'
import { isSettled, removeFrom, type BookRun, type BookState } from './book-state.ts'
import type { Home } from './find-homes.ts'
import { keepAsWas } from './snapshot-writer.ts'
import { forgetSession } from './take-up.ts'

export interface Limits {
  readonly runsMax: number
  readonly settledMax: number
  /** Spans of settled runs; beyond it the runs that settled first are sealed before their time. */
  readonly settledSpansMax: number
  readonly settledLingerMs: Millis
}

/** A settled run keeps its spans this long, for finals that took the slow road. */
const SEAL_AFTER: Millis = seconds(60)
/** A trace in which no agent shows itself for so long has none. */
const HOMELESS_MS: Millis = minutes(10)
const HOMELESS_MAX = 20_000
const CONNECTIONS_MAX = 200_000
const INSTANCES_MAX = 10_000

/** A run is settled from when nothing but news can change it; news may open it again. */
export function noteSettled(state: BookState, run: BookRun, now: Instant): void {
  const { id } = run.facts
  if (run.isSealed) return
  if (!isSettled(run)) state.settled.delete(id)
  else state.settled.add(id, { at: now, spans: run.homes.reduce((sum, { members }) => sum + members.length, 0) })
}

/**
 * Let go of what is over: settled runs first of their spans, then of themselves, oldest first; closed connections;
 * traces without a run. Never of an open run.
 */
export function letGo(state: BookState, limits: Limits, now: Instant): void {
  for (let run = state.settled.oldest(); run !== null; run = state.settled.oldest()) {
    if (run.value.at + SEAL_AFTER > now && state.settled.weight <= limits.settledSpansMax) break
    seal(state, run.key, run.value.at)
  }
  for (let run = state.sealed.oldest(); run !== null; run = state.sealed.oldest()) {
    if (run.value + limits.settledLingerMs > now && state.sealed.size <= limits.settledMax) break
    depart(state, run.key)
  }
  for (let trace = state.homeless.oldest(); trace !== null; trace = state.homeless.oldest()) {
    if (trace.value + HOMELESS_MS > now && state.homeless.size <= HOMELESS_MAX) break
    const held = state.traces.get(trace.key)
    if (held !== undefined) keepAsWas(state, held)
    state.homeless.delete(trace.key)
    state.traces.delete(trace.key)
    state.counters.tracesWithoutRun++
  }
  if (state.connections.size > CONNECTIONS_MAX)
    dropOldest(state.connections, (id) => state.runsOfConnection.get(id) !== undefined)
  if (state.instances.size > INSTANCES_MAX)
    dropOldest(state.instances, (id) => state.runsOfInstance.has(id) || state.shelf.hasInstance(id))
}

/** Room for one more run. @returns false when every run in the book is open. */
export function makeRoomForRun(state: BookState, limits: Limits): boolean {
  if (state.runs.size + state.shelf.runs < limits.runsMax) return true
  const oldest = state.sealed.oldest() ?? state.settled.oldest()
  if (oldest === null) {
    state.counters.turnedAway++
    return false
  }
  seal(state, oldest.key, state.now)
  depart(state, oldest.key)
  state.counters.crowdedOut++
  return true
}

function seal(state: BookState, id: string, settledAt: Instant): void {
  const run = state.runs.get(id)
  if (!state.settled.delete(id) || run === undefined) return
  keepAsWas(state, run)
  state.sealed.add(id, settledAt)
  run.isSealed = true
  for (const home of run.homes) leaveTrace(state, home)
  run.homes = []
}

function leaveTrace(state: BookState, { traceId, key, root, members }: Home): void {
  state.departed.addTrace(traceId, root?.spanId ?? null)
  const trace = state.traces.get(traceId)
  if (trace === undefined) return
  trace.hasDeparted = true
  trace.runs.delete(key)
  // What is left beside its runs are spans of none, such as the HTTP request around them.
  if (trace.runs.size === 0) state.traces.delete(traceId)
  else for (const span of members) trace.spans.delete(span.spanId)
}

function depart(state: BookState, id: string): void {
  const run = state.runs.get(id)
  if (run !== undefined) keepAsWas(state, run)
  state.sealed.delete(id)
  state.settled.delete(id)
  state.looks.set(id, null)
  state.runs.delete(id)
  state.departed.addRun(id)
  if (run === undefined) return
  for (const other of run.facts.otherIds) {
    state.aliases.delete(other)
    state.departed.addRun(other)
  }
  if (run.facts.instance !== null) removeFrom(state.runsOfInstance, run.facts.instance, id)
  forgetSession(state, run)
  const { traceId } = run.facts
  if (traceId !== null && state.traces.get(traceId)?.spans.size === 0) state.traces.delete(traceId)
  for (const message of Object.values(run.facts.messages))
    for (const { connectionId } of Object.values(message.sends))
      if (connectionId !== null) forgetConnection(state, connectionId, id)
}

/** A closed connection is kept for as long as a run in the book used it. */
function forgetConnection(state: BookState, connectionId: string, runId: string): void {
  removeFrom(state.runsOfConnection, connectionId, runId)
  const isClosed = (state.connections.get(connectionId)?.closedAt ?? null) !== null
  if (isClosed && state.runsOfConnection.get(connectionId) === undefined) state.connections.delete(connectionId)
}

function dropOldest(held: Map<string, unknown>, isInUse: (key: string) => boolean): void {
  for (const key of held.keys()) {
    if (isInUse(key)) continue
    held.delete(key)
    return
  }
}
