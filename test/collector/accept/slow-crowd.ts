/** A crowd of clients that open a connection, send a little, and then next to nothing; and one that means well. */
import { connect, type Socket } from 'node:net'
import { spansProtobuf } from './conformance/bodies.ts'
import type { HttpAnswer, HttpAsked } from './conformance/target.ts'

export interface SlowConnection {
  readonly socket: Socket
  /** What it does not finish. */
  readonly slowIn: 'headers' | 'body'
  readonly openedAt: number
}

const HEAD = 'POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-'
const LENGTH = 'type: application/x-protobuf\r\ncontent-length: 1000\r\n\r\nabc'

/** Every way to be slow: no word at all, half a header, half a body. */
const BEGINNINGS = [
  { text: '', slowIn: 'headers' },
  { text: HEAD, slowIn: 'headers' },
  { text: `${HEAD}${LENGTH}`, slowIn: 'body' },
] as const

/** Connections opened at once; the system keeps only so many waiting. */
const AT_ONCE = 200

/** Resolves when all of them are connected. They are the caller's to destroy. */
export async function crowd(address: string, count: number): Promise<SlowConnection[]> {
  const { hostname, port } = new URL(address)
  const connections: SlowConnection[] = []
  while (connections.length < count) {
    const few = Math.min(AT_ONCE, count - connections.length)
    connections.push(...(await Promise.all(Array.from({ length: few }, (_, at) => openSlow(hostname, +port, at)))))
  }
  return connections
}

function openSlow(host: string, port: number, at: number): Promise<SlowConnection> {
  const { text, slowIn } = BEGINNINGS[at % BEGINNINGS.length] ?? BEGINNINGS[0]
  return new Promise((resolve, reject) => {
    const socket = connect(port, host, () => {
      socket.write(text)
      resolve({ socket, slowIn, openedAt: performance.now() })
    })
    // Once it is open, being cut for being slow is as it should be.
    socket.on('error', reject)
    socket.resume()
  })
}

export interface Latency {
  readonly p50Ms: number
  readonly p99Ms: number
  readonly failed: number
}

/** Sends `count` good requests, a few at a time, each on a connection of its own. */
export async function goodLatency(send: (asked: HttpAsked) => Promise<HttpAnswer>, count: number): Promise<Latency> {
  const took: number[] = []
  let failed = 0
  let left = count
  const one = async (): Promise<void> => {
    while (left-- > 0) {
      const answer = await send({ body: spansProtobuf }).catch(() => null)
      if (answer?.status === 200) took.push(answer.tookMs)
      else failed += 1
    }
  }
  await Promise.all(Array.from({ length: 8 }, one))
  const sorted = took.toSorted((one, two) => one - two)
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Infinity
  return { p50Ms: at(0.5), p99Ms: at(0.99), failed }
}
