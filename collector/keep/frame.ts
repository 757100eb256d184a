/**
 * One log entry on disk. Frames begin at multiples of 8 bytes, so that one can be found again behind damage.
 *
 * ```
 *  0  u32  magic            12  u8   kind (traces, logs, gap)
 *  4  u32  crc32 of 8…end   13  u8   encoding (protobuf, json)
 *  8  u32  body length      14  u16  zero
 *                           16  f64  receivedAt, ms since 1970        24  body
 * ```
 *
 * The checksum is zlib's CRC-32 and not CRC-32C: Node computes it natively at several GB/s, and has no CRC-32C. Both
 * find every burst of up to 32 bits. It starts from the frame's own place, so that a frame inside a body, one moved
 * elsewhere, or one left from the segment that was in this file before, is none.
 */
import { crc32 } from 'node:zlib'
import type { Encoding, Entry, EntryKind } from '../entry.ts'

export const FRAME_HEADER = 24
const ALIGN = 8
/** `LSF1`. Eight zeros in its place follow the last frame that was written. */
const MAGIC = Buffer.from('LSF1').readUInt32LE(0)
const MAGIC_BYTES = Buffer.from('LSF1')

const KINDS: readonly EntryKind[] = ['traces', 'logs', 'gap']
const ENCODINGS: readonly Encoding[] = ['protobuf', 'json']

export interface Frame {
  readonly entry: Entry
  readonly offset: number
  /** Header and body. The next frame begins at the next multiple of 8. */
  readonly length: number
}

/** Bytes between two good frames that are neither: something flipped, or was never written. */
export interface Damage {
  readonly entry: null
  readonly offset: number
  readonly length: number
}

export function frameLength(entry: Entry): number {
  return FRAME_HEADER + entry.body.length
}

export function aligned(offset: number): number {
  return Math.ceil(offset / ALIGN) * ALIGN
}

/** @param offset where in its segment the frame will stand */
export function frameHeader(entry: Entry, segment: number, offset: number): Buffer {
  const header = Buffer.alloc(FRAME_HEADER)
  header.writeUInt32LE(MAGIC, 0)
  header.writeUInt32LE(entry.body.length, 8)
  header.writeUInt8(KINDS.indexOf(entry.kind), 12)
  header.writeUInt8(ENCODINGS.indexOf(entry.encoding), 13)
  header.writeDoubleLE(entry.receivedAt, 16)
  header.writeUInt32LE(crc32(entry.body, crc32(header.subarray(8), seedOf(segment, offset))), 4)
  return header
}

/**
 * The frame that `bytes` begin with; null when there is none or its bytes are not those that were written.
 * @param offset where in their segment the bytes stand
 */
export function frameIn(bytes: Buffer, segment: number, offset: number): Frame | null {
  if (bytes.length < FRAME_HEADER || bytes.readUInt32LE(0) !== MAGIC) return null
  const length = FRAME_HEADER + bytes.readUInt32LE(8)
  const kind = KINDS[bytes.readUInt8(12)]
  const encoding = ENCODINGS[bytes.readUInt8(13)]
  if (length > bytes.length || !kind || !encoding) return null
  if (crc32(bytes.subarray(8, length), seedOf(segment, offset)) !== bytes.readUInt32LE(4)) return null
  const entry = { kind, encoding, receivedAt: bytes.readDoubleLE(16), body: bytes.subarray(FRAME_HEADER, length) }
  return { entry, offset, length }
}

/** Offsets differ below, segments above: the golden ratio spreads neighbours over all bits (Knuth). */
function seedOf(segment: number, offset: number): number {
  return (Math.imul(segment, 0x9e3779b1) ^ offset) >>> 0
}

/** How long the frame that `bytes` begin with says it is; 0 when they begin with none. */
export function frameLengthIn(bytes: Buffer): number {
  if (bytes.length < FRAME_HEADER || bytes.readUInt32LE(0) !== MAGIC) return 0
  return FRAME_HEADER + bytes.readUInt32LE(8)
}

/**
 * Every frame of a part of a segment, and the damage between them.
 * @param offset where in their segment the bytes stand; a multiple of 8
 * @returns where in the segment the last good frame ends: behind it stands nothing that can be read
 */
export function* framesIn(bytes: Buffer, segment: number, offset: number): Generator<Frame | Damage, number> {
  let at = 0
  for (;;) {
    const frame = frameIn(bytes.subarray(at), segment, offset + at)
    if (frame) {
      yield frame
      at = aligned(at + frame.length)
      continue
    }
    const next = nextFrame(bytes, segment, offset, at + ALIGN)
    if (next === null) return offset + Math.min(at, bytes.length)
    yield { entry: null, offset: offset + at, length: next - at }
    at = next
  }
}

function nextFrame(bytes: Buffer, segment: number, offset: number, from: number): number | null {
  for (let at = bytes.indexOf(MAGIC_BYTES, from); at !== -1; at = bytes.indexOf(MAGIC_BYTES, at + 1)) {
    if (at % ALIGN === 0 && frameIn(bytes.subarray(at), segment, offset + at)) return at
  }
  return null
}
