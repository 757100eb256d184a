/** The last frames of one run, kept so that a client that lost its connection can be told what it missed. */
import type { ServerFrame } from '../../contract/frames.ts'

export interface RunRing {
  add(frame: ServerFrame): void
  /** Frames after `seq` in order; null when some of them are no longer kept: a part is worse than none. */
  after(seq: number): readonly ServerFrame[] | null
  readonly lastSeq: number
  readonly last: ServerFrame | null
}

export function createRunRing(framesMax: number): RunRing {
  const frames: ServerFrame[] = []
  const lastSeq = () => frames.at(-1)?.seq ?? 0
  return {
    add(frame) {
      frames.push(frame)
      if (frames.length > framesMax) frames.shift()
    },
    after(seq) {
      const first = frames[0]?.seq ?? 1
      if (seq + 1 < first || seq > lastSeq()) return null
      return frames.slice(seq + 1 - first)
    },
    get lastSeq() {
      return lastSeq()
    },
    get last() {
      return frames.at(-1) ?? null
    },
  }
}
