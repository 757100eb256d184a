/** Where a WebSocket handshake carries the user's token. */
import type { IncomingMessage } from 'node:http'
import { JWT_SUBPROTOCOL, JWT_SUBPROTOCOL_PREFIX } from '../../contract/frames.ts'

/** From `Authorization: Bearer …`, else from the subprotocol `jwt.<base64url of the token, no padding>`; null without. */
export function readToken({ headers }: Pick<IncomingMessage, 'headers'>): string | null {
  const bearer = /^Bearer\s+(\S+)$/i.exec(headers.authorization ?? '')?.[1]
  if (bearer) return bearer
  const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((protocol) => protocol.trim())
  const carrier = offered.find((protocol) => protocol.startsWith(JWT_SUBPROTOCOL_PREFIX))
  if (!carrier) return null
  const carried = carrier.slice(JWT_SUBPROTOCOL_PREFIX.length)
  // A JWT as it is has dots, its base64url has none: clients that skip the wrapping are understood.
  return carried.includes('.') ? carried : Buffer.from(carried, 'base64url').toString('utf8')
}

/** The subprotocol the server echoes: the word, never the one that carries the token. */
export function chooseSubprotocol(offered: ReadonlySet<string>): string | false {
  return offered.has(JWT_SUBPROTOCOL) ? JWT_SUBPROTOCOL : false
}
