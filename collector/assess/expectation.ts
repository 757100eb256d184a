/** What a run owes us by when. Every rule of the judge states one; the judge weighs them. */
import type { Evidence, Limit, Step } from '../../contract/runs.ts'
import type { Cause } from '../../contract/statuses.ts'
import type { Instant, Millis } from '../../contract/units.ts'
import type { Gap } from '../entry.ts'
import type { Allowance } from './budget-for.ts'
import { findDeadline } from './find-deadline.ts'

export interface Expectation {
  /** What the run is once `dueAt` has passed. */
  readonly status: 'stalled' | 'lost'
  readonly cause: Cause
  readonly step: Step | null
  /** The run is slow from here on. */
  readonly suspectAt: Instant | null
  readonly dueAt: Instant | null
  readonly suspect: Limit | null
  readonly limit: Limit | null
  /** A run that waits for a person is `waiting` rather than `running`. */
  readonly isWaiting: boolean
  /** True for what is met all the time, such as what is expected of a process: not shown until it fails. */
  readonly isBackground: boolean
  /** It is the next pulse that is expected. */
  readonly isOfBeat: boolean
  /** What proves it; written only when the verdict shows it. */
  readonly evidence: () => readonly Evidence[]
}

type Stated = Pick<Expectation, 'cause' | 'step' | 'evidence'> & Partial<Expectation>

/** Silence allowed since a moment. */
export function expectWithin(allowance: Allowance, since: Instant, gaps: readonly Gap[], stated: Stated): Expectation {
  const { suspectMs, stalledMs, from, learned = null } = allowance
  const at = (ms: Millis | null) => (ms === null ? null : findDeadline(since, ms, gaps))
  return {
    status: 'stalled',
    isWaiting: false,
    isBackground: false,
    isOfBeat: false,
    suspectAt: at(suspectMs),
    dueAt: at(stalledMs),
    suspect: suspectMs === null ? null : { ms: suspectMs, from, learned },
    limit: stalledMs === null ? null : { ms: stalledMs, from, learned },
    ...stated,
  }
}
