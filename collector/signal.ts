/**
 * What a telemetry record says, once read: the words `assemble/` folds into runs. The readers in `accept/` make them
 * from OTLP bytes; they hold only what run state needs. Everything else stays in the log and is read again for a run page.
 */
import type { ConnectionState, DeliveryState, StreamKind } from '../contract/deliveries.ts'
import type { SpanId, TraceId } from '../contract/ids.ts'
import type { Outcome } from '../contract/phases.ts'
import type { Instant, Millis } from '../contract/units.ts'
import { ATTR } from '../contract/attributes.ts'
import * as vendor from './vendor-attributes.ts'

/** Who speaks: the resource of the records. */
export interface Source {
  readonly service: string | null
  readonly version: string | null
  readonly environment: string | null
  /** `service.instance.id`: one process. */
  readonly instance: string | null
  /** The folder its code locations are relative to, without a slash at its end. */
  readonly workingDirectory: string | null
  /** The progression contract its runs keep to. */
  readonly contract: string | null
}

/** Span attributes that decide a run's state. The hot reader picks these and skips over all others. */
export const KNOWN_KEYS = [
  ATTR.phase,
  ATTR.operation,
  ATTR.conversationId,
  ATTR.progress,
  ATTR.waiting,
  ATTR.codeFile,
  ATTR.codeLine,
  ATTR.codeFunction,
  ATTR.errorType,
  ATTR.connectionId,
  ...vendor.KIND_KEYS,
  ...vendor.OPERATION_KEYS,
  ...vendor.RUN_ID_KEYS,
  ...vendor.CALL_ID_KEYS,
  ...vendor.AGENT_KEYS,
  ...vendor.SESSION_KEYS,
  ...vendor.USER_KEYS,
  ...vendor.TOOL_KEYS,
  ...vendor.TOOL_CALL_KEYS,
  ...vendor.MODEL_KEYS,
  ...vendor.TRANSPORT_KEYS,
  ...vendor.DEFERRAL_KEYS,
  ...vendor.WRITTEN_END_KEYS,
  ...Object.values(vendor.DISGUISE),
] as const

/** The scope is known where it is one of `SCOPES`, the kind where it is `server` or `consumer`. */
export type KnownKey = (typeof KNOWN_KEYS)[number] | typeof ATTR.scope | typeof ATTR.spanKind
export type Known = { readonly [key in KnownKey]?: string | number | boolean }

/** The seq of what others say of a span: its process's pulse, or a span inside it that lists what is around it. */
export const HEARSAY = { ofPulse: -1, ofDescendant: -2 } as const

/** A process that repeats its open spans is gone after this many repetitions that did not come. */
export const REPEATS_MISSED = 3

export interface ExceptionFacts {
  readonly type: string
  readonly message: string
  readonly stacktrace: string | null
}

export type SpanStatus = 'unset' | 'ok' | 'error'

/** A span, open or finished. Finished ones absorb: nothing that arrives later reopens them. */
export interface SpanSignal {
  readonly kind: 'span'
  readonly source: Source
  readonly traceId: TraceId
  readonly spanId: SpanId
  readonly parentSpanId: SpanId | null
  readonly name: string
  /** The sender's clock. */
  readonly startedAt: Instant
  /** The sender's clock; null while open. */
  readonly endedAt: Instant | null
  /** Orders the partial records of one span; of no meaning on a finished one. Negative: see `HEARSAY`. */
  readonly seq: number
  /** Set when the sender said goodbye to a span it never ended (orderly shutdown). */
  readonly stopReason: string | null
  /** Somebody else's heartbeat: it is sent again this often while the span runs. Null where pulses show life. */
  readonly repeatedEvery: Millis | null
  readonly status: SpanStatus
  readonly statusMessage: string | null
  readonly known: Known
  /** The last exception event on the span. */
  readonly exception: ExceptionFacts | null
}

export interface OpenSpanRef {
  readonly traceId: TraceId
  readonly spanId: SpanId
  readonly parentSpanId: SpanId | null
  readonly name: string
  /** The sender's clock. */
  readonly startedAt: Instant
}

/** A process's heartbeat and the spans it holds open. */
export interface PulseSignal {
  readonly kind: 'pulse'
  readonly source: Source
  /** The sender's clock. */
  readonly at: Instant
  readonly seq: number
  readonly intervalMs: Millis
  readonly open: readonly OpenSpanRef[]
  /** Open spans beyond those listed; when above 0 an absent id proves nothing. */
  readonly openNotListed: number
  readonly loopDelayMs: Millis | null
  /** For how long the main thread has not turned, as seen from the pulse's own thread; 0 when it turns. */
  readonly loopBlockedMs: Millis
  /** True on the last pulse of an orderly shutdown. */
  readonly last: boolean
}

/** A run said something about itself outside any span. */
export interface RunSignal {
  readonly kind: 'run'
  readonly source: Source
  readonly runId: string
  readonly traceId: TraceId | null
  readonly spanId: SpanId | null
  /** The sender's clock. */
  readonly at: Instant
  /** `progressed` makes no run. `answered` ends it unless it says later, by its own clock, that it works. */
  readonly state: 'accepted' | 'queued' | 'started' | 'waiting' | 'resumed' | 'ended' | 'progressed' | 'answered'
  readonly outcome: Outcome | null
  readonly reason: string | null
  readonly agent: string | null
  readonly userId: string | null
  readonly sessionId: string | null
  /** Its sender says when its runs end: the end of a run's span is not yet the end of the run. */
  readonly owesEnd: boolean
}

/** One message to one connection: the states it newly reached. */
export interface DeliverySignal {
  readonly kind: 'delivery'
  readonly source: Source
  readonly runId: string
  readonly traceId: TraceId | null
  /** The span that emitted the message. */
  readonly spanId: SpanId | null
  readonly seq: number
  readonly epoch: string
  readonly event: string
  readonly toolCallId: string | null
  /** Null when no connection was there to take it. */
  readonly connectionId: string | null
  readonly attempt: number
  readonly states: readonly { readonly state: DeliveryState; readonly at: Instant }[]
  readonly targets: number | null
  readonly bytes: number | null
  /** Why it was dropped or failed. */
  readonly reason: string | null
}

export interface ConnectionSignal {
  readonly kind: 'connection'
  readonly source: Source
  readonly connectionId: string
  readonly state: ConnectionState
  readonly at: Instant
  readonly userId: string | null
  readonly acks: boolean | null
  /** Null for a connection that goes both ways. */
  readonly stream: StreamKind | null
  /** The server took none of the subprotocols that the client offered. */
  readonly isSubprotocolRefused: boolean
  /** Frames that the client says it sent and that the server never got; 0 where nobody says so. */
  readonly framesLost: number
  readonly closeCode: number | null
  readonly clientCloseCode: number | null
  readonly closeReason: string | null
  readonly closedBy: 'client' | 'server' | 'network' | null
}

/** Any other log record with a trace: evidence on the run page, and a sign of life. */
export interface LogSignal {
  readonly kind: 'log'
  readonly source: Source
  readonly traceId: TraceId
  readonly spanId: SpanId | null
}

export type Signal = SpanSignal | PulseSignal | RunSignal | DeliverySignal | ConnectionSignal | LogSignal
