/** A run as the history keeps it, and the question a list of them answers. */
import type { SpanId } from '../contract/ids.ts'
import type { Outcome, Phase } from '../contract/phases.ts'
import type { ChecklistItem, PastStall, ProcessView, RunOrder, RunRow, RunSort, Verdict } from '../contract/runs.ts'
import type { Status } from '../contract/statuses.ts'
import type { Instant, Millis } from '../contract/units.ts'

export interface StoredRun {
  readonly row: RunRow
  /** Further ids it goes by: a run shown under its trace id before it told its own keeps the first. */
  readonly otherIds: readonly string[]
  /** The run's own span; null while only its children, or only messages, are known. */
  readonly spanId: SpanId | null
  readonly verdict: Verdict
  readonly pastStalls: readonly PastStall[]
  readonly outcome: Outcome | null
  readonly checklist: readonly ChecklistItem[]
  /** As it was when the verdict was given. */
  readonly process: ProcessView | null
  /** The progression contract that judged it. */
  readonly contract: { readonly name: string; readonly hash: string }
  readonly reached: PhaseTimes
}

/** How long after its start a run reached a phase for the first time. A phase it did not reach, or none knows of, is left out. */
export type PhaseTimes = { readonly [phase in Phase]?: Millis }

export function idsOf({ row, otherIds }: Pick<StoredRun, 'row' | 'otherIds'>): ReadonlySet<string> {
  return new Set([row.id, ...otherIds])
}

/** Every condition must hold; an absent one asks nothing. */
export interface RunQuery {
  readonly status?: readonly Status[] | undefined
  readonly agent?: string | undefined
  readonly environment?: string | undefined
  readonly version?: string | undefined
  /** A phase (`tool`), a step (`tool › search_orders`) or what the step is about (`search_orders`). */
  readonly step?: string | undefined
  readonly user?: string | undefined
  readonly session?: string | undefined
  /** Started at or after. */
  readonly since?: Instant | undefined
  /** Started before. */
  readonly until?: Instant | undefined
  /** The canary's runs, and no others; absent or false: all but these. */
  readonly isCanary?: boolean | undefined
  /** By when they started, when absent. */
  readonly sort?: RunSort | undefined
  /** The usual one of the sort, when absent. */
  readonly order?: RunOrder | undefined
  /** 1 to 500; 50 when absent. */
  readonly limit?: number | undefined
  /** `next` of the page before, in the same order. */
  readonly cursor?: string | undefined
}
