import type { IncidentState } from '../../contract/incidents.ts'
import { hours, minutes, type Instant, type Millis } from '../../contract/units.ts'
import type { MessageNews } from './message.ts'
import type { StallGroup } from './stall-group.ts'

/** Why nothing is told: the end of the sentence "held, because …". */
export type HoldReason =
  | 'nothing-is-wrong'
  | 'already-told'
  | 'told-lately'
  | 'told-too-often'
  | 'ended-without-recovering'
  | Hushed

/** What people decided about an incident, where they then do not want to be told of it. */
type Hushed = Exclude<IncidentState, 'open'>

export type Decision =
  | { readonly tell: MessageNews; readonly hold?: never; readonly lookAgainAt?: never }
  /** `lookAgainAt` when time alone will change it. */
  | { readonly hold: HoldReason; readonly lookAgainAt: Instant | null; readonly tell?: never }

/** A storm that grows is told again this often. */
export const GROWN_EVERY: Millis = minutes(5)
/** Of how often something began and ended nobody hears more than this within an hour: what flaps is told when it stays. */
const TURNS_MAX = 3
const TURNS_WITHIN: Millis = hours(1)
/** Whoever was told of runs that then failed is not told of their end; after this long it is a new matter. */
const ENDED_AFTER: Millis = hours(1)

/**
 * Decide whether what is known of a group is news for people who do not look at the dashboard.
 *
 * The first run that stands still is told at once; then how many there are, now and then while they grow; and once that
 * all is well again. It rests on the group as it is, not on how it came to be so: what was not told because of a rest,
 * a crash or a receiver that was away is told as it is by then. So is what was hushed, once it is open again. That all is
 * well again is told to whoever was told that it began, whatever was decided meanwhile.
 *
 * @param state of the incident, as people decided
 */
export function decideMessage(group: StallGroup, now: Instant, state: IncidentState): Decision {
  const { standing, recovered, told, count } = group
  const wasTold = told?.state === 'standing'
  if (standing > 0) {
    if (state !== 'open') return hold(state)
    if (!wasTold) return turn(group, 'begun', now)
    if (count <= told.count) return hold('already-told')
    const at = told.at + GROWN_EVERY
    return at <= now ? { tell: 'grown' } : hold('told-lately', at)
  }
  if (!wasTold) return hold('nothing-is-wrong')
  return recovered > 0 ? turn(group, 'over', now) : hold('ended-without-recovering')
}

/** @returns the group as it is once this is stored. */
export function asTold(group: StallGroup, news: MessageNews, now: Instant): StallGroup {
  const told = { state: news === 'over' ? 'over' : 'standing', count: group.count, at: now } as const
  const turns = news === 'grown' ? group.turns : [...lately(group, now), now]
  return { ...group, version: group.version + 1, told, turns }
}

/** Nobody will hear of it again unless something new stands still: it may be forgotten. */
export function isDone({ standing, recovered, told, turns }: StallGroup, now: Instant): boolean {
  if (standing > 0) return false
  const isSettled = told?.state !== 'standing' || recovered === 0
  return isSettled && Math.max(told?.at ?? 0, turns.at(-1) ?? 0) + ENDED_AFTER <= now
}

function turn(group: StallGroup, news: MessageNews, now: Instant): Decision {
  const turns = lately(group, now)
  const [first] = turns
  return turns.length < TURNS_MAX || first === undefined ? { tell: news } : hold('told-too-often', first + TURNS_WITHIN)
}

function lately({ turns }: StallGroup, now: Instant): readonly Instant[] {
  return turns.filter((at) => at + TURNS_WITHIN > now)
}

function hold(reason: HoldReason, lookAgainAt: Instant | null = null): Decision {
  return { hold: reason, lookAgainAt }
}
