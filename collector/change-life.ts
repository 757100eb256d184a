/**
 * What becomes of an incident when somebody decides something, or when something comes that a decision was waiting for.
 *
 * ```
 *            acknowledge            mute                    resolve
 *   open ───────────────▶ acknowledged ──────▶ muted ───────────────▶ resolved      (each also from those before it)
 *    ▲                        │                  │                       │
 *    └──────── reopen ────────┴──── mute ended ──┴── came again ─────────┘
 * ```
 */
import type { IncidentAction, IncidentChangeKind, IncidentLife, MuteUntil } from '../contract/incidents.ts'
import type { IsoTime } from '../contract/runs.ts'
import { fromIso, toIso, type Instant } from '../contract/units.ts'

export type LifeEvent =
  | Extract<IncidentAction, { readonly action: 'acknowledge' | 'mute' | 'resolve' | 'reopen' | 'assign' }>
  | { readonly action: 'mute-ended' }
  | { readonly action: 'came-again'; readonly version: string | null }

export type LifeChange =
  | {
      readonly life: IncidentLife
      readonly what: IncidentChangeKind
      readonly from: string | null
      readonly to: string | null
    }
  /** It is so already. */
  | { readonly same: true }
  /** Why not, and what to do. */
  | { readonly refused: string }

const SAME: LifeChange = { same: true }

export function changeLife(life: IncidentLife, event: LifeEvent, by: string | null, now: Instant): LifeChange {
  const { state } = life
  const at = toIso(now)
  switch (event.action) {
    case 'acknowledge':
      if (state === 'acknowledged') return SAME
      return state === 'resolved' ? REOPEN_FIRST : turn(life, 'acknowledged', { state: 'acknowledged' }, by, at)
    case 'mute': {
      const { until } = event
      if (state === 'resolved') return REOPEN_FIRST
      if (until.kind === 'time' && fromIso(until.at) <= now) return { refused: 'mute until a moment that is to come' }
      return turn(life, 'muted', { state: 'muted', mutedUntil: until }, by, at)
    }
    case 'resolve':
      if (state === 'resolved' && life.resolvedIn === event.version) return SAME
      return turn(life, 'resolved', { state: 'resolved', resolvedIn: event.version, regressed: null }, by, at)
    case 'reopen':
      return state === 'open' ? SAME : turn(life, 'reopened', { state: 'open' }, by, at)
    case 'assign':
      if (life.assignee === event.to) return SAME
      return { life: { ...life, assignee: event.to }, what: 'assigned', from: life.assignee, to: event.to }
    case 'mute-ended':
      return state === 'muted' ? turn(life, 'mute-ended', { state: 'open' }, null, at) : SAME
    case 'came-again': {
      if (state !== 'resolved') return SAME
      const regressed = { from: life.resolvedIn, in: event.version, at }
      return turn(life, 'regressed', { state: 'open', regressed }, null, at)
    }
  }
}

const REOPEN_FIRST: LifeChange = { refused: 'it is resolved: reopen it first' }

/** What belongs to the state before is left behind; who looks after it, and that it came again, stays. */
function turn(
  before: IncidentLife,
  what: IncidentChangeKind,
  change: Partial<IncidentLife> & Pick<IncidentLife, 'state'>,
  by: string | null,
  since: IsoTime,
): LifeChange {
  const life: IncidentLife = { ...before, mutedUntil: null, resolvedIn: null, ...change, since, by }
  return { life, what, from: describeLife(before), to: describeLife(life) }
}

/** `open`, `muted until 5 more stalls`, `resolved in 1.4.3`. */
export function describeLife({ state, mutedUntil, resolvedIn }: IncidentLife): string {
  if (state === 'muted' && mutedUntil !== null) return `muted until ${describeUntil(mutedUntil)}`
  return state === 'resolved' && resolvedIn !== null ? `resolved in ${resolvedIn}` : state
}

function describeUntil(until: MuteUntil): string {
  switch (until.kind) {
    case 'time':
      return until.at
    case 'deploy':
      return 'the next deploy'
    case 'stalls':
      return until.more === 1 ? 'one more stall' : `${until.more} more stalls`
  }
}

/** What came since an incident is in its present state, as the history tells it. */
export interface Recurrence {
  /** Stalls that began since. */
  readonly stalls: number
  /** Their versions. `wasKnown`: it ran somewhere in that environment before. */
  readonly versions: readonly { readonly version: string | null; readonly wasKnown: boolean }[]
  /** A service it stood still in got another version since. */
  readonly wasDeployed: boolean
}

/**
 * Decide whether what a decision waited for has come. It rests on how things are, not on what was heard of them: asked
 * again, also after a restart, it says the same.
 *
 * A version that ran before the incident was resolved may go on stalling: the repair is not in it. The version it is
 * resolved in, one that was never seen before and one without a name are later ones.
 */
export function decideReturn(life: IncidentLife, since: Recurrence, now: Instant): LifeEvent | null {
  const { state, mutedUntil, resolvedIn } = life
  if (state === 'muted' && mutedUntil !== null)
    return hasEnded(mutedUntil, since, now) ? { action: 'mute-ended' } : null
  if (state !== 'resolved') return null
  const later = since.versions.find(
    ({ version, wasKnown }) => resolvedIn === null || version === null || version === resolvedIn || !wasKnown,
  )
  return later === undefined ? null : { action: 'came-again', version: later.version }
}

function hasEnded(until: MuteUntil, since: Recurrence, now: Instant): boolean {
  switch (until.kind) {
    case 'time':
      return fromIso(until.at) <= now
    case 'deploy':
      return since.wasDeployed
    case 'stalls':
      return since.stalls >= until.more
  }
}
