/**
 * The WebSockets of the live feed. The library does the handshake, pings and closing; a frame that was made once for all
 * readers is written to the connection as it is, because the library would frame and compress it anew for each of them.
 */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import { refuseUpgrade } from './refuse-upgrade.ts'
import { isSameHost } from './same-host.ts'
import type { WireFrame } from './wire-frame.ts'

export interface LiveSocket {
  /** A frame for everybody. */
  write(frame: WireFrame): void
  ping(): void
  close(code: number, reason: string): void
  /** At once, without a word. */
  cut(): void
  onPong(call: () => void): void
  onClosed(call: () => void): void
}

export interface LiveSockets {
  /** Take over a connection. @param joined handed the cursor it comes back with, or null */
  accept(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    joined: (socket: LiveSocket, after: string | null) => void,
  ): void
  close(): void
}

/** A client has nothing to say: what it sends is ignored, and more than a little of it closes the connection. */
const HEARD_BYTES_MAX = 1_024

export function openLiveSockets(): LiveSockets {
  const plain = new WebSocketServer({ noServer: true, maxPayload: HEARD_BYTES_MAX, perMessageDeflate: false })
  const deflating = new WebSocketServer({
    noServer: true,
    maxPayload: HEARD_BYTES_MAX,
    // Nothing taken over from message to message: so one compressed frame is right for every reader.
    perMessageDeflate: { serverNoContextTakeover: true, clientNoContextTakeover: true },
  })
  return {
    accept(request, socket, head, joined) {
      if (!isSameHost(request))
        return refuseUpgrade(socket, 'forbidden', 'another site may not read the live feed; open the dashboard itself')
      const after = URL.parse(request.url ?? '', 'http://localhost')?.searchParams.get('after') ?? null
      const isDeflated = mayDeflate(request)
      const sockets = isDeflated ? deflating : plain
      sockets.handleUpgrade(request, socket, head, (webSocket) =>
        joined(liveSocket(webSocket, socket, isDeflated), after),
      )
    },
    close() {
      plain.close()
      deflating.close()
    },
  }
}

/** @param connection what lies below `webSocket` */
function liveSocket(webSocket: WebSocket, connection: Duplex, isDeflated: boolean): LiveSocket {
  // A broken or ill-behaved connection ends here; there is nobody else to tell.
  webSocket.on('error', () => webSocket.terminate())
  return {
    write(frame) {
      // Nothing may follow a close frame.
      if (webSocket.readyState === webSocket.OPEN) connection.write(isDeflated ? frame.deflated : frame.plain)
    },
    ping: () => webSocket.ping(),
    close: (code, reason) => webSocket.close(code, reason),
    cut: () => webSocket.terminate(),
    onPong: (call) => void webSocket.on('pong', call),
    onClosed: (call) => void webSocket.on('close', call),
  }
}

/** Every browser offers this; one that asked for a smaller window than ours would need frames of its own. */
function mayDeflate({ headers }: IncomingMessage): boolean {
  const offer = headers['sec-websocket-extensions'] ?? ''
  return offer.includes('permessage-deflate') && !offer.includes('server_max_window_bits')
}
