import { mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Bytes of the log that are not those that were written. */
export interface DamagedBytes {
  readonly segment: number
  readonly offset: number
  readonly length: number
}

/** Damaged bytes, copied aside as they were found: retention drops their segment, and somebody may want to know. */
export interface Quarantine {
  /** @param bytes as they stand on disk: of a packed segment, its packed block */
  keep(damage: DamagedBytes, bytes: Uint8Array): Promise<void>
}

/** Damage can be everywhere; the copies must not fill the disk. */
const QUARANTINE_BYTES_MAX = 64 * 1_048_576

export function openQuarantine(dir: string, log: { warn(details: object, message: string): void }): Quarantine {
  let held: number | null = null
  return {
    async keep({ segment, offset, length }, bytes) {
      const path = join(dir, `${String(segment).padStart(8, '0')}-${offset}-${length}.bytes`)
      try {
        await mkdir(dir, { recursive: true })
        held ??= await bytesIn(dir)
        if (held + bytes.length > QUARANTINE_BYTES_MAX)
          return log.warn({ dir }, 'the quarantine is full: what is damaged from here on is reported only')
        await writeFile(path, bytes, { flag: 'wx' })
        held += bytes.length
      } catch (error) {
        const isKnown = error instanceof Error && 'code' in error && error.code === 'EEXIST'
        if (!isKnown) log.warn({ err: error, path }, 'damaged bytes could not be copied aside')
      }
    },
  }
}

async function bytesIn(dir: string): Promise<number> {
  const sizes = (await readdir(dir)).map(async (name) => (await stat(join(dir, name))).size)
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}
