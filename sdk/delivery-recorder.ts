import { ATTR, RECORD } from '../contract/attributes.ts'
import type { DeliveryState, DropReason } from '../contract/deliveries.ts'
import type { SpanId, TraceId } from '../contract/ids.ts'
import type { Instant } from '../contract/units.ts'
import type { Reporter, Source } from './reporter.ts'
import { instantToNanos } from '../contract/units.ts'
import { activeSpan } from './active-span.ts'

export interface DeliveryRecorderOptions {
  /** The runtime instance that gives the seqs. The reporter's instance id unless given. */
  readonly epoch?: string
}

/** One message on its way to one connection. */
export interface MessageToDeliver {
  readonly runId: string
  /** Per run, gap-free, given when the message is emitted. */
  readonly seq: number
  /** `agent_started`, … */
  readonly event: string
  /** Null when there is no connection to take it. */
  readonly connectionId: string | null
  /** 1 unless given; grows when the message is sent again. */
  readonly attempt?: number
  /** Connections chosen for the message, 0 included. */
  readonly targets?: number
  readonly toolCallId?: string
  /** Of the frame, as sent. */
  readonly bytes?: number
  /** What of the message is not in the frame that was sent, as `textOfFrame` says it. */
  readonly lost?: string
  /** The span that emitted it; the active one unless given. */
  readonly traceId?: TraceId
  readonly spanId?: SpanId
  /** When it was emitted; now unless given. */
  readonly at?: Instant
}

/** Follows one message. Every call is cheap and never throws. */
export interface Delivery {
  /** The message got this far. `at` is now unless given. */
  reach(state: DeliveryState, at?: Instant): void
  /** Connections were chosen: `routed`, with their number. */
  route(targets: number): void
  /** Dead end: nobody tried to send it, and why. */
  drop(reason: DropReason): void
  /** Dead end: sending failed. */
  fail(error: unknown): void
}

export interface DeliveryRecorder {
  /** A message was emitted: opens its record with the state `emitted`. */
  message(message: MessageToDeliver): Delivery
}

/** Messages with news between two flushes; beyond, the oldest are reported at once. */
const PENDING_MAX = 10_000

/**
 * Records how far messages get. The states a message reaches between two flushes travel in one record: an
 * undisturbed message costs one, a second one when its confirmation takes longer than a flush.
 */
export function createDeliveryRecorder(reporter: Reporter, options: DeliveryRecorderOptions = {}): DeliveryRecorder {
  const epoch = options.epoch ?? reporter.instanceId
  const pending = new Set<PendingDelivery>()

  const source: Source = {
    collect() {
      for (const delivery of pending) reporter.report(delivery.takeRecord(epoch))
      pending.clear()
      return false
    },
  }
  reporter.addSource(source)

  return {
    message(message) {
      const delivery = new PendingDelivery({ ...activeSpan(), ...message }, reporter, (changed) => {
        if (pending.size >= PENDING_MAX) source.collect(reporter.clock.now())
        pending.add(changed)
        reporter.wake()
      })
      delivery.reach('emitted', message.at)
      return delivery
    },
  }
}

class PendingDelivery implements Delivery {
  readonly #message: MessageToDeliver
  readonly #reporter: Reporter
  readonly #changed: (delivery: PendingDelivery) => void
  #states: DeliveryState[] = []
  #at: Instant[] = []
  #targets: number | undefined
  #reason: string | undefined
  /** What never changes about a message is told once. */
  #told = false

  constructor(message: MessageToDeliver, reporter: Reporter, changed: (delivery: PendingDelivery) => void) {
    this.#message = message
    this.#reporter = reporter
    this.#changed = changed
    this.#targets = message.targets
    if (message.lost !== undefined) this.#reason = `not in JSON: ${message.lost}`
  }

  reach(state: DeliveryState, at: Instant = this.#reporter.clock.now()): void {
    this.#states.push(state)
    this.#at.push(at)
    this.#changed(this)
  }

  route(targets: number): void {
    this.#targets = targets
    this.reach('routed')
  }

  drop(reason: DropReason): void {
    this.#reason = reason
    this.reach('dropped')
  }

  fail(error: unknown): void {
    this.#reason = error instanceof Error ? error.message : String(error)
    this.reach('failed')
  }

  takeRecord(epoch: string) {
    const { runId, seq, event, connectionId, attempt = 1, toolCallId, bytes, traceId, spanId } = this.#message
    const record = {
      event: RECORD.delivery,
      at: this.#at.at(-1) ?? 0,
      traceId,
      spanId,
      attributes: {
        [ATTR.runId]: runId,
        [ATTR.deliverySeq]: seq,
        [ATTR.deliveryEpoch]: epoch,
        [ATTR.deliveryEvent]: event,
        [ATTR.connectionId]: connectionId,
        [ATTR.deliveryAttempt]: attempt,
        [ATTR.deliveryStates]: this.#states,
        [ATTR.deliveryAt]: this.#at.map(instantToNanos),
        [ATTR.deliveryReason]: this.#reason,
        [ATTR.deliveryTargets]: this.#told ? undefined : this.#targets,
        [ATTR.deliveryBytes]: this.#told ? undefined : bytes,
        [ATTR.deliveryToolCallId]: this.#told ? undefined : toolCallId,
      },
    }
    this.#told = true
    this.#states = []
    this.#at = []
    return record
  }
}
