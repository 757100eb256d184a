/** What is counted of every verdict that is made: how late it came, and whether it was taken back. */
import type { Verdict } from '../../contract/runs.ts'
import { FLAGGED_STATUSES, OPEN_STATUSES, STANDING_STATUSES, STATUSES, type Status } from '../../contract/statuses.ts'
import { hours, type Instant, type Millis } from '../../contract/units.ts'
import type { RunChange } from '../judgement.ts'
import { isOwnRun } from '../test-run.ts'
import { openLabelCounter, type LabelCounter } from './label-counter.ts'
import { openLatency, type Latency } from './latency.ts'

/** What is looked at of a `RunChange`. */
export type VerdictChange = Pick<RunChange, 'from' | 'to' | 'at'> & {
  readonly run: Pick<RunChange['run'], 'row' | 'verdict'>
  readonly before: { readonly verdict: Pick<Verdict, 'cause'> } | null
}

export interface VerdictWatch {
  /** There was a run of this status before this process began. */
  knew(status: Status): void
  note(change: VerdictChange, now: Instant): void
  readonly made: Latency
  readonly stored: Latency
  readonly openRuns: ReadonlyMap<Status, number>
  /** All of these. */
  readonly open: number
  /** Verdicts by which a run changed its status. */
  readonly verdicts: ReadonlyMap<Status, number>
  readonly flags: LabelCounter
  readonly retractions: LabelCounter
  /** In the 24 hours before `now`. */
  retractedLately(now: Instant): number
}

/** Statuses that a deadline brings about: at that moment, or with the news by which it turned out to have passed. */
const BY_DEADLINE: ReadonlySet<Status> = new Set(['slow', ...FLAGGED_STATUSES])
/** After these a run that was said to stand still had not: what fails or is cancelled after a stall had one. */
const WITHDRAWN_BY: ReadonlySet<Status> = new Set(['running', 'slow', 'waiting', 'completed', 'undelivered'])
const SERIES_MAX = 1_000
const HOUR: Millis = hours(1)

/** @param storing resolves when what was decided so far is on disk */
export function watchVerdicts(storing: () => Promise<void>, now: () => Instant): VerdictWatch {
  const made = openLatency()
  const stored = openLatency()
  const openRuns = new Map<Status, number>([...OPEN_STATUSES].map((status) => [status, 0]))
  const verdicts = new Map<Status, number>(STATUSES.map((status) => [status, 0]))
  const flags = openLabelCounter('agent', SERIES_MAX)
  const retractions = openLabelCounter('agent', SERIES_MAX)
  const retractedIn = new Map<number, number>()
  /** When the verdicts on their way to disk were due. */
  let storingSince: Instant[] = []

  const step = (status: Status, by: 1 | -1): void => {
    const held = openRuns.get(status)
    if (held !== undefined) openRuns.set(status, held + by)
  }

  const noteLatency = (due: Instant, at: Instant): void => {
    made.note(Math.max(0, at - due), at)
    storingSince.push(due)
    if (storingSince.length > 1) return
    const rest = (): void => {
      const [dues, done] = [storingSince, now()]
      storingSince = []
      for (const each of dues) stored.note(Math.max(0, done - each), done)
    }
    // A history that is gone stores nothing: then there is no latency to tell, and its check fails.
    storing().then(rest, () => (storingSince = []))
  }

  const noteRetraction = ({ run, from, before }: VerdictChange, at: Instant): void => {
    retractions.add({ agent: run.row.agent ?? '', status: from ?? '', cause: before?.verdict.cause ?? '' })
    const hour = Math.floor(at / HOUR)
    retractedIn.set(hour, (retractedIn.get(hour) ?? 0) + 1)
    for (const old of retractedIn.keys()) if (old <= hour - 24) retractedIn.delete(old)
  }

  return {
    knew: (status) => step(status, 1),
    note(change, at) {
      const { run, from, to } = change
      if (from !== to && BY_DEADLINE.has(to)) noteLatency(change.at, at)
      if (isOwnRun(run.row) || from === to) return
      if (from !== null) step(from, -1)
      step(to, 1)
      verdicts.set(to, (verdicts.get(to) ?? 0) + 1)
      const wasStanding = from !== null && STANDING_STATUSES.has(from)
      if (wasStanding && WITHDRAWN_BY.has(to)) noteRetraction(change, at)
      if (!wasStanding && STANDING_STATUSES.has(to))
        flags.add({ agent: run.row.agent ?? '', status: to, cause: run.verdict.cause ?? '' })
    },
    made,
    stored,
    openRuns,
    get open() {
      return [...openRuns.values()].reduce((sum, count) => sum + count, 0)
    },
    verdicts,
    flags,
    retractions,
    retractedLately(at) {
      const oldest = Math.floor(at / HOUR) - 24
      let sum = 0
      for (const [hour, count] of retractedIn) if (hour > oldest) sum += count
      return sum
    },
  }
}
