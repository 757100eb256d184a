/** Group commit: how many of the waiting go together, and how they are written. */
import type { FileHandle } from 'node:fs/promises'
import type { Instant } from '../../contract/units.ts'
import type { Entry, Place } from '../entry.ts'
import type { Unavailable } from '../unavailable.ts'
import { aligned, frameHeader } from './frame.ts'
import type { SegmentFile } from './segment-files.ts'

/** Larger commits gain no throughput and make everyone in them wait. */
export const COMMIT_BYTES_MAX = 8 * 1_048_576

/** An entry that waits to be written, and whoever waits for it. */
export interface Waiting {
  readonly entry: Entry
  readonly length: number
  readonly since: Instant
  resolve(place: Place): void
  reject(error: Unavailable): void
}

/** The segment that is being written. */
export interface ActiveSegment {
  readonly file: FileHandle
  readonly info: SegmentFile
  /** Where the next frame goes. */
  end: number
}

/** How many of the waiting, in order, make one commit and fit the segment behind `end`; the first one always does. */
export function groupSize(waiting: readonly Waiting[], end: number, segmentBytes: number): number {
  let bytes = 0
  let count = 0
  for (const { length } of waiting) {
    bytes += aligned(length)
    if (count > 0 && (bytes > COMMIT_BYTES_MAX || end + bytes > segmentBytes)) break
    count += 1
  }
  return count
}

/** One write and one sync. @returns the place of each */
export async function writeGroup(
  active: ActiveSegment,
  group: readonly Waiting[],
  sync: (file: FileHandle) => Promise<void>,
): Promise<Place[]> {
  const buffers: Uint8Array[] = []
  const places: Place[] = []
  let end = active.end
  for (const { entry, length } of group) {
    places.push({ segment: active.info.number, offset: end, length })
    buffers.push(frameHeader(entry, active.info.number, end), entry.body)
    const next = aligned(end + length)
    if (next > end + length) buffers.push(ZEROS.subarray(0, next - end - length))
    end = next
  }
  // Where the next frame will begin: what stands there from before must not look like one that was begun.
  buffers.push(ZEROS)
  const { bytesWritten } = await active.file.writev(buffers, active.end)
  if (bytesWritten < end + ZEROS.length - active.end) throw new Error('the disk took only part of a commit')
  await sync(active.file)
  active.end = end
  return places
}

const ZEROS = Buffer.alloc(8)
