/**
 * The live feed, `WS /api/live?after=<cursor>`: a snapshot, then changes.
 *
 * ```
 * client connects, no cursor   → snapshot, changes, changes, beat, …
 * client connects, cursor kept → changes since that cursor, or (too old, other collector) reset + snapshot
 * ```
 *
 * Changes are coalesced to at most four frames a second, and of each run only the newest row is told. A reader that is two
 * seconds behind is sent nothing until it has read, then one frame with all that changed meanwhile. One that answers no
 * ping for ten seconds is closed with code 4408; it may come back with its cursor. The client sends nothing. When more
 * runs change than can be told (hundreds a second, for long), troubled ones go first, then the newest.
 */
import type { Phase } from './phases.ts'
import type { InvestigationId } from './investigations.ts'
import type { Finding } from './findings.ts'
import type { IsoTime, RunRow } from './runs.ts'

/** Opaque; only ever passed back. */
export type Cursor = string

/** Counts of runs over the last 15 minutes and now, as the board's tiles show them. */
export interface BoardCounts {
  readonly inFlight: number
  /** Runs that stand still: `stalled`, and `lost` with their process. */
  readonly stalled: number
  /** When the oldest present stall began; null without one. */
  readonly oldestStallAt: IsoTime | null
  readonly endedRecently: number
  readonly completedRecently: number
  /** Messages of critical events that came due for confirmation in the window, and those confirmed. */
  readonly deliveriesRequired: number
  readonly deliveriesConfirmed: number
  readonly phases: readonly PhaseCount[]
}

export interface PhaseCount {
  readonly phase: Phase
  readonly inFlight: number
  readonly stalled: number
  /** 95th percentile of the time spent in this phase by steps finished in the window; null below 5 samples. */
  readonly p95Ms: number | null
}

/** `findings`: all that are open, and those that ended within `BOARD_WINDOW_MS`; every frame has them anew. */
export type LiveFrame =
  | {
      readonly type: 'snapshot'
      readonly cursor: Cursor
      readonly serverTime: IsoTime
      readonly runs: readonly RunRow[]
      readonly counts: BoardCounts
      readonly findings: readonly Finding[]
    }
  | {
      readonly type: 'changes'
      readonly cursor: Cursor
      readonly serverTime: IsoTime
      readonly runs: readonly RunRow[]
      readonly counts: BoardCounts
      readonly findings: readonly Finding[]
    }
  /** The cursor is of no use: throw away what you hold; a snapshot follows. */
  | { readonly type: 'reset' }
  /**
   * Every 5 s. Silence longer than 10 s means the connection is not live. `isReady` as `/readyz` says it: false means that
   * verdicts may be wrong or late.
   */
  | { readonly type: 'beat'; readonly cursor: Cursor; readonly serverTime: IsoTime; readonly isReady: boolean }

/**
 * Somebody began or edited a sheet; told at once, between the others, to whoever is connected then. It has no cursor and is not told
 * again: a page that was away asks for its sheet anew.
 */
export interface InvestigationFrame {
  readonly type: 'investigation'
  readonly id: InvestigationId
  readonly rev: number
}

export const LIVE_PATH = '/api/live'
/** Close code for a reader that fell behind. */
export const LIVE_TOO_SLOW = 4408
/** The window of `BoardCounts`. */
export const BOARD_WINDOW_MS = 15 * 60_000

/** Answer of `GET /api/in-flight`: how many runs were in each phase, over the last hour. */
export interface InFlightHistory {
  /** From one sample to the next. */
  readonly stepMs: number
  readonly phases: readonly Phase[]
  /** Oldest first, the last is of now. Time in which nobody counted (Laststep was down, or began then) has none. */
  readonly samples: readonly InFlightSample[]
}

export interface InFlightSample {
  readonly at: IsoTime
  /** One for each of `phases`. */
  readonly inPhase: readonly number[]
  /** Open runs that are in none of them: one step has ended and the next has not begun. */
  readonly between: number
}
