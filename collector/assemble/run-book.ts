/**
 * The runs that are known now: signals in, changes out.
 *
 * The book is a fold over the log: the same entries in the same order give the same runs and the same verdicts, after
 * a restart as before it. Time enters only as `receivedAt` and `advance(to)`.
 *
 * ```
 * apply ─ advance ─ fold each signal ─ settle the traces touched ─ judge the runs touched ─ changed(…)
 *            └ settle each long trace whose slot has ended, judge each run whose moment to look again has
 *              passed, each as of that moment
 * ```
 */
import type { Instant, Millis } from '../../contract/units.ts'
import type { Contracts } from '../contracts.ts'
import type { Circumstances, ConnectionFacts, InstanceFacts, JudgedRun, Judgement, RunChange } from '../run.ts'
import type { Signal } from '../signal.ts'
import type { FindingFacts } from '../source.ts'
import { isSettled, openState, runOf, type BookCounters, type BookRun, type BookState } from './book-state.ts'
import { startBatch, touch, type Batch } from './batch.ts'
import { foldSignal } from './fold-signal.ts'
import { isSameVerdict } from './is-same-verdict.ts'
import { letGo, type Limits } from './let-go.ts'
import { restoreSnapshot } from './restore-snapshot.ts'
import { settleAt } from './settle-at.ts'
import { settleTrace } from './settle-trace.ts'
import { keepAsWas, writeSnapshot } from './snapshot-writer.ts'
import { createSourceWatch, type SourceWatchSettings } from './watch-sources.ts'

export interface RunBookSettings extends Partial<Limits> {
  readonly contracts: Contracts
  /** Says what a run's facts amount to at a moment. Pure. */
  readonly judge: (circumstances: Circumstances, now: Instant) => Judgement
  /** Told of every change a person could see, in order, before `apply` or `advance` returns. */
  readonly changed: (change: RunChange) => void
  /** Without it no silence of a source is noticed. */
  readonly sources?: SourceWatchSettings
}

export interface RunBook {
  /** Fold one entry's signals. `receivedAt` never decreases. */
  apply(signals: readonly Signal[], receivedAt: Instant): void
  /** Judge every run whose moment to look again is at or before `to`. */
  advance(to: Instant): void
  /** The next moment at which a verdict can change by time alone. */
  nextLookAt(): Instant | null
  /** We did not listen for `lengthMs` from `from` on: every deadline that falls later is moved. */
  gap(from: Instant, lengthMs: Millis): void
  /** By run id, by another id the run goes by, or by trace id. */
  find(id: string): JudgedRun | null
  /** Open runs and those settled lately. */
  rows(): Iterable<JudgedRun>
  instances(): Iterable<InstanceFacts>
  connections(): Iterable<ConnectionFacts>
  /** What was found about whole sources, those of late included that ended; the oldest first. */
  findings(): Iterable<FindingFacts>
  /**
   * The whole book as it is at this moment, as lines of JSON to `restore` into an empty one. The lines may be drawn bit
   * by bit while the book goes on; one snapshot at a time.
   */
  snapshot(): Generator<string, void, void>
  /** Put a snapshot in place of what the book holds: `take` its lines, then `done`. Before that the book is as it was. */
  restore(): { take(line: string): void; done(): void }
  counters(): BookCounters
  /** Messages of types that their run's contract does not know, by type. */
  unknownEvents(): Readonly<Record<string, number>>
  readonly size: number
}

/** Room for a busy day; about 5 KB a run while open, half a kilobyte more for each span, and 3 KB once sealed. */
const RUNS_MAX = 200_000
const SETTLED_MAX = 5_000
/** A few megabytes: on a quiet collector all of the last minute, on one of 1,000 spans a second the last five seconds. */
const SETTLED_SPANS_MAX = 5_000
/** As long as the board's window, so that what it shows is at hand. */
const SETTLED_LINGER: Millis = 15 * 60_000
/** A gap older than the longest budget moves no deadline any more. */
const DEAFNESS_KEPT: Millis = 24 * 3_600_000

export function openRunBook(settings: RunBookSettings): RunBook {
  const { contracts, judge, changed } = settings
  const limits: Limits = {
    runsMax: settings.runsMax ?? RUNS_MAX,
    settledMax: settings.settledMax ?? SETTLED_MAX,
    settledSpansMax: settings.settledSpansMax ?? SETTLED_SPANS_MAX,
    settledLingerMs: settings.settledLingerMs ?? SETTLED_LINGER,
  }
  const sources = settings.sources === undefined ? null : createSourceWatch(settings.sources)
  let state = openState()

  function judgeRun(run: BookRun, now: Instant, hasNews: boolean): void {
    keepAsWas(state, run)
    const { facts } = run
    const judgement = judge(circumstancesOf(state, run), now)
    const before = run.judged
    const isChanged = hasNews || before === null || !isSameVerdict(before.verdict, judgement.verdict)
    if (isChanged) facts.rev++
    facts.flaggedAt = judgement.flaggedAt ?? facts.flaggedAt
    run.judged = {
      verdict: judgement.verdict,
      row: { ...judgement.row, rev: facts.rev },
      lookAgainAt: judgement.lookAgainAt,
    }
    state.looks.set(facts.id, judgement.lookAgainAt)
    noteSettled(state, run, now)
    if (!isChanged) return
    const finishedSteps = run.finished
    run.finished = []
    const told = { facts, verdict: run.judged.verdict, row: run.judged.row }
    changed({ run: told, from: before?.verdict.status ?? null, to: told.verdict.status, finishedSteps })
  }

  function judgeBatch(batch: Batch, now: Instant): void {
    for (const run of batch.runs) {
      const hasNews = run.touched === 'news'
      run.touched = null
      if (state.runs.has(run.facts.id)) judgeRun(run, now, hasNews)
    }
  }

  /** Settle what was touched: short traces now, long ones when their slot ends. */
  function settleBatch(batch: Batch, now: Instant): void {
    for (const trace of batch.traces) {
      trace.isTouched = false
      const at = settleAt(trace.spans.size, now)
      if (at === null) settleTrace(state, batch, trace, { contracts, limits, now })
      else if (trace.settleAt === null) state.settling.set(trace.traceId, (trace.settleAt = at))
    }
  }

  /** Settle traces that waited for it, and judge their runs and, in any case, `run`. */
  function settleDue(traceIds: Iterable<string>, now: Instant, run: BookRun | null): void {
    const batch = startBatch()
    for (const traceId of traceIds) {
      const trace = state.traces.get(traceId)
      if (trace === undefined || trace.settleAt === null) continue
      state.settling.set(traceId, null)
      settleTrace(state, batch, trace, { contracts, limits, now })
    }
    if (run !== null) touch(batch, run, false)
    judgeBatch(batch, now)
  }

  function advance(to: Instant): void {
    for (let at = nextLookAt(); at !== null && at <= to; at = nextLookAt()) {
      // First the sources: what they explain is judged at the same moment.
      const source = sources?.look(state, at) ?? null
      if (source !== null) {
        for (const id of source.runs) lookAt(state.runs.get(id), source.at)
        continue
      }
      const due = state.settling.take(at)
      if (due !== null) {
        settleDue([due.id], at, null)
        continue
      }
      lookAt(state.runs.get(state.looks.take(at)?.id ?? ''), at)
    }
    state.now = Math.max(state.now, to)
    letGo(state, limits, state.now)
  }

  function lookAt(run: BookRun | undefined, at: Instant): void {
    if (run === undefined) return
    settleDue(
      run.homes.map((home) => home.traceId),
      at,
      run,
    )
  }

  function nextLookAt(): Instant | null {
    const looks = [state.settling.next(), state.looks.next(), state.sourceBook.looks.next()]
    const next = Math.min(...looks.map((at) => at ?? Infinity))
    return next === Infinity ? null : next
  }

  return {
    apply(signals, receivedAt) {
      advance(receivedAt)
      const batch = startBatch()
      const scene = { contracts, limits, now: receivedAt }
      for (const signal of signals) foldSignal(state, batch, signal, scene)
      sources?.hear(state, signals, receivedAt)
      settleBatch(batch, receivedAt)
      judgeBatch(batch, receivedAt)
    },
    advance,
    nextLookAt,
    gap(from, lengthMs) {
      advance(from)
      const kept = state.deafness.filter((gap) => gap.from + gap.lengthMs + DEAFNESS_KEPT > from)
      state.deafness = [...kept, { from, lengthMs }]
      for (const run of state.runs.values()) if (!isSettled(run)) judgeRun(run, state.now, false)
    },
    find(id) {
      const run = runOf(state, id) ?? runOfTrace(state, id)
      return run === undefined ? null : judgedOf(run)
    },
    *rows() {
      for (const run of state.runs.values()) {
        const judged = judgedOf(run)
        if (judged !== null) yield judged
      }
    },
    instances: () => state.instances.values(),
    connections: () => state.connections.values(),
    findings: () => [...state.sourceBook.findings.values()].filter(({ state: now }) => now !== 'suspected'),
    snapshot: () => writeSnapshot(state, contracts.hash),
    restore() {
      const restored = openState()
      const restoring = restoreSnapshot(restored)
      return {
        take: restoring.take,
        done() {
          const { contract } = restoring.done()
          state = restored
          // Verdicts reached by another contract say nothing about this one.
          if (contract === contracts.hash) return
          for (const run of state.runs.values()) if (!isSettled(run)) judgeRun(run, state.now, false)
        },
      }
    },
    counters: () => ({ ...state.counters }),
    unknownEvents: () => ({ ...state.unknownEvents }),
    get size() {
      return state.runs.size
    },
  }
}

function circumstancesOf(state: BookState, run: BookRun): Circumstances {
  const { instance } = run.facts
  return {
    run: run.facts,
    instance: instance === null ? null : (state.instances.get(instance) ?? null),
    silence: state.sourceBook.explained.get(instance ?? '') ?? null,
    connection: (id) => state.connections.get(id) ?? null,
    deafness: state.deafness,
    before: run.judged?.verdict ?? null,
  }
}

/** A run is settled from when nothing but news can change it; news may open it again. */
function noteSettled(state: BookState, run: BookRun, now: Instant): void {
  const { id } = run.facts
  if (run.isSealed) return
  if (!isSettled(run)) state.settled.delete(id)
  else state.settled.add(id, { at: now, spans: run.homes.reduce((sum, { members }) => sum + members.length, 0) })
}

function judgedOf(run: BookRun): JudgedRun | null {
  return run.judged === null ? null : { facts: run.facts, verdict: run.judged.verdict, row: run.judged.row }
}

function runOfTrace(state: BookState, traceId: string): BookRun | undefined {
  const [id] = state.traces.get(traceId)?.runs.values() ?? []
  return id === undefined ? undefined : state.runs.get(id)
}
