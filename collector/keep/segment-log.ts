/**
 * The log: every accepted request, in the order in which it was folded. Append-only segments, group commit, and an
 * acknowledgement only after the bytes are on disk. A segment that is full is packed.
 *
 * ```
 * append ─▶ waiting ─▶ one write + one fdatasync for all that wait ─▶ every one of them is told its place
 *                      full ─▶ sealed ─▶ packed (zstd, a thread of low priority) ─▶ dropped whole, by age and size
 * ```
 */
import { mkdir, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../contract/clock.ts'
import type { Instant } from '../../contract/units.ts'
import type { Entry, Place } from '../entry.ts'
import type { SegmentSurvey } from '../log-search.ts'
import { chooseExpired, type Retention } from './choose-expired.ts'
import { watchDiskRoom, type DiskRoom } from './disk-room.ts'
import { aligned } from './frame.ts'
import { createPacker, type Packer } from './packer.ts'
import { openQuarantine } from './quarantine.ts'
import { cutSegment, listSegments, removeSegment, type SegmentFile } from './segment-files.ts'
import { createSegmentReader, type Read, type SegmentReader } from './segment-reader.ts'
import { openSpareSegments, type SpareSegments } from './spare-segments.ts'
import {
  SegmentWriter,
  type Fsync,
  type WriteCounts,
  type WriteFailure,
  type WriterSettings,
} from './segment-writer.ts'

export interface SegmentLogSettings {
  readonly dir: string
  readonly clock: Clock
  readonly log: WriterSettings['log']
  /** `always` when absent. */
  readonly fsync?: Fsync
  readonly segmentBytes?: number
  /** Bytes that may wait for a commit; more is refused. */
  readonly queueBytesMax?: number
  /** Bytes of the disk the log leaves to the history and the desk. */
  readonly reserveBytes?: number
  /** False leaves sealed segments as they are: for tests that look into them. */
  readonly isPacking?: boolean
  /** fdatasync; a test puts a slow disk here. */
  readonly sync?: (file: FileHandle) => Promise<void>
}

export interface LogCounts extends WriteCounts {
  /** Bytes found that are not those that were written. */
  damagedBytes: number
  packedSegments: number
}

export interface SegmentLog {
  /** Resolves once the entry is on disk. @throws Unavailable when the disk or the queue is full; try again later. */
  append(entry: Entry): Promise<Place>
  /** Everything durable after `place`, or everything; damage is passed over and reported. */
  read(after: Place | null): AsyncIterable<Read>
  /** Null when its segment was dropped, or its bytes are no longer those that were written (which is reported). */
  readAt(place: Place): Promise<Entry | null>
  /** Every segment as it is now, oldest first. */
  survey(): readonly SegmentSurvey[]
  /** While it is held, its file is not written over. @returns what lets go of it */
  hold(segment: number): () => void
  /** Drop whole segments that are too old or too much, oldest first. @returns the oldest segment that is left */
  retain(retention: Retention): Promise<number>
  /** Every sealed segment is packed, or could not be. */
  packed(): Promise<void>
  readonly counts: Readonly<LogCounts>
  /** What lies on disk: how much, and since when. */
  readonly held: { readonly bytes: number; readonly since: Instant | null }
  /** Null when the last commit succeeded. */
  readonly failing: WriteFailure | null
  /** Since when the oldest of what waits for a commit does; null when nothing waits. */
  readonly waitsSince: Instant | null
  /** Whether the disk has room for the log. @throws an Error that says what is missing */
  checkRoom(): Promise<void>
  /** Waits for what was appended. */
  close(): Promise<void>
}

const MIB = 1_048_576
const SEGMENT_BYTES = 64 * MIB
const QUEUE_BYTES_MAX = 128 * MIB
const RESERVE_BYTES = 64 * MIB

/** Opens the log in `dir`. A tail that was never acknowledged is cut off; writing goes on in a new segment. */
export async function openSegmentLog(settings: SegmentLogSettings): Promise<SegmentLog> {
  await mkdir(settings.dir, { recursive: true })
  const files = await listSegments(settings.dir)
  const spares = await openSpareSegments(settings.dir, (number) => segments.isReading(number))
  const segments = new Segments(settings, files, spares)
  await segments.cutTornTail()
  segments.packSealed()
  return segments
}

class Segments implements SegmentLog {
  readonly #dir: string
  readonly #log: SegmentLogSettings['log']
  /** Oldest first; the active one is last. */
  #files: SegmentFile[]
  readonly #room: DiskRoom
  readonly #writer: SegmentWriter
  readonly #reader: SegmentReader
  readonly #packer: Packer | null
  #damagedBytes = 0

  constructor(settings: SegmentLogSettings, files: SegmentFile[], spares: SpareSegments) {
    const { dir, clock, log } = settings
    this.#dir = dir
    this.#log = log
    this.#files = files
    const quarantine = openQuarantine(join(dir, 'quarantine'), log)
    this.#reader = createSegmentReader(dir, (damage, bytes) => {
      this.#damagedBytes += damage.length
      log.error(damage, 'these bytes of the log are not those that were written; passed over, copied to quarantine')
      return quarantine.keep(damage, bytes)
    })
    this.#packer = settings.isPacking === false ? null : this.#openPacker(clock, spares)
    this.#room = watchDiskRoom(dir, settings.reserveBytes ?? RESERVE_BYTES, clock)
    this.#writer = new SegmentWriter({
      dir,
      clock,
      log,
      firstNumber: (files.at(-1)?.number ?? 0) + 1,
      segmentBytes: settings.segmentBytes ?? SEGMENT_BYTES,
      queueBytesMax: settings.queueBytesMax ?? QUEUE_BYTES_MAX,
      fsync: settings.fsync ?? 'always',
      room: this.#room,
      spares,
      sync: settings.sync ?? ((file) => file.datasync()),
      opened: (segment) => void this.#files.push(segment),
      sealed: (segment, isEmpty) => {
        if (isEmpty) this.#files = this.#files.filter((file) => file !== segment)
        else this.#packer?.add(segment.number)
      },
    })
  }

  get counts(): LogCounts {
    const packedSegments = this.#files.filter((file) => file.isPacked).length
    return { ...this.#writer.counts, damagedBytes: this.#damagedBytes, packedSegments }
  }

  get held(): SegmentLog['held'] {
    // The active one has its full size from the start.
    const bytes = this.#files.reduce((sum, file) => sum + (this.#writer.endOf(file.number) ?? file.bytes), 0)
    return { bytes, since: this.#files.find(({ firstAt }) => firstAt !== null)?.firstAt ?? null }
  }

  get failing(): WriteFailure | null {
    return this.#writer.failing
  }

  get waitsSince(): Instant | null {
    return this.#writer.waitsSince
  }

  checkRoom(): Promise<void> {
    return this.#room.ensure(0)
  }

  append(entry: Entry): Promise<Place> {
    return this.#writer.append(entry)
  }

  isReading(number: number): boolean {
    return this.#reader.isReading(number)
  }

  async *read(after: Place | null): AsyncGenerator<Read> {
    // A copy: segments come and go while this is read.
    for (const { number } of this.#files.slice()) {
      if (after && number < after.segment) continue
      const from = after?.segment === number ? aligned(after.offset + after.length) : 0
      // Only what is durable: behind it may stand bytes of a commit under way.
      yield* this.#reader.read(number, from, this.#writer.endOf(number))
    }
  }

  survey(): readonly SegmentSurvey[] {
    return this.#files.map(({ number, bytes }) => {
      const end = this.#writer.endOf(number)
      return { number, end, bytes: end ?? bytes }
    })
  }

  hold(segment: number): () => void {
    return this.#reader.hold(segment)
  }

  readAt(place: Place): Promise<Entry | null> {
    return this.#reader.readAt(place)
  }

  async close(): Promise<void> {
    await this.#writer.close()
    await this.#packer?.stop()
  }

  // Keeping house.

  /** The last segment was being written when the process ended: what stands behind its last good frame goes. */
  async cutTornTail(): Promise<void> {
    const last = this.#files.at(-1)
    if (!last || last.isPacked) return
    const { end, torn } = await this.#reader.findEnd(last.number)
    if (torn > 0)
      this.#log.warn({ segment: last.number, offset: end, length: torn }, 'cut an unfinished tail off the log')
    last.bytes = end
    if (end > 0) await cutSegment(this.#dir, last.number, end)
    else {
      this.#files.pop()
      await removeSegment(this.#dir, last.number)
    }
  }

  packSealed(): void {
    for (const { number, isPacked } of this.#files)
      if (!isPacked && this.#writer.endOf(number) === null) this.#packer?.add(number)
  }

  async packed(): Promise<void> {
    await this.#packer?.idle()
  }

  #openPacker(clock: Clock, spares: SpareSegments): Packer {
    return createPacker({
      clock,
      dir: this.#dir,
      log: this.#log,
      isKept: (number) => this.#file(number) !== undefined,
      damaged: (number, damage) => this.#reader.report(number, damage),
      retire: spares.retire,
      packed: (number, bytes) => {
        const file = this.#file(number)
        if (file) Object.assign(file, { bytes, isPacked: true })
      },
    })
  }

  async retain(retention: Retention): Promise<number> {
    for (const file of chooseExpired(this.#files, retention)) {
      this.#files = this.#files.filter((kept) => kept !== file)
      await removeSegment(this.#dir, file.number)
    }
    this.packSealed()
    return this.#files[0]?.number ?? this.#writer.nextNumber
  }

  #file(number: number): SegmentFile | undefined {
    return this.#files.find((file) => file.number === number)
  }
}
