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

/** What a frame says of itself; the run may be known from elsewhere. */
export interface FrameWords extends Omit<RunMessage, 'runId'> {
  readonly runId: string | null
}

/**
 * The fields of Laststep's own frames (docs/PROTOCOL.md, 1.2) and those others use for the same. Null for a frame outside
 * the numbering, and for one without a type.
 */
export function wordsOfFrame({ event, frame }: OutgoingMessage): FrameWords | null {
  const stamp = fieldOf(frame, 'laststep')
  const runId = fieldOf(stamp, 'run_id') ?? fieldOf(frame, 'run_id') ?? fieldOf(frame, 'runId')
  const type = fieldOf(frame, 'type') ?? event
  if (typeof type !== 'string') return null
  const seq = fieldOf(stamp, 'seq') ?? fieldOf(frame, 'seq')
  // Numbered 0: outside the numbering (an answer, a refusal).
  if (seq === 0) return null
  const payload = fieldOf(frame, 'payload') ?? frame
  const toolCallId =
    fieldOf(payload, 'tool_call_id') ??
    fieldOf(payload, 'toolCallId') ??
    (OPENAI_CALL.test(type) ? fieldOf(frame, 'item_id') : undefined)
  return {
    runId: typeof runId === 'string' ? runId : null,
    event: nameOf(type, frame),
    ...(typeof seq === 'number' ? { seq } : {}),
    ...(typeof toolCallId === 'string' ? { toolCallId } : {}),
  }
}

/** Events about a call in the OpenAI Responses API, where every other item has an `item_id` as well. */
const OPENAI_CALL = /^response\..*(?:_call|mcp_list_tools)/

/** A contract needs one word more of AG-UI's two ends, and of a tool's output in the Vercel AI SDK that is not its last. */
function nameOf(type: string, frame: unknown): string {
  const outcome = fieldOf(frame, 'outcome')
  const more: Readonly<Record<string, unknown>> = {
    RUN_FINISHED: fieldOf(outcome, 'type') ?? outcome,
    RUN_ERROR: fieldOf(frame, 'code'),
    'tool-output-available': fieldOf(frame, 'preliminary') === true ? 'preliminary' : undefined,
  }
  const word = Object.hasOwn(more, type) ? more[type] : undefined
  return typeof word === 'string' && word !== '' ? `${type}:${word}` : type
}

function messageOfFrame(message: OutgoingMessage): RunMessage | null {
  const words = wordsOfFrame(message)
  return words === null || words.runId === null ? null : { ...words, runId: words.runId }
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
