import { readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { segmentPath } from './segment-files.ts'

/**
 * Raw segments that were packed, kept to be written over. Their blocks are on disk and their pages in memory already:
 * a commit into one takes a third of the time it takes into a new file (`bench/ingest.ts` prints both limits). What
 * stands in them is never taken for an entry, because a frame's checksum counts in its segment's number.
 */
export interface SpareSegments {
  /** Takes the raw form of a segment away, to be written over or for good. */
  retire(segment: number): Promise<void>
  /** Gives a spare the name of a new segment. False when there is none. */
  reuse(segment: number): Promise<boolean>
}

const SPARES_MAX = 2

/** @param isRead whether somebody reads the raw form at this moment: then it must not be written over */
export async function openSpareSegments(dir: string, isRead: (segment: number) => boolean): Promise<SpareSegments> {
  for (const name of await readdir(dir)) if (name.endsWith('.spare')) await rm(join(dir, name), { force: true })
  const spares: string[] = []
  return {
    async retire(segment) {
      const path = segmentPath(dir, segment)
      if (spares.length >= SPARES_MAX) return rm(path, { force: true })
      const spare = `${path}.spare`
      await rename(path, spare)
      // Only now: under its old name nobody finds it any more.
      if (isRead(segment)) await rm(spare, { force: true })
      else spares.push(spare)
    },
    async reuse(segment) {
      const spare = spares.shift()
      if (spare === undefined) return false
      await rename(spare, segmentPath(dir, segment))
      return true
    },
  }
}
