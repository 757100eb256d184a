/** One message of a run over one WebSocket, or over several, with everything that can become of it on this side. */
import type { DropReason } from '../contract/deliveries.ts'
import { isTerminalEvent } from '../contract/events.ts'
import { placeOf, type Place } from '../contract/place.ts'
import type { DeliveryRecorder } from './delivery-recorder.ts'
import type { MessageFollower } from './follow-messages.ts'
import { textOfFrame } from './frame-text.ts'
import type { AttemptCounter, MessageNumbers } from './number-messages.ts'
import { readMessage, type MessageOf, type RunMessage } from './read-message.ts'

export type SendCallback = (error?: Error | null) => void

export interface Sender {
  readonly recorder: DeliveryRecorder
  /** The instance that gives the seqs. */
  readonly epoch: string
  readonly limits: { readonly bytesMax: number; readonly backlogBytesMax: number }
  readonly messageOf: MessageOf | undefined
  readonly numbers: MessageNumbers
}

/** One connection. */
export interface Target {
  readonly id: string
  /** The client promised to acknowledge. */
  readonly acks: boolean
  readonly socket: { readonly readyState: number; readonly bufferedAmount: number; terminate(): void }
  readonly follower: MessageFollower
  readonly attempts: AttemptCounter
  /** The socket's `send`, as it was before it was wrapped. */
  readonly sendRaw: (data: unknown, options?: unknown, callback?: SendCallback) => void
}

export interface ToSend {
  /** JSON of an object. */
  readonly text: string
  readonly frame: unknown
  readonly sendOptions?: unknown
  readonly done?: SendCallback | undefined
  /** Connections chosen, where that is known. */
  readonly targets?: number
  readonly lost?: string | null
}

const OPEN = 1

/** @throws what the socket's own `send` throws */
export function transmit(
  { recorder, epoch, limits }: Sender,
  { id, acks, socket, follower, attempts, sendRaw }: Target,
  message: RunMessage & { readonly seq: number },
  { text: given, frame, sendOptions, done, targets, lost = null }: ToSend,
): void {
  const { runId, seq, event } = message
  // A client that promised acks can only keep the promise when it knows the frame's place.
  const text = acks && placeOf(frame) === null ? stamp(given, { run_id: runId, seq, epoch }) : given
  const bytes = Buffer.byteLength(text)
  const attempt = attempts.attemptOf(runId, seq)
  const delivery = recorder.message({ ...message, connectionId: id, attempt, bytes, ...(lost ? { lost } : {}) })
  if (targets !== undefined) delivery.route(targets)
  const refuse = (reason: DropReason, why: string) => {
    delivery.drop(reason)
    done?.(new Error(`laststep: not sent: ${why}`))
  }

  if (socket.readyState !== OPEN) {
    // Without a callback `ws` says nothing of it.
    delivery.drop('closed')
    return sendRaw(text, sendOptions, done)
  }
  if (bytes > limits.bytesMax) return refuse('too-big', `${bytes} bytes are more than bytesMax`)
  if (socket.bufferedAmount > limits.backlogBytesMax) {
    refuse('backpressure', 'the client is too far behind, and was disconnected')
    return socket.terminate()
  }
  delivery.reach('queued')
  try {
    sendRaw(text, sendOptions, (error) => {
      if (error) delivery.fail(error)
      else delivery.reach('written')
      done?.(error)
    })
  } catch (error) {
    delivery.fail(error)
    throw error
  }
  follower.sent({ runId, seq, isLast: isTerminalEvent(event) }, delivery)
}

/** Never throws. */
export function sendToAll(sender: Sender, targets: readonly Target[], frame: object): void {
  const { recorder, numbers, messageOf } = sender
  const message = readMessage({ event: null, frame }, messageOf)
  const made = textOfFrame(frame)
  if (message === null) {
    if ('problem' in made) return process.emitWarning(`laststep: a frame was not sent: ${made.problem}`)
    return targets.forEach(({ sendRaw }) => sendRaw(made.text, undefined, () => {}))
  }
  const seq = message.seq ?? numbers.numberOf(message.runId, frame, null)
  const drop = (reason: DropReason, connectionId: string | null) => {
    const delivery = recorder.message({ ...message, seq, connectionId })
    delivery.route(targets.length)
    delivery.drop(reason)
  }
  if (targets.length === 0) return drop('no-target', null)
  for (const target of targets)
    if ('problem' in made) drop('serialize', target.id)
    else transmit(sender, target, { ...message, seq }, { ...made, frame, targets: targets.length, done: () => {} })
}

function stamp(text: string, place: Place): string {
  const open = text.trimEnd().slice(0, -1).trimEnd()
  return `${open}${open === '{' ? '' : ','}"laststep":${JSON.stringify(place)}}`
}
