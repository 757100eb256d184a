/**
 * Attribute and event names on the telemetry wire. Ours carry the `laststep.` prefix; the others are OpenTelemetry's
 * semantic conventions (stable unless marked) and are spelled once: here, and in `span-attributes.ts` what pages know by name.
 */
import { SPAN_ATTR } from './span-attributes.ts'

/** `LogRecord.event_name` of the records Laststep's SDK sends. */
export const RECORD = {
  spanStart: 'laststep.span.start',
  spanSnapshot: 'laststep.span.snapshot',
  spanEnd: 'laststep.span.end',
  pulse: 'laststep.pulse',
  run: 'laststep.run',
  delivery: 'laststep.delivery',
  connection: 'laststep.connection',
} as const

export const ATTR = {
  ...SPAN_ATTR,

  // What a span is about.
  runId: 'laststep.run.id',
  conversationId: 'gen_ai.conversation.id', // development
  sessionId: 'session.id',
  userId: 'user.id',
  /** Counts pieces of new content (stream chunks, tool progress) seen inside a span: the progress clock. */
  progress: 'laststep.progress',
  /** Set true on a span during which the run waits for a person or another run. */
  waiting: 'laststep.waiting',

  /** The instrumentation scope and the span's kind, under the names OpenTelemetry gives them where all is attributes. */
  scope: 'otel.scope.name',
  spanKind: 'span.kind',

  // Open spans (reference: G-Research partial spans, `partial.*`).
  seq: 'laststep.seq',
  spanPath: 'laststep.span.path',
  spanIdsPath: 'laststep.span.ids_path',
  spanStartsPath: 'laststep.span.starts_path',
  stopReason: 'laststep.stop_reason',
  partialEvent: 'partial.event',
  partialFrequency: 'partial.frequency',
  partialBodyType: 'partial.body.type',

  // Pulse.
  pulseSeq: 'laststep.pulse.seq',
  pulseIntervalMs: 'laststep.pulse.interval_ms',
  pulseOpen: 'laststep.pulse.open',
  pulseOpenNotListed: 'laststep.pulse.open_not_listed',
  pulseLoopDelayMs: 'laststep.pulse.loop_delay_p99_ms',
  pulseLoopBlockedMs: 'laststep.pulse.loop_blocked_ms',
  pulseDropped: 'laststep.pulse.records_dropped',
  pulseLast: 'laststep.pulse.last',

  // Run.
  runState: 'laststep.run.state',
  runOutcome: 'laststep.run.outcome',
  runReason: 'laststep.run.reason',

  // Delivery: one message to one connection.
  deliverySeq: 'laststep.delivery.seq',
  deliveryEpoch: 'laststep.delivery.epoch',
  deliveryEvent: 'laststep.delivery.event',
  deliveryAttempt: 'laststep.delivery.attempt',
  deliveryStates: 'laststep.delivery.states',
  deliveryAt: 'laststep.delivery.at',
  deliveryTargets: 'laststep.delivery.targets',
  deliveryBytes: 'laststep.delivery.bytes',
  deliveryReason: 'laststep.delivery.reason',
  deliveryToolCallId: 'laststep.delivery.tool_call_id',

  // Connection.
  connectionId: 'laststep.connection.id',
  connectionState: 'laststep.connection.state',
  connectionAcks: 'laststep.connection.acks',
  connectionStream: 'laststep.connection.stream',
  connectionSubprotocolRefused: 'laststep.connection.subprotocol_refused',
  connectionFramesLost: 'laststep.connection.frames_lost',
  closeCode: 'laststep.connection.close_code',
  /** As the client saw it, told by the client afterwards. */
  clientCloseCode: 'laststep.connection.client_close_code',
  closeReason: 'laststep.connection.close_reason',
  closeBy: 'laststep.connection.close_by',

  // Resource.
  /** Name of the progression contract the runs of this process keep to. */
  contract: 'laststep.contract',
  serviceName: 'service.name',
  serviceVersion: 'service.version',
  serviceInstanceId: 'service.instance.id',
  environment: 'deployment.environment.name',
  workingDirectory: 'process.working_directory', // development

  // Exceptions.
  exceptionStacktrace: 'exception.stacktrace',
} as const
