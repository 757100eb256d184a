import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import type { Attributes, Context, Span, Tracer } from '@opentelemetry/api'
import { ATTR, RECORD } from '../contract/attributes.ts'
import type { Outcome, Phase } from '../contract/phases.ts'
import type { Reporter } from './reporter.ts'

export interface RunDescription {
  readonly runId: string
  readonly agent: string
  readonly userId?: string
  /** The conversation, the thread. */
  readonly sessionId?: string
  /** Of the global provider unless given. */
  readonly tracer?: Tracer
  /** More attributes for the run's span. */
  readonly attributes?: Attributes
}

/** A run while its work is done. */
export interface RunRecorder {
  readonly runId: string
  /** The run's own span, `invoke_agent <agent>`. */
  readonly span: Span
  /**
   * Do a phase's work inside a span of its own: `chat <name>` for reasoning, `execute_tool <name>` for a tool, else
   * the phase's name. What the work throws is recorded on that span and thrown on.
   */
  phase<T>(phase: Phase, name: string | null, work: PhaseWork<T>, attributes?: Attributes): Promise<T>
  /** New content arrived inside a span: `count` pieces more. Keeps a long stream from looking stuck. */
  progress(span: Span, count?: number): void
  accepted(): void
  /** It waits for its turn: for a free worker, a lock, another run. `started` ends that. */
  queued(reason?: string): void
  started(): void
  /** The run waits for a person or another run; `resumed` ends that. */
  waiting(reason?: string): void
  resumed(): void
  /** The run's own word on how it ended. Not said for you: a forgotten end is a fault worth seeing. */
  ended(outcome: Outcome, reason?: string): void
}

export type PhaseWork<T> = (span: Span) => T | Promise<T>

type RunState = 'accepted' | 'queued' | 'started' | 'waiting' | 'resumed' | 'ended'

/**
 * Do a run's work inside its span. What the work throws is recorded on the span and thrown on.
 * @returns what the work returns.
 */
export async function recordRun<T>(
  reporter: Reporter,
  description: RunDescription,
  work: (run: RunRecorder) => T | Promise<T>,
): Promise<T> {
  const { runId, agent, userId, sessionId } = description
  const tracer = description.tracer ?? trace.getTracer('@laststep/sdk')
  const identity: Attributes = {
    [ATTR.runId]: runId,
    [ATTR.agent]: agent,
    ...(userId === undefined ? {} : { [ATTR.userId]: userId }),
    ...(sessionId === undefined ? {} : { [ATTR.sessionId]: sessionId, [ATTR.conversationId]: sessionId }),
  }
  const attributes = { [ATTR.operation]: 'invoke_agent', ...identity, ...description.attributes }
  const span = tracer.startSpan(`invoke_agent ${agent}`, { kind: SpanKind.INTERNAL, attributes })
  const inside = trace.setSpan(context.active(), span)
  const pieces = new WeakMap<Span, number>()

  function say(state: RunState, outcome?: Outcome, reason?: string): void {
    const { traceId, spanId } = span.spanContext()
    reporter.report({
      event: RECORD.run,
      at: reporter.clock.now(),
      traceId,
      spanId,
      attributes: { ...identity, [ATTR.runState]: state, [ATTR.runOutcome]: outcome, [ATTR.runReason]: reason },
    })
  }

  return inSpan(span, inside, () =>
    work({
      runId,
      span,
      phase(phase, name, phaseWork, more) {
        // Phases nest where the context is carried along; where it is not they are children of the run.
        const parent = trace.getSpan(context.active()) === undefined ? inside : context.active()
        const step = describePhase(phase, name)
        const stepAttributes = { [ATTR.runId]: runId, [ATTR.phase]: phase, ...step.attributes, ...more }
        const stepSpan = tracer.startSpan(
          step.spanName,
          { kind: SpanKind.INTERNAL, attributes: stepAttributes },
          parent,
        )
        return inSpan(stepSpan, trace.setSpan(parent, stepSpan), () => phaseWork(stepSpan))
      },
      progress(within, count = 1) {
        const total = (pieces.get(within) ?? 0) + count
        pieces.set(within, total)
        within.setAttribute(ATTR.progress, total)
      },
      accepted: () => say('accepted'),
      queued: (reason) => say('queued', undefined, reason),
      started: () => say('started'),
      waiting: (reason) => say('waiting', undefined, reason),
      resumed: () => say('resumed'),
      ended: (outcome, reason) => say('ended', outcome, reason),
    }),
  )
}

/** Names and attributes of OpenTelemetry's GenAI conventions, so that other tools understand these spans as well. */
function describePhase(phase: Phase, name: string | null): { spanName: string; attributes: Attributes } {
  switch (phase) {
    case 'reasoning':
      return {
        spanName: name === null ? 'chat' : `chat ${name}`,
        attributes: { [ATTR.operation]: 'chat', ...(name === null ? {} : { [ATTR.model]: name }) },
      }
    case 'tool':
      return {
        spanName: name === null ? 'execute_tool' : `execute_tool ${name}`,
        attributes: { [ATTR.operation]: 'execute_tool', ...(name === null ? {} : { [ATTR.toolName]: name }) },
      }
    case 'waiting':
      return { spanName: name === null ? phase : `${phase} ${name}`, attributes: { [ATTR.waiting]: true } }
    default:
      return { spanName: name === null ? phase : `${phase} ${name}`, attributes: {} }
  }
}

async function inSpan<T>(span: Span, inside: Context, work: () => T | Promise<T>): Promise<T> {
  try {
    return await context.with(inside, work)
  } catch (error) {
    recordError(span, error)
    throw error
  } finally {
    span.end()
  }
}

function recordError(span: Span, error: unknown): void {
  const exception = error instanceof Error ? error : new Error(String(error))
  span.recordException(exception)
  span.setAttribute(ATTR.errorType, exception.name)
  span.setStatus({ code: SpanStatusCode.ERROR, message: exception.message })
}
