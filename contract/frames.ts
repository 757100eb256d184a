/**
 * Frames of the reference runtime's WebSocket (docs/PROTOCOL.md is this file in prose).
 */
import type { EventType } from './events.ts'

/** Server → client. `seq` is per run, gap-free from 1; it is 0 on frames that belong to no run. */
export interface ServerFrame {
  readonly type: EventType
  readonly run_id: string | null
  readonly thread_id: string | null
  readonly seq: number
  /** The runtime instance that gave the seq. A client holding another epoch must not resume from it. */
  readonly epoch: string
  /** ISO-8601, UTC. */
  readonly ts: string
  /** W3C trace context of the span that emitted the frame. */
  readonly traceparent: string | null
  readonly payload: Readonly<Record<string, unknown>>
}

/** Client → server. */
export type ClientFrame =
  | {
      readonly type: 'start_agent'
      readonly thread_id?: string
      readonly payload: {
        readonly user_request: string
        readonly agent?: string
        /** A fault to inject into this one run; the reference runtime knows the names. */
        readonly fault?: string
      }
    }
  | { readonly type: 'cancel'; readonly run_id: string }
  /** Cumulative: every frame of the run up to and including `up_to` was seen by the client's code. */
  | {
      readonly type: 'ack'
      readonly epoch: string
      readonly run_id: string
      readonly up_to: number
      readonly rendered?: number
    }
  | { readonly type: 'resume'; readonly run_id: string; readonly epoch: string; readonly last_seq: number }

export const CLOSE = {
  /** Refused: no token, a bad one, an expired one. Sent after accepting, since a browser cannot see an HTTP 401. */
  unauthenticated: 4401,
  /** Took longer than the ready budget to authenticate. */
  timeout: 4408,
  /** The server is going down; come back. */
  goingAway: 1001,
  tooBig: 1009,
  /** The server's own error. */
  failed: 1011,
  /** This user has too many connections. */
  tooMany: 1013,
} as const

/** Subprotocols that carry a token where headers cannot be set: `jwt-auth`, `jwt.<base64url, no padding>`. */
export const JWT_SUBPROTOCOL = 'jwt-auth'
export const JWT_SUBPROTOCOL_PREFIX = 'jwt.'

/**
 * Read a client frame. The text is untrusted.
 * @returns the frame, or a sentence saying what is wrong with it.
 */
export function readClientFrame(text: string): ClientFrame | { readonly problem: string } {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { problem: 'the message is not JSON' }
  }
  if (!isRecord(value)) return { problem: 'the message is not a JSON object' }
  switch (value['type']) {
    case 'start_agent': {
      const payload = value['payload']
      if (!isRecord(payload)) return { problem: 'start_agent needs a payload object' }
      const { user_request, agent, fault } = payload
      if (typeof user_request !== 'string' || user_request === '')
        return { problem: 'start_agent needs payload.user_request, a text' }
      if (agent !== undefined && typeof agent !== 'string') return { problem: 'payload.agent must be a text' }
      if (fault !== undefined && typeof fault !== 'string') return { problem: 'payload.fault must be a text' }
      const thread = value['thread_id']
      if (thread !== undefined && typeof thread !== 'string') return { problem: 'thread_id must be a text' }
      return {
        type: 'start_agent',
        ...(thread === undefined ? {} : { thread_id: thread }),
        payload: {
          user_request,
          ...(agent === undefined ? {} : { agent }),
          ...(fault === undefined ? {} : { fault }),
        },
      }
    }
    case 'cancel':
      return typeof value['run_id'] === 'string'
        ? { type: 'cancel', run_id: value['run_id'] }
        : { problem: 'cancel needs run_id' }
    case 'ack': {
      const { epoch, run_id, up_to, rendered } = value
      if (typeof epoch !== 'string' || typeof run_id !== 'string' || !isCount(up_to))
        return { problem: 'ack needs epoch, run_id and up_to' }
      return { type: 'ack', epoch, run_id, up_to, ...(isCount(rendered) ? { rendered } : {}) }
    }
    case 'resume': {
      const { run_id, epoch, last_seq } = value
      if (typeof run_id !== 'string' || typeof epoch !== 'string' || !isCount(last_seq))
        return { problem: 'resume needs run_id, epoch and last_seq' }
      return { type: 'resume', run_id, epoch, last_seq }
    }
    default:
      return { problem: `unknown type ${JSON.stringify(value['type'])}; known: start_agent, cancel, ack, resume` }
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
