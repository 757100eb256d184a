import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { sleep, type Clock } from '../../contract/clock.ts'
import { seconds, type Millis } from '../../contract/units.ts'
import type { PackOrder, PackReply } from './pack-worker.ts'
import type { Packed } from './packed-segment.ts'
import { discardPacking, namePacked, packingPath, segmentPath } from './segment-files.ts'

/** Packs sealed segments in a thread of its own that lives while there is something to pack, and a little longer. */
export interface Packer {
  /** A segment that is waiting already is packed once. */
  add(segment: number): void
  /** Nothing is being packed, and nothing waits. */
  idle(): Promise<void>
  /** What is half packed stays as it was; the next start packs it. */
  stop(): Promise<void>
}

export interface PackerSettings {
  readonly dir: string
  readonly clock: Clock
  /** False once the segment was dropped: then its packed form is, too. */
  readonly isKept: (segment: number) => boolean
  /** Both forms are on disk, and the raw one is about to go. */
  readonly damaged: (segment: number, damage: Packed['damage'][number]) => Promise<void>
  /** The packed form has its name: the raw one may go. */
  readonly retire: (segment: number) => Promise<void>
  readonly packed: (segment: number, bytes: number) => void
  readonly log: { warn(details: object, message: string): void }
}

/** Under load a segment fills in less than this, and starting a thread costs as much as packing a quarter of one. */
const LINGER: Millis = seconds(10)

export function createPacker(settings: PackerSettings): Packer {
  const { dir, clock, isKept, damaged, retire, packed, log } = settings
  const waiting = new Set<number>()
  let worker: Worker | null = null
  let isStopped = false
  let working: Promise<void> = Promise.resolve()
  let isWorking = false
  /** Resolved while nothing waits. */
  let idle = Promise.withResolvers<void>()
  idle.resolve()
  /** Ends the thread's lingering. */
  let wake = (): void => {}

  async function packAll(): Promise<void> {
    // What is added while the thread ends needs another one.
    while (waiting.size > 0) await packWaiting()
    isWorking = false
  }

  async function packWaiting(): Promise<void> {
    worker = new Worker(new URL('./pack-worker.ts', import.meta.url))
    try {
      // Stopping leaves nothing waiting.
      while (waiting.size > 0) {
        for (const segment of waiting) {
          await packOne(worker, segment)
          waiting.delete(segment)
        }
        idle.resolve()
        await Promise.race([new Promise<void>((resolve) => (wake = resolve)), sleep(clock, LINGER)])
      }
    } catch (error) {
      if (!isStopped) log.warn({ err: error }, 'a segment of the log could not be packed; it stays as it is')
      // Whoever keeps house adds them again.
      waiting.clear()
      idle.resolve()
    } finally {
      await worker.terminate()
      worker = null
    }
  }

  async function packOne(thread: Worker, segment: number): Promise<void> {
    if (!isKept(segment)) return
    const target = packingPath(dir, segment)
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker is no window
    thread.postMessage({ segment, source: segmentPath(dir, segment), target } satisfies PackOrder)
    const reply = await nextReply(thread)
    try {
      if (isStopped || !isKept(segment)) return
      if ('error' in reply) throw reply.error
      for (const damage of reply.packed.damage) await damaged(segment, damage)
      await namePacked(dir, segment)
      await retire(segment)
      packed(segment, reply.packed.bytes)
    } finally {
      await discardPacking(dir, segment)
    }
  }

  return {
    add(segment) {
      if (isStopped) return
      if (waiting.size === 0) idle = Promise.withResolvers()
      waiting.add(segment)
      wake()
      if (isWorking) return
      isWorking = true
      working = packAll()
    },
    idle: () => idle.promise,
    async stop() {
      isStopped = true
      waiting.clear()
      wake()
      await worker?.terminate()
      idle.resolve()
      await working
    },
  }
}

/** @throws what the thread threw, or when it ended */
async function nextReply(thread: Worker): Promise<PackReply> {
  const ended = new AbortController()
  try {
    const exit = once(thread, 'exit', { signal: ended.signal }).then(() => {
      throw new Error('the packing thread ended')
    })
    const [reply] = (await Promise.race([once(thread, 'message', { signal: ended.signal }), exit])) as [PackReply]
    return reply
  } finally {
    ended.abort()
  }
}
