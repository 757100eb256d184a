import { statfs } from 'node:fs/promises'
import type { Clock } from '../../contract/clock.ts'
import type { Instant, Millis } from '../../contract/units.ts'

/**
 * Keeps the log from taking the last of the disk: what is left is for the history and the desk, so that runs are still
 * judged and alerts still leave while senders are asked to wait.
 */
export interface DiskRoom {
  /** @throws an Error that says what is missing. Asks the disk again only after a while, or after many bytes. */
  ensure(bytes: number): Promise<void>
}

const ASK_AGAIN_MS: Millis = 250
const ASK_AGAIN_BYTES = 8 * 1_048_576
const MIB = 1_048_576

export function watchDiskRoom(dir: string, reserveBytes: number, clock: Clock): DiskRoom {
  let askedAt: Instant = Number.NEGATIVE_INFINITY
  let spent = 0
  let free = 0
  return {
    async ensure(bytes) {
      spent += bytes
      const now = clock.now()
      if (now - askedAt >= ASK_AGAIN_MS || spent >= ASK_AGAIN_BYTES) {
        const { bavail, bsize } = await statfs(dir)
        free = bavail * bsize
        askedAt = now
        spent = bytes
      }
      if (free - spent < reserveBytes)
        throw new Error(
          `${Math.floor(free / MIB)} MiB are left on the disk, and ${reserveBytes / MIB} MiB are kept for verdicts and alerts; make room in ${dir}`,
        )
    },
  }
}
