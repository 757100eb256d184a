/** One run from the inside: who asked for what, and the two ways to say where it is (a phase span, an event). */
import type { Span } from '@opentelemetry/api'
import type { EventType } from '../contract/events.ts'
import type { Phase } from '../contract/phases.ts'
import type { Sabotage } from './sabotage.ts'

/** An admitted `start_agent`. */
export interface RunRequest {
  readonly userId: string
  readonly threadId: string
  readonly agentType: string
  readonly text: string
}

export type Payload = Readonly<Record<string, unknown>>

export interface Notifier {
  /**
   * Number the event, keep it for resumption and send it to whoever follows the run. Never throws and never waits:
   * a run does not depend on its audience.
   * @param span the span the frame's `traceparent` names; the active one when left out
   */
  emit(type: EventType, payload: Payload, span?: Span): void
}

export interface RunScope extends RunRequest {
  readonly runId: string
  /** Aborted when the user cancels or the runtime stops. */
  readonly signal: AbortSignal
  readonly notifier: Notifier
  readonly sabotage: Sabotage
  /** Do `work` inside a span of this phase. What it throws is recorded on the span and thrown on. */
  phase<T>(phase: Phase, name: string | null, work: (span: Span) => Promise<T>): Promise<T>
  /** One more piece of content came inside the span: the progress clock. */
  progress(span: Span): void
}

/** The user asked for the end, or the runtime is stopping. */
export class RunCancelled extends Error {
  override readonly name = 'RunCancelled'
}
