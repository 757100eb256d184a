/** What the lines of a snapshot look like. What can be worked out from the rest is left out and worked out again. */
import type { RunRow } from '../../contract/runs.ts'
import type { Gap } from '../entry.ts'
import type { ConnectionFacts, InstanceFacts, RunFacts } from '../run.ts'
import type { Source } from '../signal.ts'
import type { Label } from './shelf/shelf.ts'
import { newRun, type BookCounters, type BookRun, type BookState, type Settled } from './book-state.ts'
import type { DepartedJson } from './departed.ts'
import type { LessonJson } from './learn/lessons.ts'
import type { WrittenConnections } from './connection-book.ts'
import type { WrittenSources } from './source-book.ts'
import { openTrace, type HomeKey, type Trace, type TraceSpan } from './trace.ts'

/** Grows when a line below, or the facts in it, change. */
export const SNAPSHOT_VERSION = 16

/** The first line. */
export interface Head {
  readonly version: number
  readonly contract: string
  readonly now: number
  /** Whose values the lists below hold, in order. */
  readonly keys: {
    readonly facts: readonly string[]
    readonly trace: readonly string[]
    readonly span: readonly string[]
  }
  readonly gaps: readonly Gap[]
  readonly counters: BookCounters
  readonly unknownEvents: BookState['unknownEvents']
}

/** Runs and traces that hang together, and the sources they are the first to name. */
export interface Group {
  readonly runs: readonly WrittenRun[]
  readonly traces: readonly WrittenTrace[]
  readonly sources: readonly (readonly [number: number, source: Source])[]
}

/** Every line after the first says one or more of these. The last one says `isWhole`. */
export interface Line extends Partial<Group>, WrittenSources, WrittenConnections {
  readonly instances?: readonly (readonly [string, InstanceFacts])[]
  readonly connections?: readonly (readonly [string, ConnectionFacts])[]
  readonly sessions?: readonly (readonly [string, readonly string[]])[]
  /** Runs on the shelf, by the connections that they share with runs in memory. */
  readonly shared?: readonly (readonly [string, readonly string[]])[]
  readonly homeless?: readonly (readonly [string, number])[]
  readonly settled?: readonly (readonly [string, Settled])[]
  readonly sealed?: readonly (readonly [string, number])[]
  readonly departed?: Partial<DepartedJson>
  readonly lessons?: readonly LessonJson[]
  /** What numbers of texts stand for in shelved records, in order. */
  readonly texts?: readonly string[]
  /** Their bytes in base64. */
  readonly shelved?: readonly (readonly [Label, string])[]
  readonly isWhole?: true
}

export interface WrittenRun extends Pick<BookRun, 'isSealed' | 'finished'> {
  readonly facts: readonly unknown[]
  /** Of a sealed run, whose spans are in no trace any more. */
  readonly open: RunFacts['open'] | null
  readonly judged: (Omit<Judged, 'row'> & { readonly row: OwnRow }) | null
}
type Judged = NonNullable<BookRun['judged']>
/** What neither the facts of a run nor its verdict say. */
type OwnRow = Pick<RunRow, 'startedAt' | 'lastProgressAt' | 'endedAt' | 'delivery'>

/** A span's source is a number: its place among the sources. */
export interface WrittenTrace {
  readonly trace: readonly unknown[]
  readonly runs: readonly (readonly [HomeKey, string])[]
  readonly hints: readonly (readonly [string, string])[]
  readonly spans: readonly { readonly span: readonly unknown[]; readonly source: number }[]
}

export const NOBODY: Source = {
  service: null,
  version: null,
  environment: null,
  instance: null,
  workingDirectory: null,
  contract: null,
}
const BLANK_RUN: RunFacts = newRun('', NOBODY, 0)
const BLANK_TRACE: Trace = openTrace('', 0, false)
export const BLANK_SPAN: TraceSpan = {
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
  thoughtAt: null,
  endsWellAnyhow: false,
  defers: false,
  endWrittenBy: null,
  holdsTools: false,
  unreported: false,
  stopReason: null,
  repeatedEvery: null,
  heardAt: 0,
  isAgent: false,
  endedAt: null,
  finishedAt: null,
  status: 'unset',
  statusMessage: null,
  exception: null,
  errorType: null,
  draft: null,
  isNews: false,
  lineage: null,
  learned: null,
  quietMs: 0,
  asksLearned: false,
  isCounted: false,
  wasFlagged: false,
}

// Open spans are in their traces, aliases in the runs they mean, lineages in the making; which agents are steps is worked out anew.
export const KEYS = {
  facts: keysOf(BLANK_RUN, ['open']),
  trace: keysOf(BLANK_TRACE, ['spans', 'runs', 'hints', 'touched', 'writtenIn']),
  span: keysOf(BLANK_SPAN, ['source', 'lineage', 'isAgent']),
}

function keysOf<Data extends object>(data: Data, without: readonly (keyof Data)[]): (keyof Data)[] {
  return (Object.keys(data) as (keyof Data)[]).filter((key) => !without.includes(key))
}

/** What most runs, traces and spans say under these keys. */
export const BLANKS = {
  facts: KEYS.facts.map((key) => BLANK_RUN[key]),
  trace: KEYS.trace.map((key) => BLANK_TRACE[key]),
  span: KEYS.span.map((key) => BLANK_SPAN[key]),
}
