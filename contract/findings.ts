/**
 * Findings: what is wrong with something larger than a run, and explains what is wrong with the runs in it. Told by
 * `GET /api/findings`, the live feed and the webhook. Times are ISO-8601 UTC with milliseconds.
 */
import type { IsoTime, Limit } from './runs.ts'

export type FindingId = string

/**
 * - `open` the sources below send nothing, and have open runs
 * - `recovered` all of them that still have open runs speak again
 * - `over` none of their runs is open any more, though they never spoke again
 */
export const FINDING_STATES = ['open', 'recovered', 'over'] as const
export type FindingState = (typeof FINDING_STATES)[number]

/** One process that fell silent. */
export interface SilentSource {
  /** `service.instance.id`. */
  readonly instance: string
  readonly service: string | null
  readonly environment: string | null
  readonly lastHeardAt: IsoTime
  /** Its runs that were open when it was last looked at. */
  readonly openRuns: number
  /** When it spoke again; null while it is silent. */
  readonly backAt: IsoTime | null
}

/** Processes that fell silent together, with their runs: one cause, whatever the number of runs. */
export interface Finding {
  readonly id: FindingId
  readonly kind: 'source-silent'
  /** Grows with every change; a finding with a lower one is older. */
  readonly rev: number
  readonly state: FindingState
  /** Who fell silent, in words: `p-7 (service checkout)`, `12 instances of service checkout`, `40 instances of 3 services`. */
  readonly name: string
  /** Since when it holds: the deadline of the first source. */
  readonly since: IsoTime
  /** When the last record of any of them came. */
  readonly lastHeardAt: IsoTime
  /** When it recovered or was over; null while it is open. */
  readonly endedAt: IsoTime | null
  /** Open runs it explains: rows say so by `explainedBy`. */
  readonly openRuns: number
  /** The silence that was allowed, and where the limit comes from. */
  readonly limit: Limit
  /** The ten with the most open runs. */
  readonly sources: readonly SilentSource[]
  /** How many there are; more than `sources.length` when not all are listed. */
  readonly sourcesTotal: number
}

/** Answer of `GET /api/findings`: the open ones first, then those that ended within a day, the latest first. */
export interface FindingList {
  readonly findings: readonly Finding[]
}
