/** Writes down what one run says, moment by moment of its process's work. */
import { ATTR } from '../../../contract/attributes.ts'
import type { DeliveryState } from '../../../contract/deliveries.ts'
import type { Outcome } from '../../../contract/phases.ts'
import type { Instant, Millis } from '../../../contract/units.ts'
import type { ExceptionFacts, Known, RunSignal, Signal, SpanSignal } from '../../../collector/signal.ts'
import type { Connection, Process, Saying, Truth } from './story.ts'

/** How far a message gets. */
export type Way = 'confirmed' | 'unconfirmed' | 'unwritten' | 'unrouted'

export interface Pen {
  /** Work time. */
  now: Millis
  /** Work time of the last word that was progress. */
  readonly toldAt: Millis
  open(name: string, known: Known, parent?: SpanSignal | null): SpanSignal
  grow(span: SpanSignal, pieces: number): void
  close(span: SpanSignal, thrown?: ExceptionFacts | null): void
  emit(event: string, way: Way, within?: SpanSignal | null, callId?: string | null): void
  record(state: RunSignal['state'], outcome?: Outcome | null): void
}

/** A request inside a step. */
export const PLUMBING = 'GET /orders'

export const THROWN: ExceptionFacts = { type: 'KeyError', message: 'no such key', stacktrace: null }

interface PenSettings {
  readonly runId: string
  readonly traceId: string
  readonly process: Process
  readonly connection: Connection | null
  readonly truth: Truth
  readonly startsAt: Millis
  /** From the socket to the record of the client's ack. */
  readonly ackMs: Millis
  readonly say: (saying: Saying) => void
}

/** How often somebody else's instrumentation sends an open span again. */
const REPEAT_EVERY: Millis = 10_000

export function openPen({ runId, traceId, process, connection, truth, startsAt, ackMs, say }: PenSettings): Pen {
  const { manner, source } = process
  const hasSpans = manner !== 'messages'
  const tellsOpen = hasSpans && manner !== 'ends'
  const pieces = new Map<string, { seq: number; known: Known }>()
  let spans = 0
  let messages = 0

  const tell = (at: Instant, queue: Saying['queue'], signal: Signal) => say({ at, process, queue, signal })

  /** Sent again until it ends: the last time that it was sent is known only then. */
  function repeat(span: SpanSignal, from: Instant, to: Instant): void {
    for (let at = from + REPEAT_EVERY, seq = 2; at < to; at += REPEAT_EVERY, seq++)
      tell(at, 'logs', { ...span, seq: seq * 1_000 })
  }

  let toldAt = startsAt
  const pen: Pen = {
    now: startsAt,
    get toldAt() {
      return toldAt
    },
    open(name, known, parent = null) {
      if (name !== PLUMBING) toldAt = pen.now
      const at = process.trueAt(pen.now)
      const span: SpanSignal = {
        kind: 'span',
        source,
        traceId,
        spanId: traceId.slice(-8) + `${++spans}`.padStart(8, '0'),
        parentSpanId: parent?.spanId ?? null,
        name,
        startedAt: process.clock(at),
        endedAt: null,
        seq: manner === 'repeating' ? 1_000 : 1,
        stopReason: null,
        repeatedEvery: manner === 'repeating' ? REPEAT_EVERY : null,
        status: 'unset',
        statusMessage: null,
        known,
        exception: null,
      }
      pieces.set(span.spanId, { seq: span.seq, known })
      truth.spans.push({ span, from: at, to: Infinity })
      if (tellsOpen) tell(at, 'logs', span)
      return span
    },
    grow(span, count) {
      toldAt = pen.now
      const held = pieces.get(span.spanId)
      if (held === undefined || !tellsOpen) return
      held.seq += 1
      held.known = { ...held.known, [ATTR.progress]: count }
      tell(process.trueAt(pen.now), 'logs', { ...span, seq: held.seq, known: held.known })
    },
    close(span, thrown = null) {
      if (span.name !== PLUMBING) toldAt = pen.now
      const at = process.trueAt(pen.now)
      const known = pieces.get(span.spanId)?.known ?? span.known
      const status = thrown === null ? 'ok' : 'error'
      const ended = {
        ...span,
        known,
        endedAt: process.clock(at),
        exception: thrown,
        status,
        repeatedEvery: null,
      } as const
      const held = truth.spans.find((each) => each.span === span)
      if (held !== undefined) held.to = at
      // The SDK's own word comes sooner than the user's exporter sends the span.
      if (hasSpans && manner !== 'ends' && manner !== 'repeating') tell(at, 'logs', { ...ended, seq: 1_000 })
      if (hasSpans) tell(at, 'traces', { ...ended, seq: 0 })
      if (manner === 'repeating') repeat(span, held?.from ?? at, at)
    },
    emit(event, way, within = null, callId = null) {
      if (manner !== 'full' && manner !== 'messages') return
      toldAt = pen.now
      const at = process.trueAt(pen.now)
      const seq = ++messages
      const isRouted = way !== 'unrouted' && connection !== null
      const reach = (when: Instant, states: readonly DeliveryState[], reason: string | null = null) =>
        tell(when, 'logs', {
          kind: 'delivery',
          source,
          runId,
          traceId: hasSpans ? traceId : null,
          spanId: hasSpans ? (within?.spanId ?? null) : null,
          seq,
          epoch: process.name,
          event,
          toolCallId: callId,
          connectionId: isRouted ? connection.id : null,
          attempt: 1,
          states: states.map((state) => ({ state, at: process.clock(when) })),
          targets: isRouted ? 1 : 0,
          bytes: 100,
          reason,
        })
      if (!isRouted) return reach(at, ['emitted', 'routed', 'dropped'], 'no-target')
      if (way === 'unwritten') return reach(at, ['emitted', 'routed', 'queued'])
      reach(at, ['emitted', 'routed', 'queued', 'written'])
      if (way === 'confirmed') reach(at + ackMs, connection.acks ? ['transported', 'received'] : ['transported'])
    },
    record(state, outcome = null) {
      if (manner !== 'records') return
      toldAt = pen.now
      const at = process.trueAt(pen.now)
      const who = { reason: null, agent: null, userId: null, sessionId: null }
      const what = { runId, traceId, spanId: null, at: process.clock(at), state, outcome, owesEnd: true }
      tell(at, 'logs', { kind: 'run', source, ...what, ...who })
    },
  }
  return pen
}

/** What a process that repeats its open spans says of those that never ended. */
export function repeatForEver(process: Process, truth: Truth, until: Instant, say: (saying: Saying) => void): void {
  if (process.manner !== 'repeating') return
  for (const { span, from, to } of truth.spans)
    if (to === Infinity)
      for (let at = from + REPEAT_EVERY, seq = 2; at < until; at += REPEAT_EVERY, seq++)
        say({ at, process, queue: 'logs', signal: { ...span, seq: seq * 1_000 } })
}
