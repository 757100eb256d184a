/** What is said of each run, from moment to moment. */
import type { RunChange } from '../../collector/judgement.ts'
import type { Step } from '../../contract/runs.ts'
import type { Cause, Status } from '../../contract/statuses.ts'
import { fromIso, type Instant } from '../../contract/units.ts'
import { START } from '../kit/manual-clock.ts'

/** As much of a verdict as is compared. */
export interface State {
  readonly status: Status
  /** `tool › search` */
  readonly step: string | null
  readonly cause: Cause | null
  readonly deadline: Instant | null
  /** Of those that are dated by a limit: slow, stalled, lost, undelivered. */
  readonly since: Instant | null
}

export interface Said extends State {
  readonly from: Instant
}

/** By run id; each run's states in order of time, without repetition. */
export type Timeline = Map<string, Said[]>

export const newTimeline = (): Timeline => new Map()

const DATED: ReadonlySet<Status> = new Set(['slow', 'stalled', 'lost', 'undelivered'])
export const FLAGS: ReadonlySet<Status> = new Set(['stalled', 'lost', 'undelivered'])

export function note(timeline: Timeline, { run: { facts, verdict } }: RunChange, from: Instant): void {
  const { status, step, cause, deadline, since } = verdict
  const state = {
    from,
    status,
    step: step === null ? null : nameOf(step),
    cause,
    deadline: deadline === null ? null : fromIso(deadline),
    since: DATED.has(status) ? fromIso(since) : null,
  }
  const states = timeline.get(facts.id) ?? []
  timeline.set(facts.id, states)
  const last = states.at(-1)
  if (last !== undefined && isSame(last, state)) return
  // Several records of one moment: what is said at its end counts.
  if (last?.from === from) states.pop()
  const before = states.at(-1)
  if (before === undefined || !isSame(before, state)) states.push(state)
}

export function isSame(a: State, b: State): boolean {
  return (
    a.status === b.status &&
    a.step === b.step &&
    a.cause === b.cause &&
    a.deadline === b.deadline &&
    a.since === b.since
  )
}

export function stateAt(states: readonly Said[], at: Instant): Said | null {
  return states.findLast(({ from }) => from <= at) ?? null
}

export function nameOf({ phase, name }: Pick<Step, 'phase' | 'name'>): string {
  return name === null ? phase : `${phase} › ${name}`
}

export function inWords(state: State | null): string {
  if (state === null) return 'nothing yet'
  const { status, step, cause, deadline, since } = state
  const parts = [
    step === null ? status : `${status} at ${step}`,
    ...(cause === null ? [] : [cause]),
    ...(since === null ? [] : [`since ${secondsOf(since)}`]),
    ...(deadline === null ? [] : [`due ${secondsOf(deadline)}`]),
  ]
  return parts.join(', ')
}

/** As scenarios count: from the beginning of the world. */
export const secondsOf = (at: Instant): string => `${Math.floor(at - START) / 1_000}s`
