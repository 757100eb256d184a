/** A snapshot's lines back into a book. */
import type { RunRow } from '../../contract/runs.ts'
import type { RunFacts } from '../run.ts'
import type { Source } from '../signal.ts'
import { addTo, newRun, type BookState } from './book-state.ts'
import { findHomes } from './find-homes.ts'
import { projectRun } from './project-run.ts'
import { replaceHome } from './settle-trace.ts'
import { restoreSources } from './source-book.ts'
import {
  BLANK_SPAN,
  NOBODY,
  SNAPSHOT_VERSION,
  type Group,
  type Head,
  type Line,
  type WrittenRun,
  type WrittenTrace,
} from './snapshot-form.ts'
import { openTrace } from './trace.ts'
import { fromValues } from './value-list.ts'

export interface Restoring {
  /** The next line. @throws Error when another version wrote it */
  take(text: string): void
  /** @returns the hash of the contract that reached the verdicts. @throws Error when lines are missing */
  done(): { readonly contract: string }
}

/** Fill an empty state, line by line. */
export function restoreSnapshot(state: BookState): Restoring {
  let head: Head | null = null
  let isWhole = false
  const sources = new Map<number, Source>()
  return {
    take(text) {
      // Our own lines: the version in the first says that the others have this shape.
      if (head === null) return void (head = restoreHead(state, JSON.parse(text) as Head))
      const line = JSON.parse(text) as Line
      restoreLists(state, line)
      if (line.runs && line.traces && line.sources) restoreGroup(state, line as Group, head, sources)
      isWhole = line.isWhole ?? false
    },
    done() {
      if (head === null || !isWhole) throw new Error('the checkpoint is not whole: rebuild it from the log')
      return { contract: head.contract }
    },
  }
}

function restoreHead(state: BookState, head: Head): Head {
  if (head.version !== SNAPSHOT_VERSION)
    throw new Error(
      `the checkpoint has version ${head.version}, this program reads ${SNAPSHOT_VERSION}: rebuild it from the log`,
    )
  state.now = head.now
  state.deafness = [...head.deafness]
  Object.assign(state.counters, head.counters)
  Object.assign(state.unknownEvents, head.unknownEvents)
  return head
}

function restoreLists(state: BookState, line: Line): void {
  for (const [id, facts] of line.instances ?? []) state.instances.set(id, facts)
  for (const [id, facts] of line.connections ?? []) state.connections.set(id, facts)
  for (const [id, runs] of line.sessions ?? []) state.runsOfSession.set(id, runs)
  for (const [id, at] of line.homeless ?? []) state.homeless.add(id, at)
  for (const [id, settled] of line.settled ?? []) state.settled.add(id, settled)
  for (const [id, at] of line.sealed ?? []) state.sealed.add(id, at)
  restoreSources(state.sourceBook, line)
  if (line.departed) state.departed.restore({ runs: [], traces: [], ...line.departed })
}

/** Its runs first: a home is put into a run that is there. */
function restoreGroup(state: BookState, group: Group, { keys }: Head, sources: Map<number, Source>): void {
  for (const [number, source] of group.sources) sources.set(number, state.sources.find(source))
  for (const run of group.runs) restoreRun(state, run, keys)
  for (const trace of group.traces) restoreTrace(state, trace, keys, sources)
  for (const { facts } of group.runs) {
    const run = state.runs.get(String(facts[keys.facts.indexOf('id')]))
    if (run !== undefined && run.homes.length > 0) projectRun(run.facts, run.homes)
  }
}

function restoreRun(state: BookState, written: WrittenRun, keys: Head['keys']): void {
  const { isSealed, finished } = written
  const facts = fromValues(written.facts, keys.facts, newRun('', NOBODY, 0))
  const judged = written.judged && { ...written.judged, row: readRow(facts, written.judged) }
  const run = { facts, judged, isSealed, finished: [...finished], homes: [], touched: null, writtenIn: state.snapshots }
  state.runs.set(facts.id, run)
  state.looks.set(facts.id, judged?.lookAgainAt ?? null)
  for (const other of facts.otherIds) state.aliases.set(other, facts.id)
  if (facts.instance !== null) addTo(state.runsOfInstance, facts.instance, facts.id)
  for (const message of Object.values(facts.messages))
    for (const { connectionId } of Object.values(message.sends))
      if (connectionId !== null) addTo(state.runsOfConnection, connectionId, facts.id)
}

/** A row repeats much of the run's facts and of its verdict. */
function readRow(facts: RunFacts, { row, verdict }: NonNullable<WrittenRun['judged']>): RunRow {
  const { id, rev, traceId, agent, service, version, environment, userId, sessionId } = facts
  const { status, step, cause, confidence, explainedBy } = verdict
  const run = { id, rev, traceId, agent, service, version, environment, userId, sessionId }
  return { ...run, status, step, cause, confidence, explainedBy, ...row, events: facts.messagesEmitted }
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
