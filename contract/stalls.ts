/**
 * Stalls and the incidents they make up, as `GET /api/stalls` tells them. A stall is one run's episode of standing still
 * (`stalled`, or `lost` with its process); an incident is the stalls that share a fingerprint. Times are ISO-8601 UTC.
 */
import type { Deploy } from './deploys.ts'
import type { Impact, IncidentLife, IncidentState } from './incidents.ts'
import type { CodeLocation, IsoTime, RunRow } from './runs.ts'
import type { Phase } from './phases.ts'
import type { Cause } from './statuses.ts'

/** 16 hexadecimal digits. People are shown its beginning, `STL-4F2A09`; the API takes either. */
export type Fingerprint = string

/** What all stalls of an incident have in common, and what the fingerprint is made of. */
export interface Ingredients {
  readonly environment: string | null
  readonly agent: string | null
  readonly phase: Phase | null
  /** The tool, the model; null when the phase says it all. */
  readonly step: string | null
  readonly cause: Cause | null
  readonly code: CodeLocation | null
}

/**
 * - `new` first seen within a day
 * - `regressed` came again after it was resolved
 * - `escalating` came more than three times as often in the last two hours as in the day before them
 *
 * Of several that fit, `regressed` counts, then `new`.
 */
export const INCIDENT_TAGS = ['new', 'regressed', 'escalating', 'ongoing'] as const
export type IncidentTag = (typeof INCIDENT_TAGS)[number]

/** A bar of the last day's trend; there are 48. */
export const INCIDENT_TREND_BUCKETS = 48
export const INCIDENT_TREND_BUCKET_MS = 30 * 60_000

export interface Incident extends Ingredients {
  readonly fingerprint: Fingerprint
  readonly life: IncidentLife
  readonly tag: IncidentTag
  /** How many stalls are kept, and how many of them stand still now. */
  readonly stalls: number
  readonly standing: number
  /** Whom they belong to, as far as that is known: each user once. */
  readonly users: number
  /** Conversations, as far as they are known: each once. */
  readonly sessions: number
  /** Stalls that were over because the run moved on by itself, and runs that completed after all, late. */
  readonly recovered: number
  readonly completedLate: number
  /** Null when no value was configured. */
  readonly atRisk: Impact | null
  /** The same step, agent, code and cause in other versions, where somebody split them off: the most first. */
  readonly siblings: readonly Sibling[]
  /** When the first one stood still, also when it is not kept any more, and in which version; and the latest. */
  readonly firstAt: IsoTime
  readonly firstVersion: string | null
  readonly lastAt: IsoTime
  /** The deploy of that version, when it was within the day before the first; null when it was not. */
  readonly deploy: Deploy | null
  /** The most first; ten at most. */
  readonly versions: readonly { readonly version: string | null; readonly stalls: number }[]
  /** Stalls begun in each half hour of the last day, the present one last. */
  readonly trend: readonly number[]
}

/** @see Incident.siblings */
export interface Sibling {
  readonly fingerprint: Fingerprint
  /** The version it was split off by; null for what stayed, or for stalls that named none. */
  readonly version: string | null
  readonly stalls: number
}

export const INCIDENT_SORTS = ['last', 'first', 'stalls', 'users', 'trend'] as const
export type IncidentSort = (typeof INCIDENT_SORTS)[number]

/** Answer of `GET /api/stalls`. */
export interface IncidentList {
  readonly incidents: readonly Incident[]
  /** How many fit the question; more than `incidents.length` when not all are listed. */
  readonly total: number
  /** Of those that fit all but the state asked for: how many there are in each, and in how many some run stands now. */
  readonly states: Readonly<Record<IncidentState, number>>
  readonly standing: number
  /** Where the first bar of each trend begins. */
  readonly trendFrom: IsoTime
  /** Within the trend's day. */
  readonly deploys: readonly Deploy[]
  /** What there is to narrow them down to, whatever they are narrowed to now; steps as `tool › search_orders`. */
  readonly values: Readonly<Record<IncidentField, readonly string[]>>
}

export const INCIDENT_FIELDS = ['agent', 'step', 'version', 'environment'] as const
export type IncidentField = (typeof INCIDENT_FIELDS)[number]

export interface Stall {
  readonly runId: string
  readonly version: string | null
  readonly userId: string | null
  /** The deadline that passed. */
  readonly beganAt: IsoTime
  /** When it moved on or ended; null while it stands still. */
  readonly endedAt: IsoTime | null
  /** The run as it is now; null when it is not kept any more. */
  readonly run: RunRow | null
}

/** Answer of `GET /api/stalls/:fingerprint`. */
export interface IncidentDetail extends Incident {
  readonly trendFrom: IsoTime
  readonly deploys: readonly Deploy[]
  /** Of those that are kept; null when none is. */
  readonly firstStall: Stall | null
  /** The latest 50. */
  readonly latestStalls: readonly Stall[]
  /** Those seen first, 100 at most. */
  readonly userIds: readonly string[]
  /** The rule of the fingerprint, as it read this incident's code: `src/tools/search.ts › search`; null without code. */
  readonly codeKey: string | null
  /** What was merged into it, and what it was split off from. */
  readonly merged: readonly ({ readonly fingerprint: Fingerprint } & Ingredients)[]
  readonly splitFrom: { readonly fingerprint: Fingerprint; readonly version: string | null } | null
}
