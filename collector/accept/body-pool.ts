/**
 * Room for request bodies, used again and again. A body is held for a few milliseconds and is as large as a thousand
 * spans: new memory for each makes the garbage collector walk the whole heap several times a second.
 */
export interface BodyPool {
  /** Room for `bytes`; what is in it is left from before. Null when it is more than is worth keeping. */
  take(bytes: number): Buffer | null
  /** After this nobody may look at it any more. */
  give(room: Buffer): void
}

/** Sizes are powers of two, so that room for one body fits the next. */
const BYTES_MIN = 65_536
const BYTES_MAX = 4 * 1_048_576
/** All that waits to be used again. */
const KEPT_BYTES_MAX = 16 * 1_048_576

export function createBodyPool(): BodyPool {
  const free = new Map<number, Buffer[]>()
  let keptBytes = 0
  return {
    take(bytes) {
      if (bytes > BYTES_MAX) return null
      const size = Math.max(BYTES_MIN, 2 ** Math.ceil(Math.log2(bytes)))
      const room = free.get(size)?.pop()
      if (room === undefined) return Buffer.allocUnsafeSlow(size)
      keptBytes -= size
      return room
    },
    give(room) {
      if (keptBytes + room.length > KEPT_BYTES_MAX) return
      const waiting = free.get(room.length)
      if (waiting === undefined) free.set(room.length, [room])
      else waiting.push(room)
      keptBytes += room.length
    },
  }
}
