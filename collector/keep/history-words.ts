/** What the history and its worker say to each other. Plain data: it crosses a thread. */
import type { Place } from '../entry.ts'
import type { RunQuery } from '../stored-run.ts'
import type { Instant } from '../../contract/units.ts'

/** That a key (a trace id, `conn:<id>`, `run:<id>`) has something to read at a place of the log. */
export interface Piece {
  readonly key: string
  readonly place: Place
}

/** How far the runs were folded when the book was written down. The book itself stands in sheets, saved before it. */
export interface Checkpoint {
  /** The last entry the book has seen; null when it has seen none. */
  readonly place: Place | null
  readonly at: Instant
}

/** A part of the book's own snapshot; they are numbered from 0, and number 0 begins the book anew. */
export interface Sheet {
  readonly no: number
  readonly text: string
}

/** Made so that little has to be copied between the threads: one text and one list of numbers. */
export interface Batch {
  /** A `StoredRun` a line, as JSON. */
  readonly runs: string
  /** Four numbers a piece: key (`keyOf`), segment, offset, length. */
  readonly pieces: Float64Array
  readonly sheets: readonly Sheet[]
  readonly checkpoint: Checkpoint | null
  readonly aliveAt: Instant | null
}

export interface Forgetting {
  readonly segmentsBelow: number
  /** And not heard to move since. */
  readonly startedBefore: Instant
  /** Of canary runs, one a minute, only the latest are of interest. */
  readonly canariesBefore: Instant
}

/** What can be asked, and what comes back. */
export interface HistoryCalls {
  save: { ask: Batch; answer: null }
  /** Pages and page: each a `StoredRun` as JSON. */
  list: { ask: RunQuery; answer: { pages: string[]; next: string | null } }
  find: { ask: string; answer: string | null }
  pieces: { ask: readonly string[]; answer: Place[] }
  loadCheckpoint: { ask: null; answer: Checkpoint | null }
  loadSheet: { ask: number; answer: string | null }
  loadAlive: { ask: null; answer: Instant | null }
  forget: { ask: Forgetting; answer: null }
  close: { ask: null; answer: null }
}

export type HistoryCall = keyof HistoryCalls

export interface Question {
  readonly id: number
  readonly call: HistoryCall
  readonly ask: unknown
}

export type Reply =
  | { readonly id: number; readonly answer: unknown }
  /** `isBadQuestion`: the asker's fault, not the database's. */
  | { readonly id: number; readonly error: string; readonly isBadQuestion: boolean }
