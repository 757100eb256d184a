/** What the run book holds between two entries of the log. It changes in this folder only. */
import { OPEN_STATUSES } from '../../contract/statuses.ts'
import type { Phase } from '../../contract/phases.ts'
import type { RunRow, Verdict } from '../../contract/runs.ts'
import type { Instant, Millis } from '../../contract/units.ts'
import type { Gap } from '../entry.ts'
import type { ConnectionFacts, InstanceFacts, RunFacts } from '../run.ts'
import type { Source } from '../signal.ts'
import { Departed } from './departed.ts'
import type { Home } from './find-homes.ts'
import { HeldMap } from './held-map.ts'
import { Lessons } from './learn/lessons.ts'
import { LookHeap } from './look-heap.ts'
import { OldestFirst } from './oldest-first.ts'
import type { PackedRun } from './pack-group.ts'
import { Shelf } from './shelf/shelf.ts'
import { StringPool } from './shelf/string-pool.ts'
import { ValueWriter } from './shelf/value-writer.ts'
import type { SnapshotWriter } from './snapshot-writer.ts'
import { openConnectionBook, type ConnectionBook } from './connection-book.ts'
import { openSourceBook, type SourceBook } from './source-book.ts'
import { SourcePool } from './source-pool.ts'
import type { Trace } from './trace.ts'

/** What a run was concluded to be, at a moment. */
export interface Judged {
  readonly at: Instant
  readonly verdict: Verdict
  readonly row: RunRow
  readonly lookAgainAt: Instant | null
}

export interface BookRun {
  readonly facts: RunFacts
  /** Null until first judged, at the end of the batch that made the run. */
  judged: Judged | null
  /** Its spans, one home a trace. Empty once sealed. */
  homes: Home[]
  /** Its spans were let go; only messages may still change it. */
  isSealed: boolean
  /** Steps that ended since the last change told. */
  finished: { readonly phase: Phase; readonly ms: Millis }[]
  /** What the batch at hand has for it. */
  touched: 'news' | 'quietly' | null
  /** Something came of it since the hand passed by. */
  isLively: boolean
  /** The latest snapshot that needs no more of it (`snapshot-writer.ts`). */
  writtenIn: number
}

/** A run that nothing but news can change. */
export interface Settled {
  readonly at: Instant
  /** How many it then held. */
  readonly spans: number
}

export interface BookCounters {
  /** Runs not taken in because the book was full of open ones. */
  turnedAway: number
  /** Settled runs let go before their time to make room. */
  crowdedOut: number
  /** Records that came after their run had left. */
  tooLate: number
  /** Traces without an agent in them, let go. */
  tracesWithoutRun: number
}

export interface BookState {
  /** The latest moment folded or judged. */
  now: Instant
  readonly runs: HeldMap<BookRun>
  /** Further ids of runs: what their `otherIds` say, the other way round. */
  readonly aliases: Map<string, string>
  readonly traces: HeldMap<Trace>
  /** Traces without a run so far, oldest first. */
  readonly homeless: OldestFirst<Instant>
  readonly sources: SourcePool
  readonly sourceBook: SourceBook
  readonly connectionBook: ConnectionBook
  readonly instances: Map<string, InstanceFacts>
  readonly connections: Map<string, ConnectionFacts>
  readonly runsOfInstance: Map<string, Set<string>>
  readonly runsOfConnection: HeldMap<Set<string>>
  /** The latest runs of each session, in the order in which they came. The lists are replaced, never changed. */
  readonly runsOfSession: HeldMap<readonly string[]>
  /** Quiet open runs, outside the heap: `shelve.ts`. */
  readonly shelf: Shelf
  readonly texts: StringPool
  readonly packing: ValueWriter
  /** Goes round and round over the runs in memory, looking for quiet ones. */
  hand: Iterator<BookRun, unknown>
  /** What the judge said of a run that comes back from the shelf. */
  readonly judgeAsWas: (run: BookRun, packed: PackedRun['judged']) => Judged
  gaps: readonly Gap[]
  readonly looks: LookHeap
  /** When to look at all runs of a process. */
  readonly beats: LookHeap
  /** Long traces whose news wait for the end of their slot. */
  readonly settling: LookHeap
  /** Settled runs in the order in which they settled: to be sealed, then to leave. Weighs their spans. */
  readonly settled: OldestFirst<Settled>
  readonly sealed: OldestFirst<Instant>
  readonly departed: Departed
  /** How long steps take. */
  readonly lessons: Lessons
  readonly counters: BookCounters
  /** How many snapshots were begun. */
  snapshots: number
  /** The one under way. */
  writing: SnapshotWriter | null
  /** Messages of types that the run's contract does not know, by type. */
  readonly unknownEvents: Record<string, number>
}

/** What the shelf is asked by. */
export const KEY = { run: 'r:', trace: 't:', connection: 'c:', session: 's:' } as const

/** Brings back what knows a key. @returns false when nothing on the shelf does */
export type Recall = (state: BookState, key: string) => boolean

/** As many runs, and as many traces, as an hour of a busy collector has; a quarter of a kilobyte each. */
const DEPARTED_MAX = 50_000

export function openState(judgeAsWas: BookState['judgeAsWas'], recall: Recall): BookState {
  const texts = new StringPool()
  const held = <Value>(kind: keyof typeof KEY) => new HeldMap<Value>((id) => recall(state, KEY[kind] + id))
  const runs = held<BookRun>('run')
  const state: BookState = {
    now: 0,
    runs,
    aliases: new Map(),
    traces: held('trace'),
    homeless: new OldestFirst(),
    sources: new SourcePool(),
    sourceBook: openSourceBook(),
    connectionBook: openConnectionBook(),
    instances: new Map(),
    connections: new Map(),
    runsOfInstance: new Map(),
    runsOfConnection: held('connection'),
    runsOfSession: held('session'),
    shelf: new Shelf(),
    texts,
    packing: new ValueWriter(texts),
    hand: runs.values(),
    judgeAsWas,
    gaps: [],
    looks: new LookHeap(),
    beats: new LookHeap(),
    settling: new LookHeap(),
    settled: new OldestFirst(({ spans }) => spans),
    sealed: new OldestFirst(),
    departed: new Departed(DEPARTED_MAX),
    lessons: new Lessons(),
    counters: { turnedAway: 0, crowdedOut: 0, tooLate: 0, tracesWithoutRun: 0 },
    snapshots: 0,
    writing: null,
    unknownEvents: {},
  }
  return state
}

export function newRun(id: string, source: Source, now: Instant): RunFacts {
  return {
    id,
    otherIds: [],
    rev: 0,
    traceId: null,
    spanId: null,
    agent: null,
    toldAgent: null,
    service: source.service,
    version: source.version,
    environment: source.environment,
    instance: source.instance,
    contract: source.contract,
    userId: null,
    sessionId: null,
    firstHeardAt: now,
    heardAt: now,
    progressAt: now,
    startedAt: now,
    endedAt: null,
    acceptedAt: null,
    queuedAt: null,
    agentStartedAt: null,
    spanOpenedAt: null,
    spanStartedAt: null,
    spanEndedAt: null,
    spanFinishedAt: null,
    spanUnreported: false,
    spanStatus: 'unset',
    spanEndsWellAnyhow: false,
    terminals: [],
    outcome: null,
    outcomeAt: null,
    outcomeEvent: null,
    outcomeReason: null,
    contradictions: [],
    open: {},
    lastEnded: null,
    exception: null,
    failing: null,
    stray: null,
    deferral: null,
    writtenEnd: null,
    takenUpBy: null,
    steps: {},
    spansSeen: 0,
    waitingAt: null,
    resumedAt: null,
    waitToldAt: null,
    said: {},
    workedAt: null,
    tellsDeliveries: false,
    tellsRecords: false,
    events: {},
    messages: {},
    forgottenBelow: 0,
    messagesEmitted: 0,
    flaggedAt: null,
    pastStalls: [],
  }
}

/** The run kept under `id`, or under another id that `id` stands for. */
export function runOf(state: BookState, id: string): BookRun | undefined {
  return state.runs.get(id) ?? state.runs.get(state.aliases.get(id) ?? '')
}

export function isSettled(run: BookRun): boolean {
  return run.judged !== null && !OPEN_STATUSES.has(run.judged.verdict.status) && run.judged.lookAgainAt === null
}

type Members = Map<string, Set<string>> | HeldMap<Set<string>>

/** Add to a set that exists only while it has members. */
export function addTo(index: Members, key: string, member: string): void {
  const members = index.get(key)
  if (members === undefined) index.set(key, new Set([member]))
  else members.add(member)
}

export function removeFrom(index: Members, key: string, member: string): void {
  const members = index.get(key)
  if (members?.delete(member) && members.size === 0) index.delete(key)
}
