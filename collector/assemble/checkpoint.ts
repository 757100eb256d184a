/** The book as JSON, and back. What can be worked out from the rest is left out and worked out again. */
import type { RunRow } from '../../contract/runs.ts'
import type { RunFacts } from '../run.ts'
import type { Source } from '../signal.ts'
import { addTo, newRun, type BookRun, type BookState } from './book-state.ts'
import type { DepartedJson } from './departed.ts'
import { findHomes } from './find-homes.ts'
import { projectRun } from './project-run.ts'
import { replaceHome } from './settle-trace.ts'
import { openTrace, type HomeKey, type Trace, type TraceSpan } from './trace.ts'
import { fromValues, toValues } from './value-list.ts'

/** Grows when the shape below, or of the facts in it, changes. */
const VERSION = 3

interface Snapshot {
  readonly version: number
  readonly contract: string
  readonly now: number
  /** Whose values the lists below hold, in order. */
  readonly keys: {
    readonly facts: readonly string[]
    readonly trace: readonly string[]
    readonly span: readonly string[]
  }
  readonly sources: readonly Source[]
  readonly runs: readonly WrittenRun[]
  readonly traces: readonly WrittenTrace[]
  readonly homeless: [string, number][]
  readonly settled: [string, number][]
  readonly sealed: [string, number][]
  readonly instances: BookState['instances'] extends Map<string, infer Facts> ? [string, Facts][] : never
  readonly connections: BookState['connections'] extends Map<string, infer Facts> ? [string, Facts][] : never
  readonly deafness: BookState['deafness']
  readonly departed: DepartedJson
  readonly counters: BookState['counters']
  readonly unknownEvents: BookState['unknownEvents']
}

interface WrittenRun extends Pick<BookRun, 'isSealed' | 'finished'> {
  readonly facts: readonly unknown[]
  readonly judged: (Omit<Judged, 'row'> & { readonly row: OwnRow }) | null
}
type Judged = NonNullable<BookRun['judged']>
/** What neither the facts of a run nor its verdict say. */
type OwnRow = Pick<RunRow, 'startedAt' | 'lastProgressAt' | 'endedAt' | 'delivery'>

/** A span's source is a number: its place among the sources. */
interface WrittenTrace {
  readonly trace: readonly unknown[]
  readonly runs: [HomeKey, string][]
  readonly hints: [string, string][]
  readonly spans: readonly { readonly span: readonly unknown[]; readonly source: number }[]
}

const NOBODY: Source = {
  service: null,
  version: null,
  environment: null,
  instance: null,
  workingDirectory: null,
  contract: null,
}
const BLANK_RUN: RunFacts = newRun('', NOBODY, 0)
const BLANK_TRACE: Trace = openTrace('', 0, false)
const BLANK_SPAN: TraceSpan = {
  spanId: '',
  parentSpanId: null,
  source: NOBODY,
  name: '',
  role: 'plumbing',
  phase: null,
  stepName: null,
  code: null,
  named: null,
  seq: 0,
  openedAt: 0,
  startedAt: 0,
  progressAt: 0,
  progress: 0,
  waiting: false,
  unreported: false,
  stopReason: null,
  endedAt: null,
  finishedAt: null,
  status: 'unset',
  statusMessage: null,
  exception: null,
  errorType: null,
  draft: null,
  isNews: false,
  lineage: null,
}

// Open spans are in their traces, aliases in the runs they mean, lineages in the making.
const KEYS = {
  facts: keysOf(BLANK_RUN, ['open']),
  trace: keysOf(BLANK_TRACE, ['spans', 'runs', 'hints', 'isTouched']),
  span: keysOf(BLANK_SPAN, ['source', 'lineage']),
}

function keysOf<Data extends object>(data: Data, without: readonly (keyof Data)[]): (keyof Data)[] {
  return (Object.keys(data) as (keyof Data)[]).filter((key) => !without.includes(key))
}

export function writeState(state: BookState, contract: string): string {
  const sources = new Map<Source, number>()
  const numberOf = (source: Source): number => {
    const number = sources.get(source) ?? sources.size
    sources.set(source, number)
    return number
  }
  const traces = Array.from(state.traces.values(), (trace): WrittenTrace => ({
    trace: toValues(trace, KEYS.trace),
    runs: [...trace.runs],
    hints: [...trace.hints],
    spans: Array.from(trace.spans.values(), (span) => {
      return { span: toValues(span, KEYS.span), source: numberOf(span.source) }
    }),
  }))
  const snapshot: Snapshot = {
    version: VERSION,
    contract,
    now: state.now,
    keys: KEYS,
    sources: [...sources.keys()],
    runs: Array.from(state.runs.values(), writeRun),
    traces,
    homeless: state.homeless.toJSON(),
    settled: state.settled.toJSON(),
    sealed: state.sealed.toJSON(),
    instances: [...state.instances],
    connections: [...state.connections],
    deafness: state.deafness,
    departed: state.departed.toJSON(),
    counters: state.counters,
    unknownEvents: state.unknownEvents,
  }
  return JSON.stringify(snapshot)
}

function writeRun({ facts, judged, isSealed, finished }: BookRun): WrittenRun {
  const written = toValues(facts, KEYS.facts)
  if (judged === null) return { facts: written, judged, isSealed, finished }
  const { startedAt, lastProgressAt, endedAt, delivery } = judged.row
  const row = { startedAt, lastProgressAt, endedAt, delivery }
  return { facts: written, judged: { ...judged, row }, isSealed, finished }
}

/** A row repeats much of the run's facts and of its verdict. */
function readRow(facts: RunFacts, { row, verdict }: NonNullable<WrittenRun['judged']>): RunRow {
  const { id, rev, traceId, agent, service, version, environment, userId, sessionId } = facts
  const { status, step, cause, confidence } = verdict
  const run = { id, rev, traceId, agent, service, version, environment, userId, sessionId }
  return { ...run, status, step, cause, confidence, ...row, events: facts.messagesEmitted }
}

/** Fill an empty state. @returns the hash of the contract that reached the verdicts in it. */
export function restoreState(state: BookState, json: string): { readonly contract: string } {
  // Our own file: its version says that it has this shape.
  const snapshot = JSON.parse(json) as Snapshot
  if (snapshot.version !== VERSION)
    throw new Error(
      `the checkpoint has version ${snapshot.version}, this program reads ${VERSION}: rebuild it from the log`,
    )
  state.now = snapshot.now
  state.deafness = snapshot.deafness
  Object.assign(state.counters, snapshot.counters)
  Object.assign(state.unknownEvents, snapshot.unknownEvents)
  state.departed.restore(snapshot.departed)
  for (const key of ['homeless', 'settled', 'sealed'] as const)
    for (const [id, at] of snapshot[key]) state[key].add(id, at)
  for (const [id, facts] of snapshot.instances) state.instances.set(id, facts)
  for (const [id, facts] of snapshot.connections) state.connections.set(id, facts)
  for (const run of snapshot.runs) restoreRun(state, run, snapshot)
  for (const trace of snapshot.traces) restoreTrace(state, trace, snapshot)
  for (const run of state.runs.values()) if (run.homes.length > 0) projectRun(run.facts, run.homes)
  return { contract: snapshot.contract }
}

function restoreRun(state: BookState, written: WrittenRun, { keys }: Snapshot): void {
  const { isSealed, finished } = written
  const facts = fromValues(written.facts, keys.facts, newRun('', NOBODY, 0))
  const judged = written.judged && { ...written.judged, row: readRow(facts, written.judged) }
  state.runs.set(facts.id, { facts, judged, isSealed, finished: [...finished], homes: [], touched: null })
  state.looks.set(facts.id, judged?.lookAgainAt ?? null)
  for (const other of facts.otherIds) state.aliases.set(other, facts.id)
  if (facts.instance !== null) addTo(state.runsOfInstance, facts.instance, facts.id)
  for (const message of Object.values(facts.messages))
    for (const { connectionId } of Object.values(message.sends))
      if (connectionId !== null) addTo(state.runsOfConnection, connectionId, facts.id)
}

function restoreTrace(state: BookState, written: WrittenTrace, { keys, sources }: Snapshot): void {
  const trace = fromValues(written.trace, keys.trace, openTrace('', 0, false))
  for (const [key, runId] of written.runs) trace.runs.set(key, runId)
  if (written.hints.length > 0) trace.hints = new Map(written.hints)
  for (const { span, source } of written.spans) {
    const blank = { ...BLANK_SPAN, source: state.sources.find(sources[source] ?? NOBODY) }
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
