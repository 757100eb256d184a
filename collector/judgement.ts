/** What a run is judged by, what is said of it, and what changed by saying it. */
import type { Phase } from '../contract/phases.ts'
import type { RunRow, Verdict } from '../contract/runs.ts'
import type { Status } from '../contract/statuses.ts'
import type { Instant, Millis } from '../contract/units.ts'
import type { Gap } from './entry.ts'
import type { ConnectionFacts, InstanceFacts, RunFacts } from './run.ts'
import type { Silence } from './source.ts'

/** Everything a verdict on one run may rest on. */
export interface Circumstances {
  readonly run: RunFacts
  /** Null when its process is not known or never sent a pulse. */
  readonly instance: InstanceFacts | null
  /** Null while its process speaks, or its silence is nothing but the run's own. */
  readonly silence: Silence | null
  readonly connection: (id: string) => ConnectionFacts | null
  /** In order of time. */
  readonly gaps: readonly Gap[]
  /** When all runs of its process will be looked at if no pulse comes. */
  readonly beatLookAt: Instant | null
  /** What was concluded last: a status that still holds keeps its `since`. */
  readonly before: Verdict | null
}

/** What a judge says. `row.rev` is the run's rev as it was when judged. */
export interface Judgement {
  readonly verdict: Verdict
  readonly row: RunRow
  /** The deadline of a flag (stalled, lost, undelivered), exact; null when the run is not flagged. */
  readonly flaggedAt: Instant | null
  /** The moment this judgement can change by time alone; null when only news can change it. */
  readonly lookAgainAt: Instant | null
}

/** A run, what was concluded about it, and its row for lists. */
export interface JudgedRun {
  readonly facts: RunFacts
  readonly verdict: Verdict
  readonly row: RunRow
}

/** What changed when a run was judged anew. */
export interface RunChange {
  readonly run: JudgedRun
  /** The moment it was judged as of: a deadline that passed, or when the news came. */
  readonly at: Instant
  /** What was concluded before; null for the first verdict. */
  readonly before: Pick<JudgedRun, 'verdict' | 'row'> | null
  /** Null when this is the first verdict. */
  readonly from: Status | null
  readonly to: Status
  /** Steps that ended since the last change, for durations by phase (sender's clock). */
  readonly finishedSteps: readonly { readonly phase: Phase; readonly ms: Millis }[]
}
