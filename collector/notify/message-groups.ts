/**
 * What stands still, on its way to those who are told: gathered by fingerprint, decided, stored, then told.
 *
 * ```
 * note ─▶ pending ─▶ what it rests on is stored ─▶ enter · leave ─▶ decide ─▶ desk: groups, members, messages at once ─▶ outbox
 *                                                                    ▲ again when time alone changes it
 * ```
 *
 * Only how things are counts, not which changes led there: a change that comes twice, or was missed because this
 * process was killed, makes no difference. At the start everything that is known is noted once more.
 */
import type { Deploy } from '../../contract/deploys.ts'
import type { Clock, Timer } from '../../contract/clock.ts'
import type { IncidentState } from '../../contract/incidents.ts'
import { hours, seconds, toIso, type Instant, type Millis } from '../../contract/units.ts'
import { asTold, decideMessage, isDone, type Decision } from './decide-message.ts'
import type { Message } from './message.ts'
import { enter, isOver, leave, type Member, type StallGroup, type Subject } from './stall-group.ts'
import { writeMessage } from './write-message.ts'

/** The part of the desk that keeps groups; `keep/desk.ts` fits. */
export interface GroupDesk {
  /** Groups and members as JSON texts, by fingerprint and by key. */
  groups(): { readonly groups: ReadonlyMap<string, string>; readonly members: ReadonlyMap<string, string> }
  /** All or nothing. Null takes one out. A message whose id is known changes nothing. */
  saveGroups(changes: {
    readonly groups: ReadonlyMap<string, string | null>
    readonly members: ReadonlyMap<string, string | null>
    readonly messages: readonly Message[]
  }): void
}

/** Whoever can say which deploy brought an incident; `deploys.ts` fits. */
export interface SuspectDeploys {
  /** Null when the numbers name none. Never throws. */
  suspectOf(fingerprint: string): Promise<Deploy | null>
}

export interface MessageGroupsSettings {
  readonly clock: Clock
  readonly desk: GroupDesk
  readonly deploys: SuspectDeploys
  /** Resolves once what was noted so far rests on something that a restart would say again. */
  readonly stored: () => Promise<void>
  /** Takes over a message that the desk holds. */
  readonly send: (message: Message) => void
  /** What people decided about an incident. */
  readonly stateOf: (fingerprint: string) => IncidentState
  /** Where people reach the dashboard. */
  readonly address: () => string
  readonly log: { error(facts: object, text: string): void }
}

export interface MessageGroups {
  /**
   * Something may have become of a run or a source. Never throws.
   * @param read how it is, asked only when it makes a difference; null when nobody knows any more
   */
  note(key: string, isStanding: boolean, read: Read): void
  /** At the start: all that stands still. @param find what became of one that did */
  noteAll(standing: ReadonlyMap<string, Read>, find: (key: string) => Subject | null): void
  /** Something was decided about an incident: what was held may be told. */
  decided(): void
  /** Lets the round under way end. Safe to call twice. */
  stop(): Promise<void>
}

export type Read = () => Subject | null

/** After a failure of the desk. */
const REST: Millis = seconds(5)
/** Longer sleeps end early and look again. */
const SLEEP_MAX: Millis = hours(1)
/** Nobody waits longer for the name of a deploy, nor for those of more incidents at once. */
const SUSPECT_WITHIN: Millis = seconds(1)
const SUSPECTS_MAX = 10

export function startMessageGroups(settings: MessageGroupsSettings): MessageGroups {
  const { clock, desk, log } = settings
  const saved = desk.groups()
  const groups = parsed<StallGroup>(saved.groups)
  const members = parsed<Member>(saved.members)
  /** The newest word on each, in the order in which they were first noted. */
  const pending = new Map<string, Read>()
  /** Changed since they were last written down. */
  const changed = { groups: new Set<string>(), members: new Set<string>(), messages: [] as Message[] }
  let round: Promise<void> | null = null
  let timer: Timer | null = null
  let isStopped = false
  /** Something was decided while a round was under way. */
  let isAskedAgain = false

  const wake = (): void => {
    if (isStopped || round !== null) return
    timer?.cancel()
    round = settings
      .stored()
      .then(tellAll)
      .catch((error: unknown) => {
        log.error({ err: error }, 'what stands still could not be written down; it is told later')
        return clock.now() + REST
      })
      .then((lookAgainAt) => {
        round = null
        const isDue = pending.size > 0 || isAskedAgain
        isAskedAgain = false
        if (isStopped || (lookAgainAt === null && !isDue)) return
        const delay = isDue && lookAgainAt === null ? 0 : (lookAgainAt ?? 0) - clock.now()
        timer = clock.after(Math.min(Math.max(0, delay), SLEEP_MAX), wake)
      })
  }

  /** @returns when time alone makes news */
  const tellAll = async (): Promise<Instant | null> => {
    const now = clock.now()
    for (const [key, read] of pending) fold(key, read(), now)
    pending.clear()
    const decided = Array.from(groups.values(), (group) => {
      return { group, decision: decideMessage(group, now, settings.stateOf(group.fingerprint)) }
    })
    const suspects = await askSuspects(decided)
    let lookAgainAt = Infinity
    for (const { group, decision } of decided) {
      if (decision.tell !== undefined) {
        const suspect = suspects.get(group.fingerprint) ?? null
        changed.messages.push(writeMessage(group, decision.tell, settings.address(), suspect, now))
        keep(asTold(group, decision.tell, now))
      } else if (isDone(group, now)) drop(group.fingerprint)
      lookAgainAt = Math.min(lookAgainAt, decision.lookAgainAt ?? Infinity)
    }
    save()
    return lookAgainAt === Infinity ? null : lookAgainAt
  }

  /** Of those that are told now: the deploys that the numbers name in time, by fingerprint. */
  const askSuspects = async (decided: readonly Decided[]): Promise<ReadonlyMap<string, Deploy>> => {
    const named = new Map<string, Deploy>()
    const asked = decided.filter(({ group, decision }) => {
      return group.first.kind === 'run' && decision.tell !== undefined && decision.tell !== 'over'
    })
    if (asked.length === 0) return named
    const answers = asked.slice(0, SUSPECTS_MAX).map(async ({ group: { fingerprint } }) => {
      const deploy = await settings.deploys.suspectOf(fingerprint)
      if (deploy !== null) named.set(fingerprint, deploy)
    })
    const { promise: late, resolve } = Promise.withResolvers<void>()
    const patience = clock.after(SUSPECT_WITHIN, resolve)
    await Promise.race([Promise.all(answers), late])
    patience.cancel()
    return named
  }

  const fold = (key: string, subject: Subject | null, now: Instant): void => {
    const member = members.get(key)
    if (subject?.state === 'standing') stand(subject, member?.isStanding ? member : null)
    else if (subject?.state !== 'explained' && member?.isStanding) {
      const group = groups.get(member.fingerprint)
      setMember(key, { ...member, isStanding: false })
      const left = subject ?? ({ key, state: 'ended', since: toIso(now) } as const)
      if (group !== undefined) keep(leave(group, left, subject?.facts ?? null))
    }
  }

  /** @param standing it, where it stands still already: then it stays with its group, whatever it looks like by now */
  const stand = (subject: Subject, standing: Member | null): void => {
    const { key, size } = subject
    const fingerprint = standing?.fingerprint ?? subject.fingerprint
    const group = groups.get(fingerprint) ?? null
    const isFirst = group?.keys[0] === key
    if (standing !== null && size <= standing.size && !isFirst) return
    if (group === null || isOver(group)) forgetMembers(fingerprint)
    const held = members.get(key)
    const member = held?.fingerprint === fingerprint ? held : null
    keep(enter(group, member, { ...subject, fingerprint }))
    setMember(key, { fingerprint, isStanding: true, size: Math.max(size, member?.size ?? 0) })
  }

  const keep = (group: StallGroup): void => {
    groups.set(group.fingerprint, group)
    changed.groups.add(group.fingerprint)
  }

  const setMember = (key: string, member: Member): void => {
    members.set(key, member)
    changed.members.add(key)
  }

  const drop = (fingerprint: string): void => {
    groups.delete(fingerprint)
    changed.groups.add(fingerprint)
    forgetMembers(fingerprint)
  }

  const forgetMembers = (fingerprint: string): void => {
    for (const [key, member] of members) {
      if (member.fingerprint !== fingerprint) continue
      members.delete(key)
      changed.members.add(key)
    }
  }

  /** What could not be written down is written down with what comes next. */
  const save = (): void => {
    if (changed.groups.size + changed.members.size === 0) return
    const messages = [...changed.messages]
    desk.saveGroups({ groups: written(changed.groups, groups), members: written(changed.members, members), messages })
    changed.groups.clear()
    changed.members.clear()
    changed.messages.length = 0
    for (const message of messages) settings.send(message)
  }

  return {
    note(key, isStanding, read) {
      // Most changes are about runs that go on as they should.
      if (!isStanding && !members.has(key) && !pending.has(key)) return
      pending.set(key, read)
      wake()
    },
    noteAll(standing, find) {
      for (const [key, read] of standing) pending.set(key, read)
      for (const [key, { isStanding }] of members)
        if (isStanding && !standing.has(key)) pending.set(key, () => find(key))
      wake()
    },
    decided() {
      if (groups.size === 0) return
      isAskedAgain = round !== null
      wake()
    },
    async stop() {
      isStopped = true
      timer?.cancel()
      await round
    },
  }
}

interface Decided {
  readonly group: StallGroup
  readonly decision: Decision
}

/** Our own texts. */
function parsed<Value>(texts: ReadonlyMap<string, string>): Map<string, Value> {
  return new Map(Array.from(texts, ([key, text]) => [key, JSON.parse(text) as Value]))
}

function written(keys: Iterable<string>, values: ReadonlyMap<string, unknown>): Map<string, string | null> {
  return new Map(Array.from(keys, (key) => [key, values.has(key) ? JSON.stringify(values.get(key)) : null]))
}
