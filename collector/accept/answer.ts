/** The answers of an OTLP receiver over HTTP, in the request's own encoding. */
import type { Millis } from '../../contract/units.ts'
import type { Encoding } from '../entry.ts'
import { bytesField, varintField } from './write-protobuf.ts'

/** What the sender is told. Every error body is a `google.rpc.Status`. */
export interface Answer {
  readonly status: number
  readonly body: Buffer
  readonly retryAfterMs: Millis | null
}

/** HTTP status of each refusal, and the `google.rpc.Code` that goes with it. */
export const REFUSALS = {
  malformed: { status: 400, code: 3 },
  'not-found': { status: 404, code: 5 },
  'not-post': { status: 405, code: 12 },
  'too-large': { status: 413, code: 8 },
  'unknown-type': { status: 415, code: 3 },
  'too-much': { status: 429, code: 8 },
  internal: { status: 500, code: 13 },
  unavailable: { status: 503, code: 14 },
} as const

export type RefusalReason = keyof typeof REFUSALS

/** An end to a request before it was taken. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly reason: RefusalReason
  constructor(reason: RefusalReason, message: string) {
    super(message)
    this.reason = reason
  }
}

/** Clients give up at once when they are asked to wait longer than their own export timeout; 1 s suits all of them. */
export const RETRY_AFTER_MS: Millis = 1_000

export function refusalAnswer(reason: RefusalReason, message: string, encoding: Encoding): Answer {
  const { status, code } = REFUSALS[reason]
  const mayRetry = reason === 'too-much' || reason === 'unavailable'
  const body =
    encoding === 'json' ? json({ code, message }) : Buffer.concat([varintField(1, code), bytesField(2, message)])
  return { status, body, retryAfterMs: mayRetry ? RETRY_AFTER_MS : null }
}

export type RequestKind = 'traces' | 'logs' | 'metrics'

/** What a sender is told about single records of a request that was taken. */
export interface Remarks {
  /** Records that will never be understood. 0 with a message is a warning. */
  readonly refused: number
  readonly message: string | null
}

/** The name of `rejected_*` in each signal's `partial_success`; in protobuf it is field 1 for all of them. */
const REJECTED = { traces: 'rejectedSpans', logs: 'rejectedLogRecords', metrics: 'rejectedDataPoints' } as const

export function successAnswer(kind: RequestKind, encoding: Encoding, remarks: Remarks): Answer {
  return { status: 200, body: successBody(kind, encoding, remarks), retryAfterMs: null }
}

/** `partial_success` stays unset when there is nothing to say: a client must read it as "not all was kept". */
export function successBody(kind: RequestKind, encoding: Encoding, { refused, message }: Remarks): Buffer {
  if (message === null) return encoding === 'json' ? json({}) : Buffer.alloc(0)
  if (encoding === 'json') {
    return json({ partialSuccess: { [REJECTED[kind]]: String(refused), errorMessage: message } })
  }
  return bytesField(1, Buffer.concat([varintField(1, refused), bytesField(2, message)]))
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value))
}
