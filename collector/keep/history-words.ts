/** What the history and its worker say to each other. Plain data: it crosses a thread. */
import type { Place } from '../entry.ts'
import type { IncidentDetail, IncidentList } from '../../contract/stalls.ts'
import type { Trends } from '../../contract/trends.ts'
import type { StallWord } from '../stall.ts'
import type { StallQuery, TrendQuery } from '../stall-query.ts'
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
  /** In the order in which they were said. */
  readonly stalls: readonly StallWord[]
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
  /** Of Laststep's own runs, the canary's one a minute, only the latest are of interest. */
  readonly ownBefore: Instant
  /** Trends are kept for longer than runs, by ages of their own. */
  readonly now: Instant
}

/** What can be asked, and what comes back. */
export interface HistoryCalls {
  save: { ask: Batch; answer: null }
  /** Pages and page: each a `StoredRun` as JSON. */
  list: { ask: RunQuery; answer: { pages: string[]; next: string | null } }
  incidents: { ask: StallQuery; answer: IncidentList }
  incident: { ask: { readonly id: string; readonly now: Instant }; answer: IncidentDetail | null }
  trends: { ask: TrendQuery; answer: Trends }
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
