/** What a client says before its connection is ready is kept, in order, and handed over then. */
import type { RawData, WebSocket } from 'ws'

export interface EarlyMessages {
  /** Hand over what was kept, then every later message at once. */
  release(take: (text: string) => void): void
}

const MESSAGES_MAX = 8
const BYTES_MAX = 2 ** 20

/** @param tooMuch called once when the client sends more than is kept */
export function holdEarlyMessages(socket: WebSocket, tooMuch: () => void): EarlyMessages {
  const held: string[] = []
  let bytes = 0
  let take: ((text: string) => void) | null = null
  socket.on('message', (data) => {
    const text = textOf(data)
    if (take) return take(text)
    bytes += text.length
    if (held.length < MESSAGES_MAX && bytes <= BYTES_MAX) held.push(text)
    else tooMuch()
  })
  return {
    release(to) {
      take = to
      for (const text of held.splice(0)) to(text)
    },
  }
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8')
  return Buffer.isBuffer(data) ? data.toString('utf8') : Buffer.from(data).toString('utf8')
}
