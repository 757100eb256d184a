import { ATTR, RECORD } from '../contract/attributes.ts'
import type { DeliveryNews, DeliveryState, DropReason } from '../contract/deliveries.ts'
import type { SpanId, TraceId } from '../contract/ids.ts'
import type { Instant } from '../contract/units.ts'
import type { Clock } from '../contract/clock.ts'
import type { LogRecord } from './otlp-json.ts'
import type { Reporter, Source } from './reporter.ts'
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
/** A record is read as a whole: a few KB, of a run that sends everything at once. */
const MESSAGES_PER_RECORD_MAX = 64

/**
 * Records how far messages get. What the messages of a run reach over one connection between two flushes travels in one
 * record (docs/PROTOCOL.md, 2.3): a run that streams its answer costs about two a flush, however many messages it sends.
 */
export function createDeliveryRecorder(reporter: Reporter, options: DeliveryRecorderOptions = {}): DeliveryRecorder {
  const epoch = options.epoch ?? reporter.instanceId
  let pending: PendingDelivery[] = []

  const source: Source = {
    collect() {
      const changed = pending
      pending = []
      for (const together of groupByRecord(changed)) reporter.report(recordOf(together, epoch))
      return false
    },
  }
  reporter.addSource(source)

  const changed = (delivery: PendingDelivery) => {
    if (pending.length >= PENDING_MAX) source.collect(reporter.clock.now())
    pending.push(delivery)
    reporter.wake()
  }
  return {
    message(message) {
      const { traceId, spanId } = message.spanId === undefined ? activeSpan() : message
      const delivery = new PendingDelivery(message, traceId, spanId, reporter.clock, changed)
      delivery.reach('emitted', message.at)
      return delivery
    },
  }
}

/** Lists of those that a record can tell of: of one run, over one connection, emitted in one span. */
function groupByRecord(changed: readonly PendingDelivery[]): readonly (readonly PendingDelivery[])[] {
  const lists: PendingDelivery[][] = []
  const open = new Map<string, PendingDelivery[]>()
  for (const delivery of changed) {
    const { runId, connectionId } = delivery.message
    const key = `${delivery.spanId} ${connectionId} ${runId}`
    let list = open.get(key)
    if (list === undefined || list.length >= MESSAGES_PER_RECORD_MAX) {
      list = []
      open.set(key, list)
      lists.push(list)
    }
    list.push(delivery)
  }
  return lists
}

function recordOf(deliveries: readonly PendingDelivery[], epoch: string): LogRecord {
  const [first] = deliveries
  if (first === undefined) throw new Error('expected a message')
  let at = Infinity
  for (const delivery of deliveries) at = Math.min(at, delivery.firstAt)
  const { runId, connectionId } = first.message
  return {
    event: RECORD.delivery,
    at,
    traceId: first.traceId,
    spanId: first.spanId,
    attributes: { [ATTR.runId]: runId, [ATTR.connectionId]: connectionId, [ATTR.deliveryEpoch]: epoch },
    body: `[${deliveries.map((delivery) => delivery.takeNews(at)).join(',')}]`,
  }
}

class PendingDelivery implements Delivery {
  readonly message: MessageToDeliver
  readonly traceId: TraceId | undefined
  readonly spanId: SpanId | undefined
  readonly #clock: Clock
  readonly #changed: (delivery: PendingDelivery) => void
  #states: DeliveryState[] = []
  #at: Instant[] = []
  #targets: number | undefined
  #reason: string | undefined
  /** What never changes about a message is told once. */
  #told = false

  constructor(
    message: MessageToDeliver,
    traceId: TraceId | undefined,
    spanId: SpanId | undefined,
    clock: Clock,
    changed: (delivery: PendingDelivery) => void,
  ) {
    this.message = message
    this.traceId = traceId
    this.spanId = spanId
    this.#clock = clock
    this.#changed = changed
    this.#targets = message.targets
    if (message.lost !== undefined) this.#reason = `not in JSON: ${message.lost}`
  }

  reach(state: DeliveryState, at: Instant = this.#clock.now()): void {
    if (this.#states.push(state) === 1) this.#changed(this)
    this.#at.push(at)
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

  /** The earliest moment of what is new. */
  get firstAt(): Instant {
    return Math.min(...this.#at)
  }

  /** What is new, as the text of a `DeliveryNews` with moments as microseconds after `from`. */
  takeNews(from: Instant): string {
    const { seq, event, attempt = 1, toolCallId, bytes } = this.message
    let reached = ''
    for (const [index, state] of this.#states.entries()) {
      // A state once reached stays reached, at the moment of the first time.
      if (this.#states.indexOf(state) !== index) continue
      const micros = Math.round(((this.#at[index] ?? from) - from) * 1_000)
      reached += `${index === 0 ? '' : ','}"${state}":${micros}`
    }
    this.#states = []
    this.#at = []
    const more: DeliveryNews[3] = {
      attempt: attempt === 1 ? undefined : attempt,
      targets: this.#told ? undefined : this.#targets,
      bytes: this.#told ? undefined : bytes,
      tool_call_id: this.#told ? undefined : toolCallId,
      reason: this.#reason,
    }
    this.#told = true
    // JSON leaves out what is undefined.
    const rest = JSON.stringify(more)
    return `[${seq},${JSON.stringify(event)},{${reached}}${rest === '{}' ? '' : `,${rest}`}]`
  }
}
