/**
 * Many dashboards, in a process of its own: connections to the live feed that take what comes. They share their cores
 * with what is measured, so most of them look at the heads of frames only; one in fifty is a whole client that reads
 * every frame, and says how late it came and of how many runs.
 *
 * Arguments: the dashboard's address, how many. Prints a line of `ReaderTotals` when all are there, then one a second.
 */
import { connect } from 'node:net'
import { WebSocket } from 'ws'
import { systemClock } from '../contract/clock.ts'
import { LIVE_PATH, type LiveFrame } from '../contract/live.ts'
import { fromIso, seconds, type Millis } from '../contract/units.ts'

export interface ReaderTotals {
  readonly connected: number
  /** Of all readers together. */
  readonly bytes: number
  readonly frames: number
  /** Readers whose connection was closed. */
  readonly closed: number
  /** Runs each whole client was told of. */
  readonly runsSeen: readonly number[]
  /** From the collector's making a batch to a whole client's having read it, since the line before. */
  readonly delaysMs: readonly Millis[]
}

const WHOLE_EVERY = 50
/** The same as a browser's. */
const OFFER = 'permessage-deflate; client_max_window_bits'
const PING = 0x9
const PONG = Buffer.from([0x8a, 0x80, 0, 0, 0, 0])

const [address = '', count = '500'] = process.argv.slice(2)
const totals = { connected: 0, bytes: 0, frames: 0, closed: 0 }
const seen: Set<string>[] = []
let delaysMs: Millis[] = []

await Promise.all(
  Array.from({ length: Number(count) }, (_, index) => (index % WHOLE_EVERY === 0 ? openWhole() : openPlain())),
)
say()
setInterval(say, seconds(1))

function say(): void {
  const line: ReaderTotals = { ...totals, runsSeen: seen.map(({ size }) => size), delaysMs }
  console.log(JSON.stringify(line))
  delaysMs = []
}

function openPlain(): Promise<void> {
  const { hostname, port } = new URL(address)
  const socket = connect(Number(port), hostname)
  let isOpen = false
  let unread: Buffer = Buffer.alloc(0)
  /** Bytes of a frame's payload that are still to come. */
  let skip = 0
  socket.write(
    `GET ${LIVE_PATH} HTTP/1.1\r\nhost: ${hostname}:${port}\r\nupgrade: websocket\r\nconnection: upgrade\r\n` +
      `sec-websocket-key: ${crypto.getRandomValues(Buffer.alloc(16)).toString('base64')}\r\n` +
      `sec-websocket-version: 13\r\nsec-websocket-extensions: ${OFFER}\r\n\r\n`,
  )
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.once('close', () => (totals.closed += 1))
    socket.on('data', (chunk: Buffer) => {
      if (isOpen) totals.bytes += chunk.length
      unread = unread.length === 0 ? chunk : Buffer.concat([unread, chunk])
      if (!isOpen) {
        const end = unread.indexOf('\r\n\r\n')
        if (end < 0) return
        if (!unread.toString('latin1', 0, end).startsWith('HTTP/1.1 101'))
          return reject(new Error(unread.toString('latin1', 0, end)))
        unread = unread.subarray(end + 4)
        isOpen = true
        totals.connected += 1
        resolve()
      }
      for (;;) {
        const step = Math.min(skip, unread.length)
        unread = unread.subarray(step)
        skip -= step
        const head = skip > 0 ? null : readHead(unread)
        if (head === null) return
        unread = unread.subarray(head.bytes)
        skip = head.payload
        totals.frames += 1
        if (head.opcode === PING) socket.write(PONG)
      }
    })
  })
}

/** A frame from a server is not masked (RFC 6455, 5.2). Null while its head is not all there. */
function readHead(from: Buffer): { opcode: number; bytes: number; payload: number } | null {
  if (from.length < 2) return null
  const [opcode, short] = [from.readUInt8(0) & 0x0f, from.readUInt8(1) & 0x7f]
  if (short < 126) return { opcode, bytes: 2, payload: short }
  if (short === 126) return from.length < 4 ? null : { opcode, bytes: 4, payload: from.readUInt16BE(2) }
  return from.length < 10 ? null : { opcode, bytes: 10, payload: Number(from.readBigUInt64BE(2)) }
}

function openWhole(): Promise<void> {
  const socket = new WebSocket(`${address.replace('http', 'ws')}${LIVE_PATH}`)
  const runs = new Set<string>()
  seen.push(runs)
  socket.on('message', (data) => {
    const frame = JSON.parse(String(data)) as LiveFrame
    totals.frames += 1
    if (frame.type !== 'changes' && frame.type !== 'snapshot') return
    for (const { id } of frame.runs) runs.add(id)
    if (frame.type === 'changes') delaysMs.push(systemClock.now() - fromIso(frame.serverTime))
  })
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.once('close', () => (totals.closed += 1))
    socket.once('open', () => {
      totals.connected += 1
      resolve()
    })
  })
}
