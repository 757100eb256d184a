/** The thread that packs sealed segments, one after the other, on time that nobody else wants. */
import { setPriority } from 'node:os'
import { parentPort } from 'node:worker_threads'
import { packSegment, type Packed } from './packed-segment.ts'

export interface PackOrder {
  readonly segment: number
  readonly source: string
  readonly target: string
}

export type PackReply = { readonly packed: Packed } | { readonly error: Error }

/** Linux counts priorities by thread; elsewhere 0 is the whole process, and packing competes with everything else. */
if (process.platform === 'linux') setPriority(0, 19)

parentPort?.on('message', (order: PackOrder) => void pack(order))

async function pack({ segment, source, target }: PackOrder): Promise<void> {
  let reply: PackReply
  try {
    reply = { packed: await packSegment(segment, source, target) }
  } catch (error) {
    reply = { error: error instanceof Error ? error : new Error(String(error)) }
  }
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker is no window
  parentPort?.postMessage(reply)
}
