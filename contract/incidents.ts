/**
 * The life of an incident: what people decided about it, what came of that, and the record of both. An incident nobody
 * has touched is `open`. `POST /api/stalls/:fingerprint/actions` takes an `IncidentRequest`.
 */
import type { IsoTime } from './runs.ts'
import type { Fingerprint } from './stalls.ts'
import type { Millis } from './units.ts'

/**
 * - `acknowledged` somebody looks at it: it grows in silence
 * - `muted` nobody wants to hear of it until something happens, then it is open again
 * - `resolved` it should not come again; when it does, it is open again, as `regressed`
 */
export const INCIDENT_STATES = ['open', 'acknowledged', 'muted', 'resolved'] as const
export type IncidentState = (typeof INCIDENT_STATES)[number]

/** What ends a mute: a moment; the next deploy of a service it stood still in; so many stalls more. */
export type MuteUntil =
  | { readonly kind: 'time'; readonly at: IsoTime }
  | { readonly kind: 'deploy' }
  | { readonly kind: 'stalls'; readonly more: number }

export interface IncidentLife {
  readonly state: IncidentState
  /** Since when, and who decided it; both null for one nobody has touched, `by` also when it was not said. */
  readonly since: IsoTime | null
  readonly by: string | null
  readonly assignee: string | null
  /** Of a muted one. */
  readonly mutedUntil: MuteUntil | null
  /** Of a resolved one: the version that no longer stalls; null for "from now on". */
  readonly resolvedIn: string | null
  /** It came again after it was resolved: in which version it had been, and in which one it came. */
  readonly regressed: { readonly from: string | null; readonly in: string | null; readonly at: IsoTime } | null
}

export const UNTOUCHED: IncidentLife = {
  state: 'open',
  since: null,
  by: null,
  assignee: null,
  mutedUntil: null,
  resolvedIn: null,
  regressed: null,
}

export type IncidentAction =
  | { readonly action: 'acknowledge' }
  | { readonly action: 'mute'; readonly until: MuteUntil }
  | { readonly action: 'resolve'; readonly version: string | null }
  | { readonly action: 'reopen' }
  | { readonly action: 'assign'; readonly to: string | null }
  /** Its stalls are those of another one from now on, and were all along. */
  | { readonly action: 'merge'; readonly into: Fingerprint }
  | { readonly action: 'unmerge'; readonly part: Fingerprint }
  /** The stalls of one version are an incident of their own. Null for those that named no version. */
  | { readonly action: 'split'; readonly version: string | null }
  | { readonly action: 'unsplit'; readonly version: string | null }

/** Nobody is asked who they are yet: `by` is what they say. */
export type IncidentRequest = IncidentAction & { readonly by?: string | null; readonly reason?: string | null }

export const NAME_CHARS_MAX = 80
export const REASON_CHARS_MAX = 500
export const MUTE_MS_MAX: Millis = 30 * 24 * 60 * 60_000
export const MUTE_STALLS_MAX = 10_000

/** What was done, by people; and, at the end, what Laststep did by itself. */
export const INCIDENT_CHANGES = [
  'acknowledged',
  'muted',
  'resolved',
  'reopened',
  'assigned',
  'merged',
  'unmerged',
  'split',
  'unsplit',
  'mute-ended',
  'regressed',
] as const
export type IncidentChangeKind = (typeof INCIDENT_CHANGES)[number]

/** An entry of the history, which is only ever added to. */
export interface IncidentChange {
  readonly at: IsoTime
  /** Null when it was not said, and when nobody did it. */
  readonly by: string | null
  readonly what: IncidentChangeKind
  /** How it was and how it is, in words: `open`, `muted until 5 more stalls`, `resolved in 1.4.3`. Null for nothing. */
  readonly from: string | null
  readonly to: string | null
  readonly reason: string | null
}

/** Answer of `GET /api/stalls/:fingerprint/history`: the latest first. */
export interface IncidentHistory {
  readonly changes: readonly IncidentChange[]
}

/** What its stalls may cost, by the values this collector was given; a guess to order by, and no bill. */
export interface Impact {
  readonly amount: number
  readonly unit: string
}
