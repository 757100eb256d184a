/** How Laststep itself is doing, as the API, `/readyz` and the page tell it: the watcher is watched. */
import type { IsoTime } from './runs.ts'
import type { Millis } from './units.ts'

/**
 * What must hold for a verdict to be right and in time.
 *
 * - `log` what arrives can be written down
 * - `history` verdicts can be stored and lists read
 * - `watermark` what was received has been read up to now
 * - `evaluator` every deadline that has passed has been judged
 * - `canary` a run of our own that stood still was flagged in time, by what a reader of the API sees
 */
export const CHECKS = ['log', 'history', 'watermark', 'evaluator', 'canary'] as const
export type CheckName = (typeof CHECKS)[number]

export interface Check {
  readonly name: CheckName
  readonly ok: boolean
  /** Since when it fails; null while it holds. */
  readonly since: IsoTime | null
  /** A sentence for people: what fails, or what was seen. */
  readonly says: string
}

/** Answer of `GET /readyz`, with status 200 or 503. */
export interface Readiness {
  readonly ready: boolean
  readonly checks: readonly Check[]
}

/** What became of a canary run. `postponed`: a gap in our own hearing moved its deadline, as it should. */
export const CANARY_OUTCOMES = ['in-time', 'late', 'missed', 'unanswered', 'unclosed', 'postponed'] as const
export type CanaryOutcome = (typeof CANARY_OUTCOMES)[number]

/** Answer of `GET /api/health`. */
export interface Health extends Readiness {
  /** From a deadline to the verdict, and to the verdict on disk: of those that passed in the last hour. */
  readonly evaluator: {
    readonly deadlines: number
    /** Null before the first. */
    readonly madeP99Ms: Millis | null
    readonly storedP99Ms: Millis | null
  }
  /** How far the verdicts are behind what was received. */
  readonly watermarkLagMs: Millis
  /** How late a timer of ours fires, at worst one in a hundred, in the last hour; null before the first was counted. */
  readonly loopDelayP99Ms: Millis | null
  /** Nobody listened for so long within the last 24 hours. */
  readonly blind: { readonly gaps: number; readonly ms: Millis }
  /** Runs that were flagged and went on or completed after all, within the last 24 hours or since the start. */
  readonly retractions: { readonly count: number; readonly since: IsoTime }
  /** The clocks of the processes whose pulses come: how many are off, and the one that is furthest. */
  readonly clocks: {
    readonly processes: number
    /** By five seconds or more, either way. Deadlines do not depend on them; the times of a run's page do. */
    readonly off: number
    /** Null when none is off. `behindMs` as in `ProcessView.clockBehindMs`. */
    readonly worst: { readonly instance: string; readonly behindMs: Millis } | null
  }
  /** The last canary that came to its end; null before the first, and when there is none. */
  readonly canary: {
    readonly outcome: CanaryOutcome
    readonly sentAt: IsoTime
    /** From its deadline until a reader saw the verdict; null when nobody did. */
    readonly lateMs: Millis | null
  } | null
  /** Null when no dead-man's address is set. */
  readonly deadMan: { readonly pingedAt: IsoTime | null; readonly error: string | null } | null
}
