/**
 * Who hears which run. A run is followed by the connections its user had when it began and by those that resumed it
 * later; so a connection sees a run's frames without a gap or it does not see them. Nobody else's connection can
 * follow it.
 */
import type { SpanContext } from '@opentelemetry/api'
import { textOfFrame, type Delivery, type DeliveryRecorder, type FrameText } from '@laststep/sdk'
import { isTerminalEvent } from '../../contract/events.ts'
import type { ClientFrame, ServerFrame } from '../../contract/frames.ts'
import { straightRouting, type Directory, type Routing } from '../sabotage.ts'
import type { Connection, Message } from './connection.ts'
import { createRunRing, type RunRing } from './run-ring.ts'

export interface Hub {
  join(connection: Connection): void
  leave(connection: Connection): void
  openRun(runId: string, userId: string, routing?: Routing): void
  /** Send a frame of an open run to its followers, and keep it. Never throws. */
  publish(frame: ServerFrame & { readonly run_id: string }, span: SpanContext | null): void
  /** @returns what to answer; the missed frames follow the answer by `replay` */
  resume(connection: Connection, wish: Extract<ClientFrame, { type: 'resume' }>): Resumption
  /** What is known of a run of this user, for clients that could not resume it; null when nothing is. */
  describeRun(userId: string, runId: string): object | null
  /** Say goodbye to everybody. Resolves when every connection is gone, which a deaf client can prevent. */
  closeAll(code: number, reason: string): Promise<void>
  /** For those that do not close: end their sockets. */
  dropAll(): Promise<void>
  readonly connectionsCount: number
}

export type Resumption =
  | { readonly recovered: true; readonly from: number; readonly to: number; replay(): void }
  | { readonly recovered: false; readonly reason: 'other-epoch' | 'unknown-run' | 'evicted' }

interface KnownRun {
  readonly userId: string
  readonly ring: RunRing
  readonly followers: Set<Connection>
  readonly routing: Routing
  /** Times a frame went to a further connection: counts as a new attempt of its delivery. */
  resumptions: number
}

const RING_FRAMES_MAX = 256
/** Twice as many as can be in flight. */
const RUNS_MAX = 2_000
/** Larger frames are dropped: a tool's result belongs in a store, not on a socket. */
const FRAME_BYTES_MAX = 256 * 1024

export function createHub(epoch: string, deliveries: DeliveryRecorder): Hub {
  const connections = new Map<string, Set<Connection>>()
  const runs = new Map<string, KnownRun>()
  const directory: Directory<Connection> = { of: (userId) => connections.get(userId) ?? [], all }

  return {
    join(connection) {
      const own = connections.get(connection.userId) ?? new Set()
      connections.set(connection.userId, own.add(connection))
    },
    leave(connection) {
      const own = connections.get(connection.userId)
      own?.delete(connection)
      if (own?.size === 0) connections.delete(connection.userId)
      for (const run of runs.values()) run.followers.delete(connection)
    },
    openRun(runId, userId, routing = straightRouting) {
      runs.set(runId, {
        userId,
        ring: createRunRing(RING_FRAMES_MAX),
        followers: new Set(routing.recipients(directory, { runId, userId })),
        routing,
        resumptions: 0,
      })
      if (runs.size > RUNS_MAX) forgetOne()
    },
    publish(frame, span) {
      const run = runs.get(frame.run_id)
      run?.ring.add(frame)
      send(frame, span, run?.followers ?? new Set(), 1, run?.routing)
    },
    resume(connection, { run_id, epoch: itsEpoch, last_seq }) {
      if (itsEpoch !== epoch) return { recovered: false, reason: 'other-epoch' }
      const run = runs.get(run_id)
      // A run of another user is as unknown as one that never was.
      if (run?.userId !== connection.userId) return { recovered: false, reason: 'unknown-run' }
      const missed = run.ring.after(last_seq)
      if (missed === null) return { recovered: false, reason: 'evicted' }
      return {
        recovered: true,
        from: last_seq + 1,
        to: run.ring.lastSeq,
        replay() {
          run.followers.add(connection)
          run.resumptions++
          for (const frame of run.routing.replay(missed)) send(frame, null, new Set([connection]), 1 + run.resumptions)
        },
      }
    },
    describeRun(userId, runId) {
      const run = runs.get(runId)
      if (run?.userId !== userId) return null
      const { last, lastSeq } = run.ring
      const isEnded = last !== null && isTerminalEvent(last.type)
      return { run_id: runId, epoch, last_seq: lastSeq, ended: isEnded, terminal: isEnded ? last : null }
    },
    async closeAll(code, reason) {
      const leaving = all()
      for (const connection of leaving) connection.close(code, reason)
      await Promise.all(leaving.map(({ gone }) => gone))
    },
    async dropAll() {
      const leaving = all()
      for (const connection of leaving) connection.drop()
      await Promise.all(leaving.map(({ gone }) => gone))
    },
    get connectionsCount() {
      return all().length
    },
  }

  function all(): Connection[] {
    return Array.from(connections.values(), (own) => Array.from(own)).flat()
  }

  function send(
    frame: ServerFrame,
    span: SpanContext | null,
    targets: ReadonlySet<Connection>,
    attempt: number,
    routing = straightRouting,
  ): void {
    // A payload with a BigInt or a circle has no JSON; the run must not die of it.
    const made = textOfFrame(frame)
    const base = describeMessage(frame, span, made)
    const deliveryTo = (connectionId: string | null, again = 1): Delivery => {
      const delivery = deliveries.message({ ...base, connectionId, attempt: attempt + again - 1 })
      delivery.route(targets.size)
      return delivery
    }
    if (targets.size === 0) return deliveryTo(null).drop('no-target')
    for (const connection of targets) {
      const delivery = deliveryTo(connection.id)
      if ('problem' in made) delivery.drop('serialize')
      else if (base.bytes > FRAME_BYTES_MAX) delivery.drop('too-big')
      else {
        const message: Message = { runId: base.runId, seq: frame.seq, type: frame.type, text: made.text }
        routing.transmit(frame.type, (again) => {
          connection.send(message, again === 1 ? delivery : deliveryTo(connection.id, again))
        })
      }
    }
  }

  /** The oldest that has ended; without one (faults can end runs without a terminal event) the oldest of all. */
  function forgetOne(): void {
    let gone: string | undefined
    for (const [runId, { ring }] of runs) {
      gone ??= runId
      if (ring.last === null || !isTerminalEvent(ring.last.type)) continue
      gone = runId
      break
    }
    if (gone !== undefined) runs.delete(gone)
  }
}

function describeMessage(frame: ServerFrame, span: SpanContext | null, made: FrameText) {
  const toolCallId = frame.payload['tool_call_id']
  return {
    runId: frame.run_id ?? '',
    seq: frame.seq,
    event: frame.type,
    bytes: 'text' in made ? Buffer.byteLength(made.text) : 0,
    ...('text' in made && made.lost !== null ? { lost: made.lost } : {}),
    ...(typeof toolCallId === 'string' ? { toolCallId } : {}),
    ...(span ? { traceId: span.traceId, spanId: span.spanId } : {}),
  }
}
