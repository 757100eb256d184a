/** What a simulated world consists of. All times are true times unless they say "work time" or "sender's clock". */
import type { Signal, Source, SpanSignal } from '../../../collector/signal.ts'
import type { Cause } from '../../../contract/statuses.ts'
import type { Instant, Millis } from '../../../contract/units.ts'

/**
 * How a runtime tells of its runs: all of Laststep's records; its spans and run records; its spans alone; somebody
 * else's open spans, sent again and again; spans when they end; messages and no spans.
 */
export const MANNERS = ['full', 'records', 'spans', 'repeating', 'ends', 'messages'] as const
export type Manner = (typeof MANNERS)[number]

export interface Process {
  readonly name: string
  readonly manner: Manner
  readonly source: Source
  /** Null without pulses. */
  readonly pulseEvery: Millis | null
  readonly crashesAt: Instant | null
  readonly exitsAt: Instant | null
  /** Stretches in which the main thread does not turn; its runs stand still, its pulses go on. */
  readonly blocks: readonly { readonly from: Instant; readonly lengthMs: Millis }[]
  /** The true time of a moment of work: blocks take time and no work is done in them. */
  trueAt(work: Millis): Instant
  /** What its clock shows at a true time. */
  clock(at: Instant): Instant
}

export interface Connection {
  readonly id: string
  readonly user: string
  readonly acks: boolean
  readonly opensAt: Instant
  /** Null while it stays open. */
  readonly closesAt: Instant | null
}

/** Something a process says. `traces` is the user's own exporter, which sends finished spans a little later. */
export interface Saying {
  readonly at: Instant
  readonly process: Process
  readonly queue: 'logs' | 'traces'
  readonly signal: Signal
}

/** Where a run stands still for good, or for longer than it may. */
export interface Stand {
  readonly from: Instant
  /** When it goes on after all; Infinity when it never does. */
  until: Instant
  readonly limitMs: Millis
  readonly causes: readonly Cause[]
  /** `tool › search`; null where the step cannot be seen. */
  readonly step: string | null
}

/** What really happened to a run. */
export interface Truth {
  readonly startsAt: Instant
  /** Its terminal, as its source tells terminals; null when there is none. */
  ends: { readonly at: Instant; readonly status: 'completed' | 'failed' | 'cancelled' } | null
  stand: Stand | null
  /** Every message that is owed was confirmed in time. */
  isDelivered: boolean
  /** When each span was open, for the pulses. */
  readonly spans: { readonly span: SpanSignal; readonly from: Instant; to: Instant }[]
}

export interface Run {
  readonly id: string
  readonly traceId: string
  readonly process: Process
  readonly truth: Truth
}

export interface World {
  readonly seed: string
  readonly processes: readonly Process[]
  readonly connections: readonly Connection[]
  readonly runs: readonly Run[]
  readonly sayings: readonly Saying[]
  /** Until then processes beat and verdicts are compared. */
  readonly endsAt: Instant
}
