import type { Clock } from '../contract/clock.ts'
import type { Millis } from '../contract/units.ts'
import type { ReadEntry } from './entry.ts'

export interface FoldQueueSettings {
  readonly clock: Clock
  /** Judge what is due before it, or a part of that. @returns false when more is due: call again */
  readonly advance: (read: ReadEntry) => boolean
  /** Fold it into the runs, before returning. Resolves when the next one may come. */
  readonly fold: (read: ReadEntry) => Promise<void>
}

export interface FoldQueue {
  /** Resolves once it has been folded and the next one may come. Folds at once when nothing is before it. */
  add(read: ReadEntry): Promise<void>
  /** Of what waits. */
  readonly bytes: number
  /** Resolves when nothing waits. */
  idle(): Promise<void>
}

/** For so long entries are folded without a look at who else waits. */
const SLICE: Millis = 10

/**
 * What is on disk and not folded yet. Most is folded as soon as it is added. When ten thousand deadlines passed before
 * it, they are judged first, as a log that is read again would have it; meanwhile the event loop turns, and senders are
 * answered.
 */
export function openFoldQueue({ clock, advance, fold }: FoldQueueSettings): FoldQueue {
  const waiting: { readonly read: ReadEntry; readonly folded: PromiseWithResolvers<void> }[] = []
  let bytes = 0
  let running: Promise<void> | null = null

  const turn = (): Promise<void> => new Promise((resolve) => void clock.after(0, resolve))

  const foldAll = async (): Promise<void> => {
    let began = -Infinity
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      if (clock.now() - began >= SLICE) {
        await turn()
        began = clock.now()
      }
      const { read, folded } = next
      if (!advance(read)) continue
      const kept = fold(read)
      waiting.shift()
      bytes -= read.entry.body.byteLength
      folded.resolve(kept)
      await kept
    }
    running = null
  }

  return {
    add(read) {
      if (waiting.length === 0 && advance(read)) return fold(read)
      const folded = Promise.withResolvers<void>()
      waiting.push({ read, folded })
      bytes += read.entry.body.byteLength
      running ??= foldAll()
      return folded.promise
    },
    get bytes() {
      return bytes
    },
    async idle() {
      await running
    },
  }
}
