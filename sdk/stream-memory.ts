/**
 * What is remembered of the messages that went over one-way streams, for what a client says of them later by another
 * request: a receipt, or the `Last-Event-ID` with which it is back.
 */
import type { Delivery } from './delivery-recorder.ts'
import { followMessages, type MessageFollower, type ReceivedAck } from './follow-messages.ts'
import { remember } from './number-messages.ts'
import type { Clock } from '../contract/clock.ts'

export interface StreamMessage {
  readonly runId: string
  readonly seq: number
  /** The `id` it was sent with, if any. */
  readonly eventId: string | null
}

/** One stream, for as long as something may be said of it. */
export interface RememberedStream {
  readonly promisesAcks: boolean
  readonly userId: string | null
}

export interface StreamMemory {
  /** The number under which a message with this `id` was sent before, over whatever stream; null for a new one. */
  seqOf(runId: string, eventId: string | null): number | null
  /** It got a number; the same id means the same message from now on, sent or not. */
  emitted(message: StreamMessage): void
  sent(stream: RememberedStream, message: StreamMessage, delivery: Delivery): void
  /**
   * A client is back and says which event it saw last. All that the stream had brought up to that one was received, when
   * there is only one stream it can be the successor of.
   */
  isBack(runId: string, lastEventId: string): void
  /**
   * Of the stream that brought these messages last, among those whose client promised to acknowledge.
   * @param userId who says so; whoever it is when undefined
   */
  acknowledge(ack: ReceivedAck, userId?: string): void
}

interface Carried {
  readonly follower: MessageFollower
  from: number
  to: number
}

interface Run {
  readonly seqs: Map<string, number>
  /** In the order of their first message; one that has a successor leaves. */
  readonly streams: Map<RememberedStream, Carried>
  entries: number
}

/** Ids of one run. */
const IDS_MAX = 1_024
/** Of all runs, two a message; beyond, the run longest silent is forgotten. */
const ENTRIES_MAX = 100_000

export function rememberStreams(clock: Clock): StreamMemory {
  const runs = new Map<string, Run>()
  let entries = 0

  return {
    seqOf: (runId, eventId) => (eventId === null ? null : (runs.get(runId)?.seqs.get(eventId) ?? null)),
    emitted({ runId, seq, eventId }) {
      if (eventId === null) return
      const { seqs } = runOf(runId)
      if (!seqs.has(eventId)) remember(seqs, eventId, seq, IDS_MAX)
    },
    sent(stream, { runId, seq, eventId }, delivery) {
      // Nobody will ever say anything of it.
      if (eventId === null && !stream.promisesAcks) return
      const { streams } = runOf(runId)
      const carried = streams.get(stream) ?? { follower: followMessages({ clock }), from: seq, to: seq }
      streams.set(stream, carried)
      carried.from = Math.min(carried.from, seq)
      carried.to = Math.max(carried.to, seq)
      carried.follower.sent({ runId, seq, isLast: false }, delivery)
    },
    isBack(runId, lastEventId) {
      const run = runs.get(runId)
      const seq = run?.seqs.get(lastEventId)
      if (run === undefined || seq === undefined) return
      const [only, ...others] = carriersOf(run, seq)
      if (only === undefined || others.length > 0) return
      const [stream, { follower }] = only
      follower.acknowledge({ run_id: runId, up_to: seq })
      run.streams.delete(stream)
    },
    acknowledge(ack, userId) {
      const run = runs.get(ack.run_id)
      const mayBeIts = ([stream]: readonly [RememberedStream, unknown]) =>
        stream.promisesAcks && (userId === undefined || userId === stream.userId)
      const carriers = run === undefined ? [] : carriersOf(run, ack.up_to).filter(mayBeIts)
      carriers.at(-1)?.[1].follower.acknowledge(ack)
    },
  }

  /** A message more of this run. */
  function runOf(runId: string): Run {
    const run = runs.get(runId) ?? { seqs: new Map(), streams: new Map(), entries: 0 }
    remember(runs, runId, run, Infinity)
    run.entries++
    entries++
    if (entries > ENTRIES_MAX && runs.size > 1) forgetOldest()
    return run
  }

  function forgetOldest(): void {
    for (const [runId, run] of runs) {
      runs.delete(runId)
      entries -= run.entries
      return
    }
  }
}

function carriersOf({ streams }: Run, seq: number): [RememberedStream, Carried][] {
  return [...streams].filter(([, { from, to }]) => from <= seq && seq <= to)
}
