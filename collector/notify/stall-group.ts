/**
 * Stalls that are the same trouble, told of together. Plain data and what becomes of it; nothing here knows the time.
 *
 * ```
 * the first stands still ─▶ standing ── all moved on or ended ──▶ quiet ── one stands still ─┬─▶ standing, as before
 *                                                                                           └─▶ a new episode, when
 *                                                                                               the end was told
 * ```
 */
import type { FailingFinding, Finding, SilentFinding } from '../../contract/findings.ts'
import type { IsoTime, RunRow, Verdict } from '../../contract/runs.ts'
import type { Instant } from '../../contract/units.ts'
import { fingerprintOfFinding, fingerprintOfRun } from '../fingerprint.ts'
import { STANDING_STATUSES } from '../../contract/statuses.ts'

/** What is told about one of them. */
export type Facts =
  | { readonly kind: 'run'; readonly run: RunRow; readonly verdict: Verdict }
  | { readonly kind: 'source'; readonly finding: SilentFinding }
  | { readonly kind: 'connections'; readonly finding: FailingFinding }

/** A run, or a source or connections by their finding, as it is now. */
export interface Subject {
  /** Its id. */
  readonly key: string
  readonly fingerprint: string
  /** `explained` stands still, and is told of with the finding that explains it. */
  readonly state: 'standing' | 'explained' | 'recovered' | 'ended'
  readonly since: IsoTime
  /** Runs it stands for, or connections. */
  readonly size: number
  readonly userId: string | null
  readonly facts: Facts
}

export type HomeOf = (fingerprint: string, version: string | null) => string

/** One that stood still in the present episode of a group. */
export interface Member {
  readonly fingerprint: string
  readonly isStanding: boolean
  readonly size: number
}

export interface StallGroup {
  readonly fingerprint: string
  /** Of the present episode: the first deadline that passed. */
  readonly firstSeenAt: IsoTime
  /** When the last of them moved on or ended. */
  readonly quietAt: IsoTime | null
  /** Runs that stood still in this episode, each once. */
  readonly count: number
  /** How many members stand still now, and how many of the others did recover. */
  readonly standing: number
  readonly recovered: number
  /** Whom they belong to, as far as that is known. Bounded. */
  readonly users: readonly string[]
  /** The first ten. */
  readonly keys: readonly string[]
  readonly first: Facts
  /** Messages decided about it, in this episode and before. */
  readonly version: number
  readonly told: { readonly state: 'standing' | 'over'; readonly count: number; readonly at: Instant } | null
  /** When it was last told that it began or ended. */
  readonly turns: readonly Instant[]
}

const KEYS_MAX = 10
const USERS_MAX = 1_000

/** A member stands still: a new one, one that did before in this episode, or one that now stands for more runs. */
export function enter(group: StallGroup | null, member: Member | null, subject: Subject): StallGroup {
  const { key, fingerprint, size, userId, facts } = subject
  const base = group === null || isOver(group) ? newEpisode(group, subject) : group
  const users =
    userId === null || base.users.includes(userId) || base.users.length >= USERS_MAX
      ? base.users
      : [...base.users, userId]
  return {
    ...base,
    fingerprint,
    users,
    quietAt: null,
    count: base.count + Math.max(0, size - (member?.size ?? 0)),
    standing: base.standing + (member?.isStanding ? 0 : 1),
    recovered: member === null || member.isStanding ? base.recovered : Math.max(0, base.recovered - 1),
    keys: base.keys.includes(key) || base.keys.length >= KEYS_MAX ? base.keys : [...base.keys, key],
    first: base.keys[0] === key ? facts : base.first,
  }
}

/** A standing member moved on, or ended. @param facts as they are now; null when nobody knows any more */
export function leave(
  group: StallGroup,
  { key, state, since }: Pick<Subject, 'key' | 'state' | 'since'>,
  facts: Facts | null,
): StallGroup {
  const standing = group.standing - 1
  return {
    ...group,
    standing,
    quietAt: standing === 0 ? since : null,
    recovered: group.recovered + (state === 'recovered' ? 1 : 0),
    first: group.keys[0] === key && facts !== null ? facts : group.first,
  }
}

/** Everybody who was told that it began was told that it ended. */
export function isOver({ standing, told }: StallGroup): boolean {
  return standing === 0 && told?.state !== 'standing'
}

function newEpisode(before: StallGroup | null, { key, fingerprint, since, facts }: Subject): StallGroup {
  const { version, told, turns } = before ?? { version: 0, told: null, turns: [] }
  const counts = { count: 0, standing: 0, recovered: 0 }
  return {
    fingerprint,
    firstSeenAt: since,
    quietAt: null,
    ...counts,
    users: [],
    keys: [key],
    first: facts,
    version,
    told,
    turns,
  }
}

/** @param homeOf where the stalls of a fingerprint belong, as people merged and split incidents */
export function subjectOfRun(run: RunRow, verdict: Verdict, homeOf: HomeOf): Subject {
  return {
    key: run.id,
    // Most are never asked for it.
    get fingerprint() {
      return homeOf(fingerprintOfRun(run), run.version)
    },
    state: stateOf(run),
    since: verdict.since,
    size: 1,
    userId: run.userId,
    facts: { kind: 'run', run, verdict },
  }
}

export function subjectOfFinding(finding: Finding): Subject {
  const states = { open: 'standing', recovered: 'recovered', over: 'ended' } as const
  return {
    key: finding.id,
    fingerprint: fingerprintOfFinding(finding),
    state: states[finding.state],
    since: finding.endedAt ?? finding.since,
    size: finding.kind === 'source-silent' ? finding.openRuns : finding.connections,
    userId: null,
    facts: finding.kind === 'source-silent' ? { kind: 'source', finding } : { kind: 'connections', finding },
  }
}

/** A run that went from `stalled` to `lost` stands where it stood: one episode, one message. */
function stateOf({ status, cause, explainedBy }: Pick<RunRow, 'status' | 'cause' | 'explainedBy'>): Subject['state'] {
  // Its own process says that it is over: what is missing is the record of how. After ten minutes in which nobody
  // listened that is every run that ended meanwhile, and there is nobody to call.
  if (status === 'lost' && cause === 'telemetry-lost') return 'ended'
  if (STANDING_STATUSES.has(status)) return explainedBy === null ? 'standing' : 'explained'
  // The stall is over, but nothing recovered: whoever was called still has something to look at.
  return status === 'failed' || status === 'cancelled' ? 'ended' : 'recovered'
}
