import type { Instant, Millis } from '../../contract/units.ts'
import type { Place } from '../entry.ts'
import type { SegmentFile } from './segment-files.ts'

export interface Retention {
  readonly now: Instant
  readonly keepForMs: Millis
  readonly keepBytesMax: number
  /** The newest checkpoint: what comes after it is needed to start again and stays, whatever its age. */
  readonly checkpoint: Place | null
}

/** The segments to drop, oldest first: those that are too old, and those beyond the bytes that may be kept. */
export function chooseExpired(
  files: readonly SegmentFile[],
  { now, keepForMs, keepBytesMax, checkpoint }: Retention,
): readonly SegmentFile[] {
  let bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  let count = 0
  for (const [index, file] of files.entries()) {
    const next = files[index + 1]
    if (!next || !checkpoint || file.number >= checkpoint.segment) break
    // All of a segment was received before the first entry of the next one.
    const isOld = next.firstAt !== null && next.firstAt < now - keepForMs
    if (!isOld && bytes <= keepBytesMax) break
    bytes -= file.bytes
    count += 1
  }
  return files.slice(0, count)
}
