/** A reader of the live feed that remembers every frame. */
import { WebSocket } from 'ws'
import { LIVE_PATH, type LiveFrame } from '../../../../contract/live.ts'

export interface LiveClient {
  readonly frames: readonly LiveFrame[]
  readonly socket: WebSocket
  /** Set once the connection is closed. */
  readonly closedWith: () => number | null
  close(): Promise<void>
}

/** @param after the cursor to resume from */
export async function openLiveClient(
  address: string,
  after?: string,
  headers = {},
  perMessageDeflate: boolean | object = true,
): Promise<LiveClient> {
  const url = new URL(LIVE_PATH, address.replace('http', 'ws'))
  if (after !== undefined) url.searchParams.set('after', after)
  const socket = new WebSocket(url, { headers, perMessageDeflate })
  const frames: LiveFrame[] = []
  let code: number | null = null
  socket.on('message', (data) => frames.push(JSON.parse(String(data)) as LiveFrame))
  const closed = new Promise<void>((resolve) =>
    socket.on('close', (closeCode) => {
      code = closeCode
      resolve()
    }),
  )
  await new Promise<void>((resolve, reject) => {
    socket.once('open', () => resolve())
    socket.once('error', reject)
  })
  return {
    frames,
    socket,
    closedWith: () => code,
    close() {
      socket.close()
      return closed
    },
  }
}
