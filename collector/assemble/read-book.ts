/** What the book tells to whoever only reads. Runs on the shelf are read where they are. */
import type { Phase } from '../../contract/phases.ts'
import { TROUBLED_STATUSES, type Status } from '../../contract/statuses.ts'
import type { FindingFacts } from '../finding.ts'
import type { JudgedRun } from '../judgement.ts'
import { runOf, type BookRun, type BookState } from './book-state.ts'
import { peek } from './shelve.ts'

/** By run id, by another id the run goes by, or by trace id. */
export function findRun(state: BookState, id: string): JudgedRun | null {
  const run = runOf(state, id) ?? runOfTrace(state, id)
  return run === undefined ? null : judgedOf(run)
}

export function* allRuns(state: BookState): Generator<JudgedRun> {
  yield* judgedOnes(state.runs.values())
  for (const record of state.shelf.records()) yield* judgedOnes(peek(state, record))
}

/** Those in memory, and of the quiet ones up to `max` that people should look at. */
export function* foremostRuns(state: BookState, max: number): Generator<JudgedRun> {
  yield* judgedOnes(state.runs.values())
  let room = max
  for (const record of state.shelf.records()) {
    if (room <= 0) return
    if (!TROUBLED_STATUSES.has(state.shelf.statusOf(record))) continue
    room--
    yield* judgedOnes(peek(state, record))
  }
}

/** What is known without reading it of a run on the shelf. */
export interface QuietRun {
  readonly status: Status
  readonly phase: Phase | null
}

/** Every run, and of quiet ones that only run, or wait, no more than that and where they are. */
export function* census(state: BookState): Generator<JudgedRun | QuietRun> {
  yield* judgedOnes(state.runs.values())
  for (const record of state.shelf.records()) {
    const { status, phase, runs } = state.shelf.labelOf(record)
    if (runs > 1 || TROUBLED_STATUSES.has(status)) yield* judgedOnes(peek(state, record))
    else yield { status, phase }
  }
}

function* judgedOnes(runs: Iterable<BookRun>): Generator<JudgedRun> {
  for (const run of runs) {
    const judged = judgedOf(run)
    if (judged !== null) yield judged
  }
}

function judgedOf(run: BookRun): JudgedRun | null {
  return run.judged === null ? null : { facts: run.facts, verdict: run.judged.verdict, row: run.judged.row }
}

function runOfTrace(state: BookState, traceId: string): BookRun | undefined {
  const [id] = state.traces.get(traceId)?.runs.values() ?? []
  return id === undefined ? undefined : state.runs.get(id)
}

/** The oldest of each kind first; one that is only suspected is no finding yet. */
export function* allFindings({ sourceBook, connectionBook }: BookState): Generator<FindingFacts> {
  for (const finding of sourceBook.findings.values()) if (finding.state !== 'suspected') yield finding
  yield* connectionBook.findings.values()
}
