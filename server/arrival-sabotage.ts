/**
 * The places where a fault can bite before a connection is ready, one member each. Every arrival carries a sabotage, so
 * that healthy and faulty ones walk the same code.
 */
import { CLOSE } from '../contract/frames.ts'

export interface ArrivalSabotage {
  /** Of the subprotocols that the client offers one is chosen. */
  readonly takesSubprotocol: boolean
  /** What the client says before it is known who it is, is kept. */
  readonly keepsEarly: boolean
  /** Awaited before the token is looked at. @param gone aborted when the socket has closed */
  beforeAuth(gone: AbortSignal): Promise<void>
  /** Called once it is known who the client is. */
  beforeReady(): void
  /** With what an error of the server's own closes the connection. */
  readonly errorCode: number
  /** A connection that ends gives its place back. */
  readonly givesBack: boolean
}

export const noArrivalSabotage: ArrivalSabotage = {
  takesSubprotocol: true,
  keepsEarly: true,
  beforeAuth: async () => {},
  beforeReady: () => {},
  errorCode: CLOSE.failed,
  givesBack: true,
}
