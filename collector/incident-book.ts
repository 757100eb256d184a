/**
 * Incidents as people decide about them: what the desk keeps, known to whoever asks at once, and looked at again
 * whenever something comes that a decision waited for.
 *
 * ```
 * act ─▶ decide ─▶ desk ─▶ history (lists follow), messages (wake)
 *          ▲
 * a stall ─┤  of a muted or resolved one: what came since? (asked of the history)
 * a moment ┘  at which a mute ends
 * ```
 */
import type { Clock, Timer } from '../contract/clock.ts'
import { type IncidentChange, type IncidentLife, type IncidentRequest } from '../contract/incidents.ts'
import type { Fingerprint } from '../contract/stalls.ts'
import { fromIso, hours, seconds, toIso, type Instant, type Millis } from '../contract/units.ts'
import { arrange } from './arrange.ts'
import { changeLife, decideReturn, type LifeEvent, type Recurrence } from './change-life.ts'
import { arrangedOf, homeOf, NO_RECORD, rootOf, type Arranged, type IncidentRecord } from './homes.ts'
import type { ImpactValues } from './impact.ts'
import type { StallWord } from './stall.ts'

/** The part of the desk that keeps incidents; `keep/desk-incidents.ts` fits. */
export interface IncidentBookDesk {
  all(): ReadonlyMap<Fingerprint, IncidentRecord>
  save(fingerprint: Fingerprint, record: IncidentRecord, change: IncidentChange, told: readonly Fingerprint[]): void
  changes(fingerprint: Fingerprint, limit: number): readonly IncidentChange[]
}

/** The part of the history that is told of incidents and asked about them; `keep/history.ts` fits. */
export interface IncidentBookHistory {
  arrangeIncidents(arrangement: {
    readonly records: readonly (readonly [Fingerprint, IncidentRecord])[]
    readonly impact: ImpactValues | null
  }): Promise<unknown>
  saveStalls(words: readonly StallWord[]): Promise<void>
  recurrence(query: {
    readonly fingerprint: Fingerprint
    readonly after: Instant
    readonly now: Instant
  }): Promise<Recurrence>
}

export interface IncidentBookSettings {
  readonly clock: Clock
  readonly desk: IncidentBookDesk
  readonly history: IncidentBookHistory
  readonly impact: ImpactValues | null
  readonly log: { error(facts: object, text: string): void }
}

export interface IncidentBook {
  /** Where the stalls of a fingerprint belong by now. */
  homeOf(fingerprint: Fingerprint, version: string | null): Fingerprint
  /** All that were merged or split. */
  arranged(): Arranged
  /** Of one that was merged, the life of what it was merged into. */
  lifeOf(fingerprint: Fingerprint): IncidentLife
  /** @param home an incident as it is listed. @returns once lists say so; why not, and what to do, when it may not be */
  act(home: Fingerprint, request: IncidentRequest): Promise<{ readonly refused: string } | null>
  /** The latest first. */
  changes(home: Fingerprint): readonly IncidentChange[]
  /** Runs came to a standstill, or moved on: the history keeps it, and what waited for it is looked at. Never throws. */
  note(words: readonly StallWord[]): void
  /** Call this after each change. */
  onChange(call: () => void): void
  /** Look once at all that wait for something: it may have come while nobody was looking. */
  lookAtAll(): void
  /** Resolves when nothing is being looked at. Safe to call twice. */
  stop(): Promise<void>
}

const CHANGES_MAX = 200
/** A deploy comes with no word of its own: whatever is muted until one is looked at so often. */
const DEPLOY_LOOK_MS: Millis = seconds(15)
/** Longer sleeps end early and look again. */
const SLEEP_MAX: Millis = hours(1)

export async function openIncidentBook(settings: IncidentBookSettings): Promise<IncidentBook> {
  const { clock, desk, history, impact, log } = settings
  const records = new Map(desk.all())
  await history.arrangeIncidents({ records: [...records], impact })
  const due = new Set<Fingerprint>()
  let round: Promise<void> | null = null
  let timer: Timer | null = null
  let isStopped = false
  let changed = (): void => {}

  const recordOf = (fingerprint: Fingerprint): IncidentRecord => records.get(fingerprint) ?? NO_RECORD
  const lifeOf = (fingerprint: Fingerprint): IncidentLife => recordOf(rootOf(records, fingerprint)).life

  /** Stored before it is known to anybody: what was answered is not forgotten. */
  const keep = async (
    fingerprint: Fingerprint,
    record: IncidentRecord,
    change: IncidentChange,
    told: readonly Fingerprint[],
  ): Promise<void> => {
    desk.save(fingerprint, record, change, told)
    records.set(fingerprint, record)
    sleepUntilNext()
    await history.arrangeIncidents({ records: [[fingerprint, record]], impact })
    changed()
  }

  const live = async (home: Fingerprint, event: LifeEvent, by: string | null, reason: string | null) => {
    const now = clock.now()
    const record = recordOf(home)
    const change = changeLife(record.life, event, by, now)
    if ('refused' in change) return change
    if ('same' in change) return null
    const { life, ...said } = change
    await keep(home, { ...record, life }, { at: toIso(now), by, ...said, reason }, [home])
    return null
  }

  const lookAt = async (home: Fingerprint): Promise<void> => {
    const life = lifeOf(home)
    if (!isWaiting(life) || life.since === null) return
    const now = clock.now()
    const since = await history.recurrence({ fingerprint: home, after: fromIso(life.since), now })
    // Somebody may have decided otherwise meanwhile.
    const event = lifeOf(home) === life ? decideReturn(life, since, now) : null
    if (event !== null) await live(home, event, null, null)
  }

  const look = (): void => {
    if (isStopped || round !== null || due.size === 0) return
    round = lookAtDue()
      .catch((error: unknown) => log.error({ err: error }, 'what came of an incident could not be looked up'))
      .finally(() => {
        round = null
        sleepUntilNext()
        look()
      })
  }

  const lookAtDue = async (): Promise<void> => {
    for (const home of due) {
      due.delete(home)
      if (!isStopped) await lookAt(home)
    }
  }

  const sleepUntilNext = (): void => {
    timer?.cancel()
    const now = clock.now()
    const next = Math.min(...[...records.values()].map(({ life }) => lookAgainAt(life, now)))
    if (isStopped || next === Infinity) return
    timer = clock.after(Math.min(Math.max(0, next - now), SLEEP_MAX), () => {
      const at = clock.now()
      for (const [home, { life }] of records) {
        const isDeploy = life.state === 'muted' && life.mutedUntil?.kind === 'deploy'
        if (isDeploy || lookAgainAt(life, at) <= at) due.add(home)
      }
      look()
      if (round === null) sleepUntilNext()
    })
  }
  sleepUntilNext()

  return {
    arranged: () => arrangedOf(records),
    homeOf: (fingerprint, version) => (records.size === 0 ? fingerprint : homeOf(records, fingerprint, version)),
    lifeOf,
    async act(home, { by = null, reason = null, ...ask }) {
      switch (ask.action) {
        case 'merge':
        case 'unmerge':
        case 'split':
        case 'unsplit': {
          const arranged = arrange(records, home, ask)
          if ('refused' in arranged) return arranged
          const { fingerprint, record, told, ...said } = arranged
          await keep(fingerprint, record, { at: toIso(clock.now()), by, ...said, reason }, told)
          return null
        }
        default:
          return live(home, ask, by, reason)
      }
    },
    changes: (home) => desk.changes(home, CHANGES_MAX),
    note(words) {
      void history.saveStalls(words)
      for (const word of words) {
        if (word.kind !== 'stands' || records.size === 0) continue
        const { fingerprint, version } = word.stall
        const home = homeOf(records, fingerprint, version)
        if (isWaiting(lifeOf(home))) due.add(home)
      }
      look()
    },
    onChange: (call) => void (changed = call),
    lookAtAll() {
      for (const [fingerprint, { life }] of records)
        if (isWaiting(life) && rootOf(records, fingerprint) === fingerprint) due.add(fingerprint)
      look()
    },
    async stop() {
      isStopped = true
      timer?.cancel()
      await round
    },
  }
}

function isWaiting({ state }: IncidentLife): boolean {
  return state === 'muted' || state === 'resolved'
}

/** When time alone may change it. */
function lookAgainAt({ state, mutedUntil }: IncidentLife, now: Instant): Instant {
  if (state !== 'muted' || mutedUntil === null) return Infinity
  if (mutedUntil.kind === 'time') return fromIso(mutedUntil.at)
  return mutedUntil.kind === 'deploy' ? now + DEPLOY_LOOK_MS : Infinity
}
