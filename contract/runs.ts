/**
 * Runs as the API tells them. Times are ISO-8601 UTC with milliseconds. `null` means "not known" or "not yet";
 * a field is never left out. The same shapes go to the dashboard, the live feed and `GET /api/runs`.
 */
import type { SpanId, TraceId } from './ids.ts'
import type { FindingId } from './findings.ts'
import type { ConnectionState, DeliveryOutcome, DeliveryState, StreamKind } from './deliveries.ts'
import type { Outcome, Phase } from './phases.ts'
import type { Cause, Confidence, Status } from './statuses.ts'
import type { Millis } from './units.ts'

/** ISO-8601, UTC, milliseconds. */
export type IsoTime = string

export interface CodeLocation {
  readonly file: string
  readonly line: number | null
  readonly function: string | null
}

/** A phase and what it is about: `tool › search_orders`. */
export interface Step {
  readonly phase: Phase
  /** The tool, the model, the function; null when the phase says it all. */
  readonly name: string | null
  /** The open span, when there is one. */
  readonly spanId: SpanId | null
  /** When the run last made progress in this step, by the collector's clock. */
  readonly since: IsoTime
  readonly code: CodeLocation | null
}

export interface DeliverySummary {
  /** Messages of the contract's critical events that were emitted and must be confirmed. */
  readonly required: number
  /** Of these, how many the client (or, without acks, its WebSocket stack) confirmed. */
  readonly confirmed: number
  readonly outcome: DeliveryOutcome
}

/** One row of a list. */
export interface RunRow {
  readonly id: string
  /** Grows with every change of this run; a row with a lower one is older. */
  readonly rev: number
  readonly traceId: TraceId | null
  readonly agent: string | null
  readonly service: string | null
  readonly version: string | null
  readonly environment: string | null
  readonly userId: string | null
  readonly sessionId: string | null
  readonly status: Status
  readonly step: Step | null
  readonly cause: Cause | null
  readonly confidence: Confidence
  /** The finding about its process that explains it; such a run is told of with the finding, not by itself. */
  readonly explainedBy: FindingId | null
  /** Nothing has come of it since Laststep last did not hear for a while. */
  readonly isUnconfirmed: boolean
  readonly startedAt: IsoTime
  readonly lastProgressAt: IsoTime
  readonly endedAt: IsoTime | null
  /** Messages emitted so far. */
  readonly events: number
  readonly delivery: DeliverySummary
}

/**
 * What an evidence line opens, all of it in `RunDetail`: `span:<id>`, `delivery:<seq>`, `connection:<id>`,
 * `pulse:<instance>` (the run's process), `log:<state>@<time>` (what the run said of itself: a log `run <state>`),
 * `gap:<from>` (`verdict.unconfirmed`).
 */
export type EvidenceRef = string

export interface Evidence {
  readonly text: string
  readonly ref: EvidenceRef | null
}

/**
 * Why Laststep did not hear what it should have: it was not running (`down`), it was running and stood still (`paused`),
 * or it sent telemetry away because it could not keep it (`refused`).
 */
export const GAP_REASONS = ['down', 'paused', 'refused'] as const
export type GapReason = (typeof GAP_REASONS)[number]

/** A stretch in which Laststep did not hear. */
export interface GapView {
  readonly from: IsoTime
  readonly to: IsoTime
  readonly reason: GapReason
}

/** What a learned limit was made of: p99 of so many samples, times the factor, within the contract's floor and ceiling. */
export interface LearnedLimit {
  readonly samples: number
  readonly p99Ms: Millis
  readonly factor: number
}

/**
 * The limit a verdict was measured against, and where it comes from: `contract`, `contract › agents.research`,
 * `learned › research › tool › search`, …
 */
export interface Limit {
  readonly ms: Millis
  readonly from: string
  /** Null for a limit that somebody wrote. */
  readonly learned: LearnedLimit | null
}

/** Another explanation that the same facts allow. */
export interface Otherwise {
  /** Null when nothing is wrong then. */
  readonly cause: Cause | null
  readonly text: string
  /** What would tell the two apart, once it is heard. */
  readonly decidedBy: string
}

export interface Verdict {
  readonly status: Status
  readonly step: Step | null
  readonly cause: Cause | null
  /** Since when this status holds: for a stall, its deadline. */
  readonly since: IsoTime
  /** The moment the current limit passes, or passed; null when nothing is awaited. */
  readonly deadline: IsoTime | null
  readonly limit: Limit | null
  readonly confidence: Confidence
  readonly evidence: readonly Evidence[]
  /** Null where the evidence leaves no second explanation. */
  readonly otherwise: Otherwise | null
  readonly explainedBy: FindingId | null
  /** The last gap in our own hearing, while nothing has come of the run since: what became of it in there is unknown. */
  readonly unconfirmed: GapView | null
  /** When a run completed after it had been flagged: how late, in ms past the deadline. */
  readonly lateByMs: Millis | null
}

/**
 * How a stall was over: the run went on, or came to its end. `withdrawn`: nothing had been heard of it, and the flag did
 * not hold any more, for a gap in our own hearing had moved its deadline, or another contract sets another one.
 */
export const STALL_ENDINGS = ['recovered', 'completed', 'failed', 'cancelled', 'withdrawn'] as const
export type StallEnding = (typeof STALL_ENDINGS)[number]

/** A time for which a run was flagged, and which is over. */
export interface PastStall extends Pick<Verdict, 'step' | 'cause' | 'since' | 'deadline'> {
  readonly status: 'stalled' | 'lost' | 'undelivered'
  /** By the collector's clock. */
  readonly endedAt: IsoTime
  readonly ending: StallEnding
  /** When the run completed with it: how late, in ms past the deadline. */
  readonly lateByMs: Millis | null
}

export type AttributeValue =
  | string
  | number
  | boolean
  | null
  | readonly AttributeValue[]
  | { readonly [key: string]: AttributeValue }
export type Attributes = { readonly [key: string]: AttributeValue }

export interface SpanEvent {
  readonly name: string
  readonly at: IsoTime
  readonly attributes: Attributes
}

export interface SpanView {
  readonly traceId: TraceId
  readonly spanId: SpanId
  readonly parentSpanId: SpanId | null
  readonly name: string
  readonly phase: Phase | null
  readonly startedAt: IsoTime
  /** Null while the span is open. Never invented. */
  readonly endedAt: IsoTime | null
  /** The last moment something was heard from inside this span. */
  readonly lastHeardAt: IsoTime
  /** For a span without an end: `open` (still running as far as anyone knows), `stopped` (its process said goodbye),
   * `unreported` (a later pulse no longer lists it; the final record was lost). Null when ended. */
  readonly openState: 'open' | 'stopped' | 'unreported' | null
  readonly status: 'unset' | 'ok' | 'error'
  readonly statusMessage: string | null
  readonly code: CodeLocation | null
  readonly attributes: Attributes
  readonly events: readonly SpanEvent[]
}

/** An agent that the run's agent called, directly or not: a step of the run, and a run to look at by itself. */
export interface SubAgent {
  readonly spanId: SpanId
  readonly agent: string
  readonly status: 'open' | 'ended' | 'failed'
  readonly startedAt: IsoTime
  readonly endedAt: IsoTime | null
  /** Model and tool steps inside it, those of its own sub-agents included. */
  readonly steps: number
}

export interface DeliveryView {
  readonly seq: number
  readonly event: string
  readonly connectionId: string | null
  readonly attempt: number
  readonly spanId: SpanId | null
  readonly bytes: number | null
  readonly targets: number | null
  /** Every state reached, in order, with when. */
  readonly states: readonly { readonly state: DeliveryState; readonly at: IsoTime }[]
  readonly reason: string | null
}

export interface ConnectionView {
  readonly id: string
  readonly userId: string | null
  /** True when the client sends acks; without, `transported` is the most that can be proven, over a stream `written`. */
  readonly acks: boolean
  /** Null for a connection that goes both ways. */
  readonly stream: StreamKind | null
  readonly states: readonly { readonly state: ConnectionState; readonly at: IsoTime }[]
  readonly closeCode: number | null
  /** As the client saw it; the two ends may disagree. Null unless the client came back and said so. */
  readonly clientCloseCode: number | null
  readonly closeReason: string | null
  readonly closedBy: 'client' | 'server' | 'network' | null
}

export interface LogView {
  readonly at: IsoTime
  readonly severity: string
  readonly event: string | null
  readonly body: string
  readonly spanId: SpanId | null
  readonly attributes: Attributes
}

/** The process a run lives in, by the last pulse that came of it. */
export interface ProcessView {
  /** `service.instance.id`. */
  readonly id: string
  /** By the collector's clock. */
  readonly lastPulseAt: IsoTime
  /** The number of that pulse. */
  readonly pulses: number
  readonly intervalMs: Millis
  /** Since when its main thread has not turned; null when it turns. */
  readonly blockedSince: IsoTime | null
  readonly loopDelayMs: Millis | null
  /** How far its clock is behind ours, at most: a pulse takes time to come. Negative for one that is ahead, by at least as much. */
  readonly clockBehindMs: Millis
  /** It shut down in order. */
  readonly stopped: boolean
}

/** The line of the critical-event checklist. The events are those of the run's progression contract. */
export interface ChecklistItem {
  readonly event: string
  /** What the event is about: a run without messages shows it by a span of this phase. */
  readonly phase: Phase
  /** `overdue` and `skipped` are words for "should be there": before and after the run ended. */
  readonly state: 'done' | 'pending' | 'overdue' | 'skipped' | 'optional'
  readonly at: IsoTime | null
  readonly count: number
  /** How far the first message of this type got. */
  readonly delivery: DeliveryState | null
  readonly seq: number | null
}

/** Spans of one name under one parent that are not in an answer which could not hold them all. */
export interface LeftOut {
  readonly parentSpanId: SpanId | null
  readonly name: string
  readonly count: number
  /** Null when none of them has an end. */
  readonly p95Ms: Millis | null
}

export interface RunDetail extends RunRow {
  readonly outcome: Outcome | null
  readonly verdict: Verdict
  /** The last ten times for which it was flagged, in order of time; without the one that goes on. */
  readonly pastStalls: readonly PastStall[]
  readonly checklist: readonly ChecklistItem[]
  readonly spans: readonly SpanView[]
  /** How many spans exist; more than `spans.length` when the answer was cut. */
  readonly spansTotal: number
  /** What was cut, in groups; the largest. */
  readonly leftOut: readonly LeftOut[]
  /** By their start. */
  readonly subAgents: readonly SubAgent[]
  /** What its steps amount to together: attempts, hand-overs, loops. */
  readonly patterns: readonly Evidence[]
  readonly deliveries: readonly DeliveryView[]
  readonly connections: readonly ConnectionView[]
  readonly logs: readonly LogView[]
  /** Null when its process is not known, or sends no pulse. */
  readonly process: ProcessView | null
  /** Of the incident its stall belongs to; null when it does not stand still. */
  readonly fingerprint: string | null
  /** The gaps of the last day in Laststep's own hearing while the run went on or its end was not heard yet, in order. */
  readonly gaps: readonly GapView[]
  /** Name and content hash of the progression contract that judged this run. */
  readonly contract: { readonly name: string; readonly hash: string }
  /** Null unless it was asked for as it was at a moment (`asof`): all else in the answer is then of that moment. */
  readonly asOf: RunAsOf | null
}

export interface RunAsOf {
  readonly at: IsoTime
  /** Something has become of it since. */
  readonly isBehind: boolean
  /** How it is now. */
  readonly status: Status
  readonly endedAt: IsoTime | null
}

/** Answer of `GET /api/runs`. */
export interface RunList {
  readonly runs: readonly RunRow[]
  /** Pass as `cursor` for the next page; null on the last. */
  readonly next: string | null
}

/** How `GET /api/runs` may be sorted. Those of one status, or of one agent, are the newest first among themselves. */
export const RUN_SORTS = ['started', 'duration', 'status', 'agent'] as const
export type RunSort = (typeof RUN_SORTS)[number]
export const RUN_ORDERS = ['asc', 'desc'] as const
export type RunOrder = (typeof RUN_ORDERS)[number]

/** Of times the largest first; of words the first, and of statuses those that demand attention. */
export function usualOrder(sort: RunSort): RunOrder {
  return sort === 'started' || sort === 'duration' ? 'desc' : 'asc'
}
