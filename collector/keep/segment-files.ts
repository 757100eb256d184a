/**
 * The files of the log: `00000001.segment` while it is written, `00000001.segment.zst` once it is packed. A `.packing`
 * is one that was not finished.
 */
import { open, readdir, rename, rm, stat, truncate, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { Instant } from '../../contract/units.ts'
import type { SpareSegments } from './spare-segments.ts'

export interface SegmentFile {
  readonly number: number
  /** On disk. */
  bytes: number
  isPacked: boolean
  /** When its first entry was received; null when it has none. */
  firstAt: Instant | null
}

/** Both forms of a segment begin with a header that has its time there. */
const FIRST_AT = 16

export function segmentPath(dir: string, number: number): string {
  return join(dir, `${String(number).padStart(8, '0')}.segment`)
}

export function packedPath(dir: string, number: number): string {
  return `${segmentPath(dir, number)}.zst`
}

export function packingPath(dir: string, number: number): string {
  return `${segmentPath(dir, number)}.packing`
}

/**
 * The segments on disk, oldest first. Reads a few bytes of each. What a killed process left half done is undone: a
 * packed form without its name goes; a raw form beside a packed one goes, because the packed one was whole before it
 * got its name.
 */
export async function listSegments(dir: string): Promise<SegmentFile[]> {
  const names = new Set(await readdir(dir))
  const files: Promise<SegmentFile>[] = []
  for (const name of names) {
    const [, digits, suffix] = /^(\d{8,})\.segment(\.zst|\.packing)?$/.exec(name) ?? []
    if (digits === undefined) continue
    const number = Number(digits)
    if (suffix === '.packing') await discardPacking(dir, number)
    else if (suffix === undefined && names.has(`${name}.zst`)) await rm(join(dir, name), { force: true })
    else files.push(describe(join(dir, name), number, suffix === '.zst'))
  }
  return (await Promise.all(files)).sort((one, other) => one.number - other.number)
}

async function describe(path: string, number: number, isPacked: boolean): Promise<SegmentFile> {
  return { number, isPacked, bytes: (await stat(path)).size, firstAt: await firstReceivedAt(path) }
}

/** From the header alone: its body may be large, and its age is all that is asked for. */
async function firstReceivedAt(path: string): Promise<Instant | null> {
  const file = await open(path, 'r')
  try {
    const time = Buffer.alloc(8)
    await file.read(time, 0, 8, FIRST_AT)
    const receivedAt = time.readDoubleLE(0)
    return receivedAt > 0 ? receivedAt : null
  } finally {
    await file.close()
  }
}

/**
 * Open a new segment at its full size, so that a commit does not change the length of the file: in a spare, or in a new
 * file. The blocks of a new one are not written beforehand: that would write every byte twice, which costs more
 * throughput than it gains.
 */
export async function createSegment(
  dir: string,
  number: number,
  bytes: number,
  spares: SpareSegments,
): Promise<FileHandle> {
  const path = segmentPath(dir, number)
  const file = (await spares.reuse(number)) ? await open(path, 'r+') : await open(path, 'wx+')
  try {
    await file.truncate(bytes)
    await syncDirectory(dir)
    return file
  } catch (error) {
    await file.close()
    await rm(path, { force: true })
    throw error
  }
}

export async function cutSegment(dir: string, number: number, bytes: number): Promise<void> {
  await truncate(segmentPath(dir, number), bytes)
}

/** In either form. */
export async function removeSegment(dir: string, number: number): Promise<void> {
  await rm(segmentPath(dir, number), { force: true })
  await rm(packedPath(dir, number), { force: true })
}

/** The packed form gets its name. Only when that is sure may the raw one go: at every moment one of them is whole. */
export async function namePacked(dir: string, number: number): Promise<void> {
  await rename(packingPath(dir, number), packedPath(dir, number))
  await syncDirectory(dir)
}

export async function discardPacking(dir: string, number: number): Promise<void> {
  await rm(packingPath(dir, number), { force: true })
}

/** A new name survives a power cut only once its directory has been synced. */
async function syncDirectory(dir: string): Promise<void> {
  const handle = await open(dir, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
