import { open, readFile, type FileHandle } from 'node:fs/promises'
import type { Entry, Place } from '../entry.ts'
import { frameIn, frameLengthIn, framesIn, type Damage, type Frame } from './frame.ts'
import { readBlock, readPackedHead, type Block } from './packed-segment.ts'
import type { DamagedBytes } from './quarantine.ts'
import { packedPath, segmentPath } from './segment-files.ts'
import { readBytes, walkFrames } from './walk-frames.ts'

/**
 * Reads segments, raw or packed, and believes none of their bytes: whatever fails its checksum is reported once and
 * never given out.
 */
export interface SegmentReader {
  /** Every entry of a segment from `from` to `end`, or to the end of the file. Nothing when it was dropped. */
  read(number: number, from: number, end: number | null): AsyncGenerator<Read>
  /** Null when the segment was dropped, or the bytes are damaged. */
  readAt(place: Place): Promise<Entry | null>
  /** Where the last good entry of a raw segment ends, and how many bytes behind it were begun and not finished. */
  findEnd(number: number): Promise<{ readonly end: number; readonly torn: number }>
  /** Somebody else reads it. @returns what says that they do not any more */
  hold(number: number): () => void
  /** Whether a segment is open at this moment. */
  isReading(number: number): boolean
  /** Damage that somebody else found in a raw segment. */
  report(number: number, damage: Pick<Damage, 'offset' | 'length'>): Promise<void>
}

interface OpenSegment {
  readonly file: FileHandle
  readonly isPacked: boolean
}

export interface Read {
  readonly entry: Entry
  readonly place: Place
}

/** @param report called once for each damaged place, with what stands there */
export function createSegmentReader(
  dir: string,
  report: (damage: DamagedBytes, bytes: Uint8Array) => Promise<void>,
): SegmentReader {
  const reported = new Set<string>()
  const reportOnce = async (damage: DamagedBytes, bytes: () => Uint8Array | Promise<Uint8Array>): Promise<void> => {
    const key = `${damage.segment}:${damage.offset}`
    if (reported.has(key)) return
    reported.add(key)
    await report(damage, await bytes())
  }
  /** The places of one run stand close together: the block that was read last is often the next one as well. */
  let lastBlock: { readonly number: number; readonly block: Block; readonly bytes: Buffer } | null = null

  /** How often each segment is open at this moment. */
  const openCounts = new Map<number, number>()

  async function withSegment<Result>(
    number: number,
    work: (file: FileHandle, isPacked: boolean) => Promise<Result>,
  ): Promise<Result | null> {
    const found = await openSegment(number)
    try {
      return found ? await work(found.file, found.isPacked) : null
    } finally {
      await closeSegment(number, found)
    }
  }

  /** Raw first: it goes only after its packed form has its name, so one of them is there unless both were dropped. */
  async function openSegment(number: number): Promise<OpenSegment | null> {
    hold(number)
    const raw = await open(segmentPath(dir, number), 'r').catch(missing)
    if (raw) return { file: raw, isPacked: false }
    const packed = await open(packedPath(dir, number), 'r').catch(missing)
    return packed ? { file: packed, isPacked: true } : null
  }

  async function closeSegment(number: number, found: OpenSegment | null): Promise<void> {
    await found?.file.close()
    letGo(number)
  }

  function hold(number: number): void {
    openCounts.set(number, (openCounts.get(number) ?? 0) + 1)
  }

  function letGo(number: number): void {
    const others = (openCounts.get(number) ?? 1) - 1
    if (others === 0) openCounts.delete(number)
    else openCounts.set(number, others)
  }

  async function* readRaw(file: FileHandle, number: number, from: number, end: number | null) {
    const until = end ?? (await file.stat()).size
    yield* entriesOf(number, walkFrames(file, number, from, until), until, (at, length) => readBytes(file, at, length))
  }

  async function* readPacked(file: FileHandle, number: number, from: number) {
    const { blocks } = await headOf(file, number)
    for (const block of blocks) {
      const end = block.offset + block.length
      if (end <= from) continue
      const bytes = await blockOf(file, number, block)
      if (bytes === null) continue
      const start = Math.max(block.offset, from)
      const part = bytes.subarray(start - block.offset)
      yield* entriesOf(number, framesIn(part, number, start), end, (at, length) =>
        bytes.subarray(at - block.offset, at - block.offset + length),
      )
    }
  }

  async function* entriesOf(
    segment: number,
    frames: Generator<Frame | Damage, number> | AsyncGenerator<Frame | Damage, number>,
    end: number,
    bytesAt: (offset: number, length: number) => Uint8Array | Promise<Uint8Array>,
  ): AsyncGenerator<Read> {
    let next = await frames.next()
    for (; !next.done; next = await frames.next()) {
      const { entry, offset, length } = next.value
      if (entry) yield { entry, place: { segment, offset, length } }
      else await reportOnce({ segment, offset, length }, () => bytesAt(offset, length))
    }
    const offset = next.value
    const rest = { segment, offset, length: end - offset }
    if (rest.length > 0) await reportOnce(rest, () => bytesAt(offset, rest.length))
  }

  async function headOf(file: FileHandle, segment: number): Promise<{ readonly blocks: readonly Block[] }> {
    const head = await readPackedHead(file)
    if (head) return head
    const { size } = await file.stat()
    await reportOnce({ segment, offset: 0, length: size }, () => readBytes(file, 0, size))
    return { blocks: [] }
  }

  async function blockOf(file: FileHandle, segment: number, block: Block): Promise<Buffer | null> {
    const read = await readBlock(file, block)
    if (read.bytes === null) await reportOnce({ segment, offset: block.offset, length: block.length }, () => read.found)
    return read.bytes
  }

  async function bytesAtPlace(place: Place): Promise<Buffer | null> {
    const { segment, offset, length } = place
    const cut = ({ block, bytes }: { block: Block; bytes: Buffer }) =>
      bytes.subarray(offset - block.offset, offset - block.offset + length)
    if (lastBlock?.number === segment && covers(lastBlock.block, place)) return cut(lastBlock)
    return withSegment(segment, async (file, isPacked) => {
      if (!isPacked) return readBytes(file, offset, length)
      const block = (await headOf(file, segment)).blocks.find((one) => covers(one, place))
      const bytes = block ? await blockOf(file, segment, block) : null
      if (!block || !bytes) return null
      lastBlock = { number: segment, block, bytes }
      return cut(lastBlock)
    })
  }

  return {
    async *read(number, from, end) {
      const found = await openSegment(number)
      try {
        if (found) yield* found.isPacked ? readPacked(found.file, number, from) : readRaw(found.file, number, from, end)
      } finally {
        await closeSegment(number, found)
      }
    },

    async readAt(place) {
      const bytes = await bytesAtPlace(place)
      if (bytes === null) return null
      const frame = frameIn(bytes, place.segment, place.offset)
      if (!frame) await reportOnce(place, () => bytes)
      return frame?.entry ?? null
    },

    async findEnd(number) {
      const bytes = await readFile(segmentPath(dir, number))
      const frames = framesIn(bytes, number, 0)
      let next = frames.next()
      while (!next.done) next = frames.next()
      const rest = bytes.subarray(next.value)
      // Zeros stand where the next frame would begin; behind them, whatever was in the file before.
      const isBegun = !rest.subarray(0, ZEROS.length).equals(ZEROS.subarray(0, rest.length))
      return { end: next.value, torn: isBegun ? Math.min(frameLengthIn(rest) || rest.length, rest.length) : 0 }
    },

    hold(number) {
      hold(number)
      return () => letGo(number)
    },

    isReading: (number) => openCounts.has(number),

    async report(segment, { offset, length }) {
      const bytes = (file: FileHandle) => readBytes(file, offset, length)
      await reportOnce({ segment, offset, length }, async () => (await withSegment(segment, bytes)) ?? NOTHING)
    },
  }
}

const NOTHING = Buffer.alloc(0)
const ZEROS = Buffer.alloc(8)
function covers(block: Block, { offset, length }: Place): boolean {
  return block.offset <= offset && offset + length <= block.offset + block.length
}

function missing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null
  throw error
}
