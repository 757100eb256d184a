/** Runs and traces that hang together, from their values back into a book. */
import type { RunRow } from '../../contract/runs.ts'
import type { RunFacts } from '../run.ts'
import type { Source } from '../signal.ts'
import { addTo, newRun, type BookRun, type BookState } from './book-state.ts'
import { findHomes } from './find-homes.ts'
import { projectRun } from './project-run.ts'
import { replaceHome } from './settle-trace.ts'
import { BLANK_SPAN, NOBODY, type Group, type Head, type WrittenRun, type WrittenTrace } from './snapshot-form.ts'
import { openTrace } from './trace.ts'
import { fromValues } from './value-list.ts'

/** @returns its runs, in their order */
export function restoreGroup(
  state: BookState,
  group: Pick<Group, 'runs' | 'traces'>,
  keys: Head['keys'],
  sources: ReadonlyMap<number, Source>,
): BookRun[] {
  // Its runs first: a home is put into a run that is there.
  const runs = group.runs.map((run) => restoreRun(state, run, keys))
  for (const trace of group.traces) restoreTrace(state, trace, keys, sources)
  for (const run of runs) if (run.homes.length > 0) projectRun(run.facts, run.homes)
  return runs
}

function restoreRun(state: BookState, written: WrittenRun, keys: Head['keys']): BookRun {
  const { isSealed, finished } = written
  const facts = fromValues(written.facts, keys.facts, newRun('', NOBODY, 0))
  if (written.open !== null) facts.open = written.open
  const judged = written.judged && { ...written.judged, row: readRow(facts, written.judged) }
  const run: BookRun = {
    facts,
    judged,
    isSealed,
    finished: [...finished],
    homes: [],
    touched: null,
    isLively: false,
    writtenIn: state.snapshots,
  }
  state.runs.set(facts.id, run)
  state.looks.set(facts.id, judged?.lookAgainAt ?? null)
  for (const other of facts.otherIds) state.aliases.set(other, facts.id)
  if (facts.instance !== null) addTo(state.runsOfInstance, facts.instance, facts.id)
  return run
}

/** A row repeats much of the run's facts and of its verdict. */
function readRow(facts: RunFacts, { row, verdict }: NonNullable<WrittenRun['judged']>): RunRow {
  const { id, rev, traceId, agent, service, version, environment, userId, sessionId } = facts
  const { status, step, cause, confidence, unconfirmed, explainedBy } = verdict
  const run = { id, rev, traceId, agent, service, version, environment, userId, sessionId }
  const isUnconfirmed = unconfirmed !== null
  return { ...run, status, step, cause, confidence, isUnconfirmed, explainedBy, ...row, events: facts.messagesEmitted }
}

function restoreTrace(
  state: BookState,
  written: WrittenTrace,
  keys: Head['keys'],
  sources: ReadonlyMap<number, Source>,
): void {
  const trace = fromValues(written.trace, keys.trace, openTrace('', 0, false, state.snapshots))
  for (const [key, runId] of written.runs) trace.runs.set(key, runId)
  if (written.hints.length > 0) trace.hints = new Map(written.hints)
  for (const { span, source } of written.spans) {
    const blank = { ...BLANK_SPAN, source: sources.get(source) ?? NOBODY }
    const restored = fromValues(span, keys.span, blank)
    trace.spans.set(restored.spanId, restored)
  }
  state.traces.set(trace.traceId, trace)
  state.settling.set(trace.traceId, trace.settleAt)
  for (const home of findHomes(trace)) {
    const run = state.runs.get(trace.runs.get(home.key) ?? '')
    if (run !== undefined && !run.isSealed) replaceHome(run, home)
  }
}
