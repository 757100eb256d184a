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
import type { Gap } from '../entry.ts'
import type { Circumstances, JudgedRun, Judgement, RunChange } from '../judgement.ts'
import type { ConnectionFacts, InstanceFacts } from '../run.ts'
import type { Signal } from '../signal.ts'
import type { FindingFacts } from '../finding.ts'
import { isSettled, openState, type BookCounters, type BookRun, type BookState, type Judged } from './book-state.ts'
import { startBatch, touch, type Batch } from './batch.ts'
import { circumstancesOf, NO_VERDICT } from './circumstances.ts'
import { listeningAt, noteGap } from './gaps.ts'
import { beatLookAt } from './fold-pulse.ts'
import { foldSignal } from './fold-signal.ts'
import { isSameVerdict } from './is-same-verdict.ts'
import { learnFromRun } from './learn/learn-from-run.ts'
import { letGo, noteSettled, type Limits } from './let-go.ts'
import type { PackedRun } from './pack-group.ts'
import { pastStallsAfter, type Occasion } from './past-stalls.ts'
import { allFindings, allRuns, census, findRun, foremostRuns, type QuietRun } from './read-book.ts'
import { restoreSnapshot } from './restore-snapshot.ts'
import { settleBatch, settleWaiting } from './settle-batch.ts'
import {
  heldOpen,
  recall,
  recallDue,
  recallInstance,
  recallKey,
  recallTroubled,
  shelve,
  shelveQuiet,
} from './shelve.ts'
import { keepAsWas, writeSnapshot } from './snapshot-writer.ts'
import { createConnectionWatch, type ConnectionWatchSettings } from './watch-connections.ts'
import { createSourceWatch, type SourceWatchSettings } from './watch-sources.ts'

export interface RunBookSettings extends Partial<Limits> {
  /** Open runs in memory; the quietest beyond it are held as bytes. */
  readonly heldMax?: number
  readonly contracts: Contracts
  /** Says what a run's facts amount to at a moment. Pure. */
  readonly judge: (circumstances: Circumstances, now: Instant) => Judgement
  /** Told of every change a person could see, in order, before `apply` or `advance` returns. */
  readonly changed: (change: RunChange) => void
  /** Without it no silence of a source is noticed. */
  readonly sources?: SourceWatchSettings
  /** Without it nothing is found of connections. */
  readonly connections?: ConnectionWatchSettings
}

export interface RunBook {
  /** Fold one entry's signals. `receivedAt` never decreases. */
  apply(signals: readonly Signal[], receivedAt: Instant): void
  /**
   * Judge every run whose moment to look again is at or before `to`.
   * @param looksMax stop after so many: judging ten thousand takes seconds
   * @returns false when it stopped before the end
   */
  advance(to: Instant, looksMax?: number): boolean
  /** The next moment at which a verdict can change by time alone. */
  nextLookAt(): Instant | null
  /**
   * We did not listen for a while: every deadline that falls later is moved. Verdicts went on while senders were sent
   * away: those that fell until it was noted stand.
   */
  gap(gap: Gap, notedAt: Instant): void
  /** The gaps of the last day, in order of time. */
  gaps(): readonly Gap[]
  /** By run id, by another id the run goes by, or by trace id. */
  find(id: string): JudgedRun | null
  /** Open runs and those settled lately. Of a million it takes seconds to read all: whoever has enough may stop. */
  rows(): Iterable<JudgedRun>
  /** Those in memory, which are the lively ones, and of the quiet ones up to `max` that people should look at. */
  foremost(max: number): Iterable<JudgedRun>
  /** Each run in the book, and of quiet ones that only run, or wait, no more than that and where they are. */
  census(): Iterable<JudgedRun | QuietRun>
  /** Let every quiet run leave memory now, and not only when too many are held. */
  shelveAll(): void
  instances(): Iterable<InstanceFacts>
  instance(id: string | null): InstanceFacts | null
  connections(): Iterable<ConnectionFacts>
  /** What was found about whole sources and about connections, those of late included that ended; the oldest first. */
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
  /** Runs that may still change by themselves, and those that nothing is known to end. */
  readonly open: number
}

/** Room for a busy day: half a kilobyte each while quiet. */
const RUNS_MAX = 1_500_000
/** About 5 KB each, and half a kilobyte more for each span. */
const HELD_MAX = 10_000
const SETTLED_MAX = 5_000
/** A few megabytes: on a quiet collector all of the last minute, on one of 1,000 spans a second the last five seconds. */
const SETTLED_SPANS_MAX = 5_000
/** As long as the board's window, so that what it shows is at hand. */
const SETTLED_LINGER: Millis = 15 * 60_000
/** Quiet runs brought back together when they are due: those of one moment are then judged by id. */
const RECALLED_AT_ONCE = 32

export function openRunBook(settings: RunBookSettings): RunBook {
  const { contracts, judge, changed } = settings
  const limits: Limits = {
    runsMax: settings.runsMax ?? RUNS_MAX,
    settledMax: settings.settledMax ?? SETTLED_MAX,
    settledSpansMax: settings.settledSpansMax ?? SETTLED_SPANS_MAX,
    settledLingerMs: settings.settledLingerMs ?? SETTLED_LINGER,
  }
  const sources = settings.sources === undefined ? null : createSourceWatch(settings.sources)
  const connections = settings.connections === undefined ? null : createConnectionWatch(settings.connections)
  const heldMax = settings.heldMax ?? HELD_MAX
  const openEmpty = (): BookState => openState(judgeAsWas, recallKey)
  let state = openEmpty()
  /** The moment for which runs were last recalled together. */
  let recalledAt = -Infinity

  function judgeRun(run: BookRun, now: Instant, why: Occasion): void {
    keepAsWas(state, run)
    const { facts } = run
    const { verdict, row, flaggedAt, lookAgainAt } = judge(circumstancesOf(state, contracts, run), now)
    const before = run.judged
    const isChanged = why === 'news' || before === null || !isSameVerdict(before.verdict, verdict)
    if (isChanged) facts.rev++
    facts.flaggedAt = flaggedAt ?? facts.flaggedAt
    facts.pastStalls = pastStallsAfter(run, verdict, now, why)
    run.judged = { at: now, verdict, row: { ...row, rev: facts.rev }, lookAgainAt }
    state.looks.set(facts.id, lookAgainAt)
    noteSettled(state, run, now)
    learnFromRun(state, run, before, contracts.of(facts.contract), now)
    if (!isChanged) return
    const finishedSteps = run.finished
    run.finished = []
    const told = { facts, verdict: run.judged.verdict, row: run.judged.row }
    const then = before && { verdict: before.verdict, row: before.row }
    changed({ run: told, at: now, before: then, from: then?.row.status ?? null, to: told.row.status, finishedSteps })
  }

  /** The same facts at the same moment: what the judge said then, and what is kept of it where that tells more. */
  function judgeAsWas(run: BookRun, { at, lookAgainAt, verdict }: PackedRun['judged']): Judged {
    const said = judge({ ...circumstancesOf(state, contracts, run), before: { ...NO_VERDICT, ...verdict } }, at)
    const held = { ...said.verdict, ...verdict }
    const { status, step, cause, confidence, explainedBy } = held
    const isUnconfirmed = held.unconfirmed !== null
    const row = { ...said.row, rev: run.facts.rev, status, step, cause, confidence, isUnconfirmed, explainedBy }
    return { at, lookAgainAt, verdict: held, row }
  }

  function judgeBatch(batch: Batch, now: Instant): void {
    for (const run of batch.runs) {
      const why = run.touched === 'news' ? 'news' : 'time'
      run.touched = null
      if (state.runs.has(run.facts.id)) judgeRun(run, now, why)
    }
  }

  /** Settle traces that waited for it, and judge their runs and, in any case, `run`. */
  function settleDue(traceIds: Iterable<string>, now: Instant, run: BookRun | null): void {
    const batch = startBatch()
    settleWaiting(state, batch, traceIds, { contracts, limits, now })
    if (run !== null) touch(batch, run, false)
    judgeBatch(batch, now)
  }

  function advance(to: Instant, looksMax = Infinity): boolean {
    let looks = 0
    for (let at = nextLookAt(); at !== null && at <= to; at = nextLookAt()) {
      if (looks++ >= looksMax) return false
      // First the sources: what they explain is judged at the same moment.
      const source = sources?.look(state, at) ?? null
      if (source !== null) {
        for (const instance of source.instances) judgeProcess(instance, listeningAt(state.gaps, source.at))
        continue
      }
      if (connections?.look(state, at)) continue
      // Those judged make room for the next: a million may be due after a night.
      shelveQuiet(state, heldMax)
      if (at > recalledAt || (state.looks.next() ?? Infinity) > at) recallDue(state, at, RECALLED_AT_ONCE)
      recalledAt = at
      const due = state.settling.take(at)
      if (due !== null) {
        settleDue([due.id], listeningAt(state.gaps, at), null)
        continue
      }
      const beat = state.beats.take(at)
      if (beat !== null) {
        judgeProcess(beat.id, listeningAt(state.gaps, at))
        continue
      }
      const run = state.runs.get(state.looks.take(at)?.id ?? '')
      if (run !== undefined)
        settleDue(
          run.homes.map((home) => home.traceId),
          listeningAt(state.gaps, at),
          run,
        )
    }
    state.now = Math.max(state.now, to)
    letGo(state, limits, state.now)
    shelveQuiet(state, heldMax)
    return true
  }

  /** No pulse came, or what explains that has changed: what it means for each run of the process. */
  function judgeProcess(instance: string, now: Instant): void {
    const facts = state.instances.get(instance)
    // The beat of the same moment would judge them once more.
    if (facts !== undefined && (beatLookAt(facts, contracts) ?? 0) <= now) state.beats.set(instance, null)
    recallInstance(state, instance)
    for (const id of [...(state.runsOfInstance.get(instance) ?? [])].sort()) {
      const run = state.runs.get(id)
      const traces = run?.homes.map((home) => home.traceId) ?? []
      if (run !== undefined) settleDue(traces, now, run)
    }
  }

  function nextLookAt(): Instant | null {
    const { settling, beats, looks, shelf, sourceBook, connectionBook } = state
    const moments = [settling, beats, looks, shelf, sourceBook.looks, connectionBook.looks].map((each) => each.next())
    const next = Math.min(...moments.map((at) => at ?? Infinity))
    return next === Infinity ? null : next
  }

  /** After a restart: the moments that are still to come. */
  function awaitBeats(): void {
    for (const [id, instance] of state.instances) {
      const at = beatLookAt(instance, contracts)
      if (at !== null && at > state.now) state.beats.set(id, at)
    }
  }

  /** Each open run anew; those on the shelf a few at a time. */
  function judgeAllOpen(): void {
    for (const run of state.runs.values()) if (!isSettled(run)) judgeRun(run, state.now, 'revision')
    // A record put back takes the number it had.
    for (const record of state.shelf.records()) {
      const runs = recall(state, record)
      for (const run of runs) judgeRun(run, state.now, 'revision')
      // The first takes those with it that hang together with it.
      for (const run of runs) if (state.runs.has(run.facts.id)) shelve(state, run)
    }
  }

  return {
    apply(signals, receivedAt) {
      advance(receivedAt)
      const batch = startBatch()
      const scene = { contracts, limits, now: receivedAt }
      for (const signal of signals) foldSignal(state, batch, signal, scene)
      sources?.hear(state, batch, signals, receivedAt)
      connections?.hear(state, signals, receivedAt)
      settleBatch(state, batch, scene)
      judgeBatch(batch, receivedAt)
      shelveQuiet(state, heldMax)
    },
    advance,
    nextLookAt,
    gap(gap, notedAt) {
      advance(gap.reason === 'refused' ? notedAt : gap.from)
      state.gaps = noteGap(state.gaps, gap)
      // Nothing falls due in a gap; as of its end the runs open across it are unconfirmed.
      state.now = Math.max(state.now, gap.from + gap.lengthMs)
      // Those on the shelf are judged anew when they come back, which is no later than what they were due; but what was
      // found in the gap may not hold any more.
      if (gap.reason === 'refused') recallTroubled(state)
      for (const run of state.runs.values()) if (!isSettled(run)) judgeRun(run, state.now, 'revision')
    },
    gaps: () => state.gaps,
    find: (id) => findRun(state, id),
    rows: () => allRuns(state),
    foremost: (max) => foremostRuns(state, max),
    census: () => census(state),
    instances: () => state.instances.values(),
    instance: (id) => state.instances.get(id ?? '') ?? null,
    connections: () => state.connections.values(),
    findings: () => allFindings(state),
    snapshot: () => writeSnapshot(state, contracts.hash),
    restore() {
      const restored = openEmpty()
      const restoring = restoreSnapshot(restored)
      return {
        take: restoring.take,
        done() {
          const { contract } = restoring.done()
          state = restored
          recalledAt = -Infinity
          awaitBeats()
          // Verdicts reached by another contract say nothing about this one.
          if (contract !== contracts.hash) judgeAllOpen()
        },
      }
    },
    shelveAll() {
      // Looking at what hangs together with one may bring others back, which would come round again and again.
      const ids = [...state.runs.keys()]
      for (const id of ids) {
        const run = state.runs.has(id) ? state.runs.get(id) : undefined
        if (run !== undefined) shelve(state, run)
      }
    },
    counters: () => ({ ...state.counters }),
    unknownEvents: () => ({ ...state.unknownEvents }),
    get size() {
      return state.runs.size + state.shelf.runs
    },
    get open() {
      return heldOpen(state) + state.shelf.runs
    },
  }
}
