/** One run as its user saw it: what a probe finds out, and what everything it prints is made of. */
import type { ChecklistItem, Verdict } from '../../contract/runs.ts'
import type { Instant, Millis } from '../../contract/units.ts'

/** A frame of the run that has a name. */
export interface SeenEvent {
  readonly event: string
  readonly seq: number | null
  readonly callId: string | null
  readonly text: string | null
  readonly at: Instant
  /** From the request. */
  readonly afterMs: Millis
  /** Silence before it. */
  readonly waitedMs: Millis
  /** How long it could have been silent; null where the contract has no limit. */
  readonly limitMs: Millis | null
  /** The run had ended before. */
  readonly isAfterEnd: boolean
}

export interface RunView {
  /** As the runtime calls it; null when it never said. */
  readonly runId: string | null
  /** Which of the tokens asked. */
  readonly user: number
  /** Until it could ask; null when it never could. */
  readonly readyMs: Millis | null
  readonly seen: readonly SeenEvent[]
  /** Null when it never came to ask. */
  readonly verdict: Verdict | null
  readonly checklist: readonly ChecklistItem[]
  /** Sentences; none: the run went as the contract says. */
  readonly problems: readonly string[]
  /** Ids of other runs whose frames came on this connection. */
  readonly strangers: readonly string[]
}
