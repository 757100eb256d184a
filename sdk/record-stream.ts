/**
 * One HTTP response that carries messages of runs one way: every message in it becomes a recorded delivery, and the
 * response a recorded connection.
 *
 * ```
 *   piece of the stream ──▶ emitted, queued ──▶ written     whoever took the piece has handed it on
 *                                          └──▶ dropped     the client left before
 * ```
 */
import { newId } from '../contract/ids.ts'
import type { Delivery, DeliveryRecorder } from './delivery-recorder.ts'
import { countAttempts, type MessageNumbers } from './number-messages.ts'
import { readMessage, wordsOfFrame, type MessageOf, type RunMessage } from './read-message.ts'
import { readStream, type StreamFrame } from './read-stream.ts'
import { recordConnection } from './record-connection.ts'
import type { Reporter } from './reporter.ts'
import type { StreamMemory } from './stream-memory.ts'

export interface StreamDescription {
  /** The run it carries. Unless given, a frame names its run, and so does the last one that did. */
  readonly runId?: string
  /** Which run a frame belongs to, for frames of another kind. */
  readonly messageOf?: MessageOf
  /** Whose connection it is. */
  readonly userId?: string
  /** The client will acknowledge what it receives, by requests of its own: see `acknowledge`. */
  readonly acks?: boolean
  /** With which id the client is back; the request's `Last-Event-ID` unless given. */
  readonly lastEventId?: string | null
}

export interface StreamContext {
  readonly reporter: Reporter
  readonly recorder: DeliveryRecorder
  readonly numbers: MessageNumbers
  readonly memory: StreamMemory
}

/** The course of one response. Nothing here throws. */
export interface RecordedStream {
  /** A piece is about to be sent. @returns the messages that end in it */
  offer(piece: Uint8Array | string): readonly Delivery[]
  /** Nothing more comes. @returns the message that ends with the stream, if one does */
  offerEnd(): readonly Delivery[]
  /** The kernel took them, or nobody will. */
  settle(messages: readonly Delivery[], error?: Error | null): void
  /** Everything offered was handed on, and with it the end. */
  finish(): void
  /** The response is over; without `finish` before it, it broke off. */
  close(by: 'client' | 'server' | null, reason?: string): void
}

export function recordStream(context: StreamContext, description: StreamDescription): RecordedStream {
  const { reporter, recorder, numbers, memory } = context
  const { runId = null, messageOf, userId, acks = false, lastEventId = null } = description
  const id = newId('conn')
  const reader = readStream()
  const attempts = countAttempts()
  const remembered = { promisesAcks: acks, userId: userId ?? null }
  /** Handed to the server and not on from there: no more than the server itself keeps of the stream. */
  const pending = new Set<Delivery>()
  let currentRun = runId
  let isReady = false
  let isFinished = false
  let isClosed = false
  let isBroken = false

  const words = { connectionId: id, acks, ...(userId === undefined ? {} : { userId }) }
  const kind = () => (reader.form === 'events' ? 'sse' : 'http')
  if (runId !== null && lastEventId !== null) memory.isBack(runId, lastEventId)
  recordConnection(reporter, { ...words, state: 'opened', stream: kind() })

  const settle = (messages: Iterable<Delivery>, error?: Error | null) => {
    for (const delivery of messages) {
      if (!pending.delete(delivery)) continue
      if (!error) delivery.reach('written')
      else delivery.fail(error)
    }
  }

  return {
    offer: (piece) => safely(() => send(reader.read(piece))) ?? [],
    offerEnd: () => safely(() => send(reader.end())) ?? [],
    settle,
    finish() {
      if (isClosed) return
      isFinished = true
      settle([...pending])
    },
    close(by, reason) {
      if (isClosed) return
      isClosed = true
      for (const delivery of pending) delivery.drop('closed')
      pending.clear()
      recordConnection(reporter, {
        ...words,
        state: 'closed',
        stream: kind(),
        closeReason: reason ?? (isFinished ? 'finished' : 'before the end of the stream'),
        ...(by === null ? {} : { closedBy: by }),
      })
    },
  }

  function send(frames: readonly StreamFrame[]): Delivery[] {
    if (!isReady && reader.form !== null) {
      isReady = true
      recordConnection(reporter, { ...words, state: 'ready', stream: kind() })
    }
    return frames.flatMap((frame) => {
      const message = messageOfFrame(frame)
      return message === null ? [] : [emit(message, frame)]
    })
  }

  function emit(message: RunMessage, { id: eventId, data, bytes }: StreamFrame): Delivery {
    const { runId: itsRun } = message
    const told = message.seq ?? memory.seqOf(itsRun, eventId)
    // With another id it is another message, though it may say the same.
    const seq = told ?? numbers.numberOf(itsRun, eventId === null ? data : `${eventId}\n${data}`, remembered)
    const attempt = attempts.attemptOf(itsRun, seq)
    const delivery = recorder.message({ ...message, seq, connectionId: id, attempt, bytes })
    memory.emitted({ runId: itsRun, seq, eventId })
    if (isClosed) {
      delivery.drop('closed')
      return delivery
    }
    delivery.reach('queued')
    pending.add(delivery)
    memory.sent(remembered, { runId: itsRun, seq, eventId }, delivery)
    return delivery
  }

  function messageOfFrame({ event, data, isWhole }: StreamFrame): RunMessage | null {
    // The mark that ends a stream of the Vercel AI SDK, and of others.
    if (data === '[DONE]') return null
    const frame = isWhole ? parse(data) : { type: TYPE_FIRST.exec(data)?.[1] }
    if (messageOf) return readMessage({ event, frame }, messageOf)
    const words = wordsOfFrame({ event: event ?? 'message', frame })
    if (words === null) return null
    currentRun = words.runId ?? runId ?? currentRun
    return currentRun === null ? null : { ...words, runId: currentRun }
  }

  /** What goes wrong in here must not reach the response: it is sent, and no longer watched. */
  function safely<T>(work: () => T): T | null {
    if (isBroken) return null
    try {
      return work()
    } catch (error) {
      isBroken = true
      process.emitWarning(`laststep: a stream is no longer recorded: ${String(error)}`)
      return null
    }
  }
}

/** Of a frame too long to be kept: its type, where it stands first, as all known formats have it. */
const TYPE_FIRST = /^\s*\{\s*"type"\s*:\s*"([^"\\]+)"/

function parse(data: string): unknown {
  if (!data.startsWith('{')) return undefined
  try {
    return JSON.parse(data)
  } catch {
    return undefined
  }
}
