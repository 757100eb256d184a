import { ATTR, RECORD } from '../contract/attributes.ts'
import type { ConnectionState, StreamKind } from '../contract/deliveries.ts'
import type { Instant } from '../contract/units.ts'
import type { Reporter } from './reporter.ts'
import { activeSpan } from './active-span.ts'

export interface ConnectionRecord {
  readonly connectionId: string
  readonly state: ConnectionState
  readonly userId?: string
  /** Whether this client sends acks; without, a message is at most `transported`. */
  readonly acks?: boolean
  /** The HTTP response it is, when it goes one way; such a message is at most `written`, unless the client sends acks. */
  readonly stream?: StreamKind
  /** The client offered subprotocols and the server took none of them, so that the client breaks off; with `opened`. */
  readonly subprotocolRefused?: boolean
  /** Frames that the client says it sent and that never came; with `ready`. */
  readonly framesLost?: number
  /** WebSocket close code and reason; with `closed`. */
  readonly closeCode?: number
  readonly closeReason?: string
  /** The code the client saw, when it is back and says so; with `closed`. */
  readonly clientCloseCode?: number
  readonly closedBy?: 'client' | 'server' | 'network'
  /** Now unless given. */
  readonly at?: Instant
}

/** Say that a connection reached a state. Sent with the span active at the call, if any. */
export function recordConnection(reporter: Reporter, connection: ConnectionRecord): void {
  reporter.report({
    event: RECORD.connection,
    at: connection.at ?? reporter.clock.now(),
    ...activeSpan(),
    attributes: {
      [ATTR.connectionId]: connection.connectionId,
      [ATTR.connectionState]: connection.state,
      [ATTR.userId]: connection.userId,
      [ATTR.connectionAcks]: connection.acks,
      [ATTR.connectionStream]: connection.stream,
      [ATTR.connectionSubprotocolRefused]: connection.subprotocolRefused,
      [ATTR.connectionFramesLost]: connection.framesLost,
      [ATTR.closeCode]: connection.closeCode,
      [ATTR.clientCloseCode]: connection.clientCloseCode,
      [ATTR.closeReason]: connection.closeReason,
      [ATTR.closeBy]: connection.closedBy,
    },
  })
}
