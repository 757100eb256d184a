import type { FileHandle } from 'node:fs/promises'
import { aligned, FRAME_HEADER, frameIn, frameLengthIn, framesIn, type Damage, type Frame } from './frame.ts'

/** Read at a time. A frame that is longer is read whole. */
const WINDOW_BYTES = 1_048_576

/**
 * Every frame of an open segment between two offsets, a window at a time: a start over gigabytes of log takes a
 * megabyte. Only behind damage the rest of the segment is read at once, to look for the next good frame.
 * @returns where the last good frame ends
 */
export async function* walkFrames(
  file: FileHandle,
  segment: number,
  from: number,
  end: number,
): AsyncGenerator<Frame | Damage, number, void> {
  let at = from
  let window: Buffer = Buffer.alloc(0)
  let windowAt = from
  while (at < end) {
    const bytes = window.subarray(at - windowAt)
    const frame = frameIn(bytes, segment, at)
    if (frame) {
      yield frame
      at = aligned(at + frame.length)
      continue
    }
    const wanted = Math.min(bytes.length < FRAME_HEADER ? FRAME_HEADER : frameLengthIn(bytes), end - at)
    // Not all of it is in the window, or it is no frame at all.
    if (bytes.length >= wanted) return yield* framesIn(await readBytes(file, at, end - at), segment, at)
    window = await readBytes(file, at, Math.min(Math.max(wanted, WINDOW_BYTES), end - at))
    windowAt = at
    if (window.length < wanted) return at
  }
  return Math.min(at, end)
}

/** As many as there are: a file may be shorter than it was said to be. */
export async function readBytes(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafeSlow(length)
  let read = 0
  while (read < length) {
    const { bytesRead } = await file.read(bytes, read, length - read, at + read)
    if (bytesRead === 0) break
    read += bytesRead
  }
  return bytes.subarray(0, read)
}
