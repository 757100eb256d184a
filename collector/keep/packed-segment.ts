/**
 * A sealed segment, compressed. Its frames keep the offsets they had, so every place stays valid.
 *
 * ```
 * head ▸ block ▸ block ▸ … ▸ head again ▸ u32 length of the head
 *
 *  0  u32  magic            12  u32  blocks
 *  4  u32  crc32 of 8…end   16  f64  when the first entry was received, ms since 1970 (as in a frame)
 *  8  u32  head length      24  per block, and once more for the end: u32 offset in the segment, u32 offset here
 * ```
 *
 * A block is one zstd frame over whole log frames: one entry is read by inflating one block. At 256 KiB that takes
 * 0.4 ms, and larger blocks pack no better at level 1 (`bench/packing.ts`). The head stands twice because a segment
 * without it could not be read at all.
 */
import { open, type FileHandle } from 'node:fs/promises'
import { promisify } from 'node:util'
import { constants, crc32, zstdCompressSync, zstdDecompress } from 'node:zlib'
import type { Instant } from '../../contract/units.ts'
import type { Damage } from './frame.ts'
import { readBytes, walkFrames } from './walk-frames.ts'

export interface PackedHead {
  readonly firstAt: Instant
  readonly blocks: readonly Block[]
}

/** Part of a segment: `length` bytes from `offset` on, packed into `packedLength` bytes at `at`. */
export interface Block {
  readonly offset: number
  readonly length: number
  readonly at: number
  readonly packedLength: number
}

export interface Packed {
  readonly bytes: number
  /** Where the segment was not what had been written; it is packed as it is. */
  readonly damage: readonly Pick<Damage, 'offset' | 'length'>[]
}

const MAGIC = Buffer.from('LSZ1').readUInt32LE(0)
const FIXED_HEAD = 24
const ENTRY = 8
const BLOCK_BYTES = 256 * 1_024
/** Holds the head of a segment of 64 MiB: one read finds any block. */
const HEAD_READ = 4_096
/** Level 3 packs 15 % better and takes 60 % longer, on cores that have other work. */
const PARAMS = { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 }

const inflate = promisify(zstdDecompress)

/** Writes `target` and waits until it is on disk; giving it its name is the caller's business. */
export async function packSegment(segment: number, source: string, target: string): Promise<Packed> {
  const from = await open(source, 'r')
  const to = await open(target, 'w')
  try {
    const { size } = await from.stat()
    const firstAt = (await readBytes(from, 16, 8)).readDoubleLE(0)
    // Every block but the last is at least BLOCK_BYTES long.
    let at = FIXED_HEAD + ENTRY * (Math.floor(size / BLOCK_BYTES) + 2)
    const blocks: Block[] = []
    const damage: Packed['damage'][number][] = []
    for await (const { offset, length, hole } of cutBlocks(from, segment, size)) {
      damage.push(...hole)
      const packed = zstdCompressSync(await readBytes(from, offset, length), { params: PARAMS })
      await to.write(packed, 0, packed.length, at)
      blocks.push({ offset, length, at, packedLength: packed.length })
      at += packed.length
    }
    const head = writeHead({ firstAt, blocks })
    await to.write(head, 0, head.length, 0)
    await to.write(Buffer.concat([head, head.subarray(8, 12)]), 0, head.length + 4, at)
    await to.datasync()
    return { bytes: at + head.length + 4, damage }
  } finally {
    await from.close()
    await to.close()
  }
}

/** The segment cut between frames; what cannot be read belongs to the block it stands in. */
async function* cutBlocks(file: FileHandle, segment: number, size: number) {
  let start = 0
  let hole: Packed['damage'][number][] = []
  const frames = walkFrames(file, segment, 0, size)
  let next = await frames.next()
  for (; !next.done; next = await frames.next()) {
    const { entry, offset, length } = next.value
    if (entry === null) hole.push({ offset, length })
    if (offset - start < BLOCK_BYTES) continue
    yield { offset: start, length: offset - start, hole }
    start = offset
    hole = []
  }
  if (next.value < size) hole.push({ offset: next.value, length: size - next.value })
  if (start < size) yield { offset: start, length: size - start, hole }
}

function writeHead({ firstAt, blocks }: PackedHead): Buffer {
  const last = blocks.at(-1)
  const head = Buffer.alloc(FIXED_HEAD + ENTRY * (blocks.length + 1))
  head.writeUInt32LE(MAGIC, 0)
  head.writeUInt32LE(head.length, 8)
  head.writeUInt32LE(blocks.length, 12)
  head.writeDoubleLE(firstAt, 16)
  const end = { offset: last ? last.offset + last.length : 0, at: last ? last.at + last.packedLength : head.length }
  for (const [index, { offset, at }] of [...blocks, end].entries()) {
    head.writeUInt32LE(offset, FIXED_HEAD + ENTRY * index)
    head.writeUInt32LE(at, FIXED_HEAD + ENTRY * index + 4)
  }
  head.writeUInt32LE(crc32(head.subarray(8)), 4)
  return head
}

/** Null when neither of its two heads is what was written. */
export async function readPackedHead(file: FileHandle): Promise<PackedHead | null> {
  const start = await readBytes(file, 0, HEAD_READ)
  const first = headIn(start.length >= 12 ? await extend(file, start) : start)
  if (first) return first
  const { size } = await file.stat()
  const trailer = await readBytes(file, Math.max(0, size - 4), 4)
  const length = trailer.length === 4 ? trailer.readUInt32LE(0) : 0
  return length + 4 > size ? null : headIn(await readBytes(file, size - 4 - length, length))
}

async function extend(file: FileHandle, start: Buffer): Promise<Buffer> {
  const length = start.readUInt32LE(8)
  return length <= start.length || length > 2 ** 24 ? start : readBytes(file, 0, length)
}

function headIn(bytes: Buffer): PackedHead | null {
  if (bytes.length < FIXED_HEAD || bytes.readUInt32LE(0) !== MAGIC) return null
  const length = bytes.readUInt32LE(8)
  const count = bytes.readUInt32LE(12)
  if (length !== FIXED_HEAD + ENTRY * (count + 1) || length > bytes.length) return null
  if (crc32(bytes.subarray(8, length)) !== bytes.readUInt32LE(4)) return null
  const blocks = Array.from({ length: count }, (_, index): Block => {
    const [here, next] = [FIXED_HEAD + ENTRY * index, FIXED_HEAD + ENTRY * (index + 1)]
    const offset = bytes.readUInt32LE(here)
    const at = bytes.readUInt32LE(here + 4)
    return { offset, length: bytes.readUInt32LE(next) - offset, at, packedLength: bytes.readUInt32LE(next + 4) - at }
  })
  return { firstAt: bytes.readDoubleLE(16), blocks }
}

/** The block as it was before it was packed; null, and what stands there, when it no longer is. */
export async function readBlock(
  file: FileHandle,
  { at, length, packedLength }: Block,
): Promise<{ readonly bytes: Buffer } | { readonly bytes: null; readonly found: Buffer }> {
  const found = await readBytes(file, at, packedLength)
  try {
    const bytes = await inflate(found, { maxOutputLength: length })
    return bytes.length === length ? { bytes } : { bytes: null, found }
  } catch {
    return { bytes: null, found }
  }
}
