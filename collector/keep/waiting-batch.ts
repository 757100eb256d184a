/** The writes of the history that wait for their turn. */
import type { Instant } from '../../contract/units.ts'
import type { StallWord } from '../stall.ts'
import type { StoredRun } from '../stored-run.ts'
import type { Checkpoint, Piece, Sheet } from './history-words.ts'
import { keyOf } from './key-of.ts'

/** What waits for its turn, and those who wait for it. */
export interface WaitingBatch {
  readonly runs: Map<string, StoredRun>
  stalls: StallWord[]
  /** Four numbers each. */
  pieces: number[]
  sheets: Sheet[]
  checkpoint: Checkpoint | null
  aliveAt: Instant | null
  /** Somebody waits for it. */
  isAwaited: boolean
  /** Resolved when it is on its way to the worker: a question asked after that sees it. */
  readonly posted: PromiseWithResolvers<void>
  readonly saved: PromiseWithResolvers<void>
}

export function newBatch(): WaitingBatch {
  const saved = Promise.withResolvers<void>()
  // Most batches are waited for by nobody; whoever does wait still sees the error.
  saved.promise.catch(() => {})
  const posted = Promise.withResolvers<void>()
  const lists = { runs: new Map<string, StoredRun>(), stalls: [], pieces: [], sheets: [] }
  return { ...lists, checkpoint: null, aliveAt: null, isAwaited: false, posted, saved }
}

export function isEmpty(batch: WaitingBatch): boolean {
  const { sheets, checkpoint, aliveAt } = batch
  return rowsOf(batch) === 0 && sheets.length === 0 && checkpoint === null && aliveAt === null
}

export function rowsOf(batch: WaitingBatch): number {
  return batch.runs.size + batch.stalls.length + batch.pieces.length / 4
}

/** What could not be written goes in front of what came since; whoever waited for it waits for both. */
export function putBack(failed: WaitingBatch, since: WaitingBatch): WaitingBatch {
  const batch: WaitingBatch = {
    ...since,
    runs: new Map([...failed.runs, ...since.runs]),
    stalls: [...failed.stalls, ...since.stalls],
    pieces: [...failed.pieces, ...since.pieces],
    sheets: [...failed.sheets, ...since.sheets],
    checkpoint: since.checkpoint ?? failed.checkpoint,
    aliveAt: since.aliveAt ?? failed.aliveAt,
    isAwaited: since.isAwaited || failed.isAwaited,
  }
  failed.saved.resolve(batch.saved.promise)
  return batch
}

/** Four numbers a piece, as the worker takes them. */
export function addPiece(batch: WaitingBatch, { key, place }: Piece): void {
  batch.pieces.push(keyOf(key), place.segment, place.offset, place.length)
}
