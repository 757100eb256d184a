/**
 * How far one message got towards one connection, in order. Each state rests on its own evidence:
 *
 * | state         | evidence |
 * | ------------- | -------- |
 * | `emitted`     | the notifier was called; the message has a seq |
 * | `routed`      | connections were chosen; their number is recorded, 0 included |
 * | `queued`      | accepted by the connection's send queue |
 * | `written`     | the send callback: the kernel took the bytes, nothing more |
 * | `transported` | the pong of a ping fence carrying the seq: the peer's WebSocket stack consumed it |
 * | `received`    | the client's cumulative ack: its code saw the message |
 * | `handled`     | the client said it rendered it |
 *
 * `dropped` and `failed` are dead ends and carry a reason.
 */
export const DELIVERY_STATES = [
  'emitted',
  'routed',
  'queued',
  'written',
  'transported',
  'received',
  'handled',
  'dropped',
  'failed',
] as const

export type DeliveryState = (typeof DELIVERY_STATES)[number]

export type DropReason = 'no-target' | 'serialize' | 'too-big' | 'backpressure' | 'evicted' | 'closed' | 'expired'

/**
 * What is new of one message, as a row of a record's body (docs/PROTOCOL.md, 2.3): its seq, its event, the states it
 * reached in order, each with the microseconds since the record's time, and what else is known of it.
 */
export type DeliveryNews = readonly [
  seq: number,
  event: string,
  reached: { readonly [state in DeliveryState]?: number },
  more?: {
    /** 1 unless given. */
    readonly attempt?: number | undefined
    readonly targets?: number | undefined
    readonly bytes?: number | undefined
    readonly tool_call_id?: string | undefined
    readonly reason?: string | undefined
  },
]

export const CONNECTION_STATES = ['opened', 'authenticated', 'ready', 'closed'] as const
export type ConnectionState = (typeof CONNECTION_STATES)[number]

/**
 * What a connection is that goes one way: a response of Server-Sent Events, or any other HTTP response. Nothing on it can
 * say that a message arrived, so `written` is the most there is to know, unless the client says more by another request.
 */
export const STREAM_KINDS = ['sse', 'http'] as const
export type StreamKind = (typeof STREAM_KINDS)[number]

/** What became of the messages a run had to deliver. Independent of how the run itself went. */
export type DeliveryOutcome = 'pending' | 'delivered' | 'partial' | 'undelivered' | 'unknown'
