/**
 * Which run a message belongs to, for servers whose sockets are wrapped: read from the frame, or told by the server's
 * own function.
 */
import { fieldOf } from '../contract/place.ts'

/** A message about to be sent. */
export interface OutgoingMessage {
  /** The event's name, over socket.io; null over a WebSocket. */
  readonly event: string | null
  /** What is sent, parsed where it is JSON; undefined when it is none. */
  readonly frame: unknown
}

export interface RunMessage {
  readonly runId: string
  /** `agent_started`, …: as the run's contract names it. */
  readonly event: string
  /** Per run, gap-free; counted when left out. */
  readonly seq?: number
  readonly toolCallId?: string
}

/** Null for a message that belongs to no run. */
export type MessageOf = (message: OutgoingMessage) => RunMessage | null

/** The fields of Laststep's own frames (docs/PROTOCOL.md, 1.2) and those others use for the same. */
function messageOfFrame({ event, frame }: OutgoingMessage): RunMessage | null {
  const stamp = fieldOf(frame, 'laststep')
  const runId = fieldOf(stamp, 'run_id') ?? fieldOf(frame, 'run_id') ?? fieldOf(frame, 'runId')
  const type = fieldOf(frame, 'type') ?? event
  if (typeof runId !== 'string' || typeof type !== 'string') return null
  const seq = fieldOf(stamp, 'seq') ?? fieldOf(frame, 'seq')
  // Numbered 0: outside the numbering (an answer, a refusal).
  if (seq === 0) return null
  const payload = fieldOf(frame, 'payload') ?? frame
  const toolCallId = fieldOf(payload, 'tool_call_id') ?? fieldOf(payload, 'toolCallId')
  return {
    runId,
    event: type,
    ...(typeof seq === 'number' ? { seq } : {}),
    ...(typeof toolCallId === 'string' ? { toolCallId } : {}),
  }
}

/** By the server's own function where there is one. Never throws. */
export function readMessage(message: OutgoingMessage, messageOf: MessageOf = messageOfFrame): RunMessage | null {
  try {
    return messageOf(message)
  } catch (error) {
    // A server must not fail to answer because of what watches it.
    process.emitWarning(error instanceof Error ? error : String(error), { code: 'LASTSTEP_MESSAGE_OF' })
    return null
  }
}
