/**
 * A run as the collector knows it: facts only, no conclusions. Plain data, so that a checkpoint is its JSON.
 *
 * Times named `…At` are the collector's receive times unless they say "sender's clock": a deadline must not depend on
 * a clock we do not own.
 */
import type { DeliveryState, StreamKind } from '../contract/deliveries.ts'
import type { ConnectionFailure } from '../contract/findings.ts'
import type { SpanId, TraceId } from '../contract/ids.ts'
import type { Outcome, Phase } from '../contract/phases.ts'
import type { CodeLocation, PastStall } from '../contract/runs.ts'
import type { Instant, Millis } from '../contract/units.ts'
import type { RunSignal, SpanStatus } from './signal.ts'

/** An open span of a run. */
export interface OpenSpan {
  readonly spanId: SpanId
  parentSpanId: SpanId | null
  name: string
  /** Null for spans that are not a step: plumbing such as an HTTP call inside a tool. */
  phase: Phase | null
  /** What the phase is about: the tool, the model. */
  stepName: string | null
  code: CodeLocation | null
  seq: number
  /** When we first heard of it. */
  openedAt: Instant
  /** Sender's clock. */
  startedAt: Instant
  /** When its content last grew. */
  progressAt: Instant
  /** The span's own count of pieces of content. */
  progress: number
  waiting: boolean
  /** When a message last said from inside it that the model is at it, without saying anything new. */
  thoughtAt: Instant | null
  /** A later pulse of its process did not list it: its final record was lost. */
  unreported: boolean
  /** Its process said goodbye while it was open. */
  stopReason: string | null
  /** It is sent again this often while it runs; null when it is not. */
  repeatedEvery: Millis | null
  /** When a record of it last came. */
  heardAt: Instant
  /** It is the work of another agent than the run's, and a step of the run. */
  isAgent: boolean
  /** What was known of the time such a step takes when its silence began; null while too little is. */
  learned: LearnedTimes | null
}

/** How long a step of one agent takes, as finished runs showed. */
export interface LearnedTimes {
  readonly samples: number
  /** Whole milliseconds, right to 2 %. */
  readonly p95Ms: Millis
  readonly p99Ms: Millis
}

export interface EndedStep {
  readonly spanId: SpanId
  readonly phase: Phase
  readonly stepName: string | null
  readonly name: string
  readonly code: CodeLocation | null
  readonly at: Instant
  readonly status: SpanStatus
}

/**
 * The failure a run did not get over: an exception (or ERROR) on a step or on the run's span after which no model or
 * tool step began. Of several that a throw passed through, the innermost.
 */
export interface ThrownException {
  readonly type: string
  readonly message: string
  readonly spanId: SpanId
  readonly spanName: string
  readonly phase: Phase | null
  readonly stepName: string | null
  /** The line that threw, read from the stack; the span's own line without one. */
  readonly code: CodeLocation | null
  readonly at: Instant
  /** The span's status; an exception on a span that is not `error` was recorded and handled. */
  readonly status: SpanStatus
}

/** So many failures of one tool, with no tool going well between them, are no attempts any more. */
export const FAILURES_MIN = 20

/** A tool that fails again and again, and no tool that has gone well since it began to. */
export interface FailingTool {
  readonly name: string
  readonly count: number
  readonly since: Instant
  /** When the last of `FAILURES_MIN` came. */
  readonly provenAt: Instant
  /** The latest failure. */
  readonly spanId: SpanId
}

/** One message on its way to one connection: when we first heard of each state it reached. */
export interface SendFacts {
  readonly connectionId: string | null
  readonly attempt: number
  readonly at: { [state in DeliveryState]?: Instant }
  /** Why it was dropped or failed. */
  reason: string | null
}

/** One message of the run. `sends` is keyed `connection/attempt`. */
export interface MessageFacts {
  readonly seq: number
  readonly event: string
  emittedAt: Instant
  targets: number | null
  spanId: SpanId | null
  toolCallId: string | null
  readonly sends: Record<string, SendFacts>
}

/** A message of one run that bears the id of another. */
export interface StrayMessage {
  /** The id it bears. */
  readonly runId: string
  readonly event: string
  readonly seq: number
  readonly at: Instant
  /** The span that sent it. */
  readonly spanId: SpanId
  readonly spanName: string
  readonly code: CodeLocation | null
}

/** All messages of one type. */
export interface EventFacts {
  count: number
  firstSeq: number
  firstAt: Instant
  lastSeq: number
  lastAt: Instant
}

/** The run's own word that it ended. */
export interface Terminal {
  readonly by: 'message' | 'record'
  readonly outcome: Outcome
  readonly event: string | null
  /** The message's; 0 for a record, the sender's clock for an answer. */
  readonly seq: number
  readonly reason: string | null
  at: Instant
  /** Sender's clock. */
  readonly saidAt: Instant
  /** It ends a turn of the run, and the run goes on. */
  endsTurn: boolean
}

/** The steps of one phase. */
export interface StepCounts {
  begun: number
  ended: number
  /** When the first was heard of. */
  firstAt: Instant
  /** Sender's clock, in whole ms: when the first began. */
  begunAt: Instant
  /** When the latest end arrived. */
  lastEndedAt: Instant | null
}

export interface RunFacts {
  /** The first id it was shown under: its own, or its trace's until it told one. */
  readonly id: string
  /** Further ids it goes by. */
  readonly otherIds: string[]
  rev: number
  traceId: TraceId | null
  /** The run-role span; null while only its children, or only messages, are known. */
  spanId: SpanId | null
  agent: string | null
  /** As its run records say. */
  toldAgent: string | null
  service: string | null
  version: string | null
  environment: string | null
  instance: string | null
  /** The name of its progression contract, as its telemetry says; null when it says none. */
  contract: string | null
  userId: string | null
  sessionId: string | null

  firstHeardAt: Instant
  /** The liveness clock: any sign of life, a pulse that lists a span of the run included. */
  heardAt: Instant
  /** The progress clock: a step began or ended, new content, a message emitted. */
  progressAt: Instant
  /** Sender's clock of the earliest span or message: what people are shown as the start. */
  startedAt: Instant
  /** Sender's clock of the terminal or of the run span's end: what people are shown as the end. */
  endedAt: Instant | null

  acceptedAt: Instant | null
  /** When it first said that it waits for its turn. */
  queuedAt: Instant | null
  /** When `agent_started` was emitted or a run record said so; stays null for telemetry without either. */
  agentStartedAt: Instant | null
  /** When we first heard of the run span. */
  spanOpenedAt: Instant | null
  /** Sender's clock. */
  spanStartedAt: Instant | null
  /** When the run span's final record arrived. */
  spanEndedAt: Instant | null
  /** Sender's clock. */
  spanFinishedAt: Instant | null
  /** The run span left its process's pulse but its final record never came. */
  spanUnreported: boolean
  spanStatus: SpanStatus
  /** The run span's end says nothing of how it went: its framework ends all of them well. */
  spanEndsWellAnyhow: boolean

  /** Every terminal heard, the deciding one first. */
  terminals: Terminal[]
  /** How the run says it ended: its terminal message, run record or, without either, its run span. */
  outcome: Outcome | null
  outcomeAt: Instant | null
  outcomeEvent: string | null
  outcomeReason: string | null
  /** Terminals after the first that disagree with it. */
  contradictions: Outcome[]

  /** Spans without an end, the run span included. */
  open: Record<SpanId, OpenSpan>
  lastEnded: EndedStep | null
  exception: ThrownException | null
  /** A message that was sent from inside it under another id, of the first; null while none was. */
  stray: StrayMessage | null
  /** Null while no tool has failed often enough to say so. */
  failing: FailingTool | null
  /** The step that ended because somebody has to decide before the run goes on, if no step began after it. */
  deferral: { readonly spanId: SpanId; readonly name: string; readonly at: Instant } | null
  /** A span that somebody else ended in place of its work: the run's own, or of the others the latest. */
  writtenEnd: { readonly spanId: SpanId; readonly name: string; readonly by: string } | null
  /** A later run of the same session took up what this one had deferred. */
  takenUpBy: string | null
  /** Steps seen, by phase; says what a run without messages went through. */
  steps: { [phase in Phase]?: StepCounts }
  spansSeen: number

  /** Between a `waiting` record and the `resumed` after it the run waits for somebody. */
  waitingAt: Instant | null
  resumedAt: Instant | null
  /** Sender's clock of the latest word about it: what is older came late or twice. */
  waitToldAt: Instant | null

  /** True once any delivery record came: this runtime tells us about messages. */
  tellsDeliveries: boolean
  /** Sender's clock of its run records, by what they said: of `waiting`, `resumed` and later words the latest, else the first. */
  said: { [state in RunSignal['state']]?: Instant }
  /** Sender's clock of the latest word, outside any span, that it works. */
  workedAt: Instant | null
  /** True once a run record came of a runtime that says when its runs end. */
  tellsRecords: boolean
  events: Record<string, EventFacts>
  /** By seq. Bounded; confirmed messages outside the critical events leave first. */
  messages: Record<string, MessageFacts>
  /** Messages with a seq below this that are not in `messages` were let go. */
  forgottenBelow: number
  messagesEmitted: number

  /** The deadline of the latest flag (stalled, lost, undelivered) on this run: what a late completion is late against. */
  flaggedAt: Instant | null
  /** In order of time, as they were told; bounded. Replaced, never changed. */
  pastStalls: readonly PastStall[]
}

/** By its run span, or by what went wrong in it where the run span's status says nothing. */
export function hasFailed({ spanStatus, spanEndsWellAnyhow, exception }: RunFacts): boolean {
  return spanStatus === 'error' || (spanEndsWellAnyhow && exception !== null)
}

/** The process a run lives in. */
export interface InstanceFacts {
  readonly instance: string
  pulseSeq: number
  /** Sender's clock. */
  pulseSaidAt: Instant
  pulseAt: Instant
  intervalMs: Millis
  /** Since when its main thread has not turned; null when it turns. */
  loopBlockedSince: Instant | null
  loopBlockedMs: Millis
  loopDelayMs: Millis | null
  /** How far its clock is behind ours by the pulse that came quickest, of the last few and of as many before them. */
  clock: { readonly pulses: number; readonly behindMs: Millis; readonly behindMsBefore: Millis | null }
  /** It said goodbye. */
  stopped: boolean
}

/** At most so far: a pulse takes time to come. Negative for a clock that is ahead of ours, by at least as much. */
export function clockBehindMs({ clock: { behindMs, behindMsBefore } }: InstanceFacts): Millis {
  return Math.min(behindMs, behindMsBefore ?? behindMs)
}

/** After so many of its intervals without one, a pulse is missing. */
const PULSE_MISSED = 1.5

/** By `at` a pulse was due that has not come. */
export function hasMissedPulse({ pulseAt, intervalMs }: InstanceFacts, at: Instant): boolean {
  return pulseAt + intervalMs * PULSE_MISSED <= at
}

export interface ConnectionFacts {
  readonly id: string
  service: string | null
  environment: string | null
  instance: string | null
  /** The name of its progression contract; null when its telemetry says none. */
  contract: string | null
  userId: string | null
  /** Null until it is known whether the client sends acks. */
  acks: boolean | null
  /** Null for a connection that goes both ways. */
  stream: StreamKind | null
  /** When the first record of it came. */
  openedAt: Instant
  /** The record of its beginning came: what is missing after it did not happen. */
  isOpeningTold: boolean
  /** The server took none of the subprotocols that the client offered. */
  isSubprotocolRefused: boolean
  /** Frames that its client says it sent and that the server never got. */
  framesLost: number
  authenticatedAt: Instant | null
  readyAt: Instant | null
  closedAt: Instant | null
  closeCode: number | null
  /** As the client saw it, told once it was back. */
  clientCloseCode: number | null
  closeReason: string | null
  closedBy: 'client' | 'server' | 'network' | null
  /** What it was counted as; null until that is known. */
  counted: ConnectionFailure | 'ready' | null
}
