/** What is said of the life of an incident. */
import type {
  IncidentChange,
  IncidentChangeKind,
  IncidentLife,
  IncidentState,
  MuteUntil,
} from '../../contract/incidents.ts'
import type { IsoTime } from '../../contract/runs.ts'
import type { Fingerprint, Incident, Sibling } from '../../contract/stalls.ts'
import { hours, toIso, type Instant, type Millis } from '../../contract/units.ts'
import { count, formatCount, labelOf } from './format.ts'

/** `acknowledged by ana`, `muted until 5 more stalls`, `resolved in 1.4.3`. @param say a moment, as it is read here */
export function lifeWords({ state, mutedUntil, resolvedIn, by }: IncidentLife, say: (at: IsoTime) => string): string {
  const until = state === 'muted' && mutedUntil !== null ? ` until ${untilWords(mutedUntil, say)}` : ''
  const version = state === 'resolved' && resolvedIn !== null ? ` in ${resolvedIn}` : ''
  return `${state}${until}${version}${by === null ? '' : ` by ${by}`}`
}

function untilWords(until: MuteUntil, say: (at: IsoTime) => string): string {
  switch (until.kind) {
    case 'time':
      return say(until.at)
    case 'deploy':
      return 'the next deploy of its service'
    case 'stalls':
      return count(until.more, 'more stall')
  }
}

/** What a mute may be until, as it is offered; how many stalls is asked besides. */
export const MUTES = [
  '1 hour',
  '8 hours',
  '1 day',
  '7 days',
  'the next deploy of its service',
  'so many stalls more',
] as const
export type Mute = (typeof MUTES)[number]

const LENGTHS: Partial<Readonly<Record<Mute, Millis>>> = {
  '1 hour': hours(1),
  '8 hours': hours(8),
  '1 day': hours(24),
  '7 days': hours(7 * 24),
}

export function readMute(chosen: string, more: number, now: Instant): MuteUntil {
  const length = LENGTHS[chosen as Mute]
  if (length !== undefined) return { kind: 'time', at: toIso(now + length) }
  return chosen === MUTES[4] ? { kind: 'deploy' } : { kind: 'stalls', more }
}

/** What may be decided in a state, in the order in which it is offered. */
export const MAY: Readonly<Record<IncidentState, readonly Decision[]>> = {
  open: ['acknowledge', 'mute', 'resolve', 'assign', 'merge'],
  acknowledged: ['mute', 'resolve', 'assign', 'merge', 'reopen'],
  muted: ['acknowledge', 'mute', 'resolve', 'assign', 'merge', 'reopen'],
  resolved: ['reopen', 'resolve', 'assign', 'merge'],
}
export type Decision = 'acknowledge' | 'mute' | 'resolve' | 'reopen' | 'assign' | 'merge'

/** Those with an ellipsis ask for something more. */
export const DECISION_WORDS: Readonly<Record<Decision, string>> = {
  acknowledge: 'Acknowledge',
  mute: 'Mute…',
  resolve: 'Resolve…',
  reopen: 'Reopen',
  assign: 'Assign…',
  merge: 'Merge with…',
}

const CHANGE_WORDS: Readonly<Record<IncidentChangeKind, string>> = {
  acknowledged: 'acknowledged',
  muted: 'muted',
  resolved: 'resolved',
  reopened: 'reopened',
  assigned: 'assigned',
  merged: 'merged',
  unmerged: 'taken out again',
  split: 'split by version',
  unsplit: 'put back together',
  'mute-ended': 'the mute ended',
  regressed: 'came again',
}

/** `ana: open → muted until 5 more stalls`: who, what, from, to. @param say a moment, as it is read here */
export function changeWords(
  { what, by, from, to }: IncidentChange,
  say: (at: IsoTime) => string,
): { readonly who: string; readonly did: string; readonly how: string } {
  const isOwn = what === 'mute-ended' || what === 'regressed'
  const isName = what === 'merged' || what === 'unmerged' || what === 'split' || what === 'unsplit'
  const word = (text: string | null) => (text === null ? 'nobody' : isName ? labelOf(text) : sayTimes(text, say))
  return { who: isOwn ? 'Laststep' : (by ?? 'somebody'), did: CHANGE_WORDS[what], how: `${word(from)} → ${word(to)}` }
}

/** The history keeps moments as they are; people read them in their own zone. */
function sayTimes(text: string, say: (at: IsoTime) => string): string {
  return text.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, say)
}

/** `also in 1.4.1 (3×)`. */
export function siblingWords({ version, stalls }: Sibling): string {
  return `also in ${version ?? 'other versions'} (${formatCount(stalls)}×)`
}

/** `102.5 EUR at risk`; null when nothing was configured, or nothing is. */
export function riskWords({ atRisk }: Pick<Incident, 'atRisk'>): string | null {
  return atRisk === null || atRisk.amount === 0 ? null : `${formatCount(atRisk.amount)} ${atRisk.unit} at risk`
}

/** What the runs of an incident came to: `2 moved on, 1 completed late`; null for nothing. */
export function outcomeWords({
  recovered,
  completedLate,
}: Pick<Incident, 'recovered' | 'completedLate'>): string | null {
  const parts = [
    ...(recovered === 0 ? [] : [`${formatCount(recovered)} moved on by ${recovered === 1 ? 'itself' : 'themselves'}`]),
    ...(completedLate === 0 ? [] : [`${formatCount(completedLate)} completed late`]),
  ]
  return parts.length === 0 ? null : parts.join(', ')
}

/** `STL-4F2A09`, a whole fingerprint or the address of its page, as people paste it. Null when it is none. */
export function readPasted(text: string): Fingerprint | null {
  return /(?:^|\/|stl-)([\da-f]{4,16})\/?$/i.exec(text.trim())?.[1]?.toLowerCase() ?? null
}
