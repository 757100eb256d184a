import type { FileHandle } from 'node:fs/promises'
import type { Clock, Timer } from '../../contract/clock.ts'
import { seconds, type Instant, type Millis } from '../../contract/units.ts'
import type { Entry, Place } from '../entry.ts'
import { Unavailable } from '../unavailable.ts'
import { COMMIT_BYTES_MAX, groupSize, writeGroup, type ActiveSegment, type Waiting } from './commit-group.ts'
import type { DiskRoom } from './disk-room.ts'
import { frameLength } from './frame.ts'
import { createSegment, removeSegment, type SegmentFile } from './segment-files.ts'
import type { SpareSegments } from './spare-segments.ts'

/** `always`: an entry is on disk before it is acknowledged. `interval`: within a second; losing power loses that second. */
export type Fsync = 'always' | 'interval'

export interface WriterSettings {
  readonly dir: string
  readonly clock: Clock
  readonly log: { warn(details: object, message: string): void; error(details: object, message: string): void }
  readonly firstNumber: number
  readonly segmentBytes: number
  readonly queueBytesMax: number
  readonly fsync: Fsync
  readonly room: DiskRoom
  readonly spares: SpareSegments
  /** Makes what was written durable. */
  readonly sync: (file: FileHandle) => Promise<void>
  readonly opened: (segment: SegmentFile) => void
  /** It will not change again; null bytes: nothing was written, and it is gone. */
  readonly sealed: (segment: SegmentFile, isEmpty: boolean) => void
}

/** Since when the log cannot be written, and what operators were told of it. */
export interface WriteFailure {
  readonly since: Instant
  readonly says: string
}

export interface WriteCounts {
  entries: number
  bytes: number
  /** Each is one write and, with `fsync: always`, one fdatasync. */
  commits: number
  failedCommits: number
  /** Entries refused because too many bytes were waiting, or because the disk stood still. */
  refused: number
}

/** With `fsync: interval`. */
const SYNC_EVERY: Millis = seconds(1)
/** A disk that takes longer than this for a commit is treated as one that takes nothing. */
const COMMIT_AGE_MAX: Millis = seconds(2)

/** Appends to the active segment: what waits goes in one write and one fdatasync, and is told its place after it. */
export class SegmentWriter {
  readonly counts: WriteCounts = { entries: 0, bytes: 0, commits: 0, failedCommits: 0, refused: 0 }
  readonly #settings: WriterSettings
  #nextNumber: number
  #active: ActiveSegment | null = null
  readonly #waiting: Waiting[] = []
  #waitingBytes = 0
  /** Of the commit under way. */
  #oldestSince: Instant | null = null
  #committing: Promise<void> | null = null
  /** The first of the failures that no commit has followed yet. */
  #failing: WriteFailure | null = null
  /** With `fsync: interval`: the timer, whether something was written since, and the sync under way. */
  readonly #syncTimer: Timer | null
  #isDirty = false
  #syncing: Promise<void> = Promise.resolve()

  constructor(settings: WriterSettings) {
    this.#settings = settings
    this.#nextNumber = settings.firstNumber
    const { clock, fsync } = settings
    this.#syncTimer = fsync === 'always' ? null : clock.every(SYNC_EVERY, () => (this.#syncing = this.#syncDirty()))
  }

  append(entry: Entry): Promise<Place> {
    const length = frameLength(entry)
    const since = this.#settings.clock.now()
    if (this.#oldestSince !== null && since - this.#oldestSince > COMMIT_AGE_MAX) return this.#refuse(STANDS_STILL)
    if (this.#waitingBytes > 0 && this.#waitingBytes + length > this.#settings.queueBytesMax)
      return this.#refuse('the disk is slower than what arrives')
    this.#waitingBytes += length
    return new Promise((resolve, reject) => {
      this.#waiting.push({ entry, length, since, resolve, reject })
      this.#committing ??= this.#commitAll()
    })
  }

  #refuse(why: string): Promise<never> {
    this.counts.refused += 1
    return Promise.reject(new Unavailable(why))
  }

  /** Everything up to here in a segment is durable; null for one that is not being written. */
  endOf(segment: number): number | null {
    return this.#active?.info.number === segment ? this.#active.end : null
  }

  get failing(): WriteFailure | null {
    return this.#failing
  }

  /** Since when the oldest of what waits does; null when nothing waits. */
  get waitsSince(): Instant | null {
    return this.#oldestSince ?? this.#waiting[0]?.since ?? null
  }

  get nextNumber(): number {
    return this.#nextNumber
  }

  async close(): Promise<void> {
    await this.#committing
    this.#syncTimer?.cancel()
    await this.#seal()
  }

  // Committing.

  async #commitAll(): Promise<void> {
    // Whatever is appended in this turn of the event loop joins the first commit.
    await Promise.resolve()
    while (this.#waiting.length > 0) await this.#commitGroup()
    this.#committing = null
  }

  async #commitGroup(): Promise<void> {
    const { clock, room, segmentBytes, fsync, sync } = this.#settings
    this.#oldestSince = this.#waiting[0]?.since ?? null
    const watch = clock.after(COMMIT_AGE_MAX, () => this.#refuseWaiting())
    let group = this.#waiting
    try {
      const first = this.#waiting[0]?.length ?? 0
      await room.ensure(Math.min(this.#waitingBytes, COMMIT_BYTES_MAX))
      const active = await this.#segmentFor(first)
      group = this.#waiting.splice(0, groupSize(this.#waiting, active.end, segmentBytes))
      this.#committed(active, group, await writeGroup(active, group, fsync === 'always' ? sync : skip))
    } catch (error) {
      await this.#failed(group === this.#waiting ? this.#waiting.splice(0) : group, error)
    } finally {
      watch.cancel()
      this.#oldestSince = null
    }
  }

  #committed(active: ActiveSegment, group: readonly Waiting[], places: readonly Place[]): void {
    const { log } = this.#settings
    active.info.firstAt ??= group[0]?.entry.receivedAt ?? null
    this.counts.commits += 1
    this.#isDirty = true
    if (this.#failing !== null) log.warn({}, 'the log can be written again')
    this.#failing = null
    for (const [index, { length, resolve }] of group.entries()) {
      const place = places[index]
      this.#waitingBytes -= length
      this.counts.entries += 1
      this.counts.bytes += length
      if (place) resolve(place)
    }
  }

  /** The commit under way may still succeed, so its senders wait for it; those behind it are told to come back. */
  #refuseWaiting(): void {
    this.counts.refused += this.#waiting.length
    this.#reject(this.#waiting.splice(0), STANDS_STILL)
  }

  /**
   * Tell the senders to come back, and leave the segment: after a failed fdatasync nobody knows which of its pages are
   * on disk, so nothing may be written behind them.
   */
  async #failed(group: readonly Waiting[], error: unknown): Promise<void> {
    this.#noteFailure(error, 'the log cannot be written; senders are asked to wait')
    this.#reject(group, `the log cannot be written: ${error instanceof Error ? error.message : String(error)}`)
    await this.#seal().catch(() => {})
  }

  #noteFailure(error: unknown, message: string): void {
    this.counts.failedCommits += 1
    if (this.#failing !== null) return
    this.#settings.log.error({ err: error }, message)
    this.#failing = { since: this.#settings.clock.now(), says: message }
  }

  #reject(group: readonly Waiting[], why: string): void {
    for (const { length, reject } of group) {
      this.#waitingBytes -= length
      reject(new Unavailable(why))
    }
  }

  /** `fsync: interval`. What cannot be made durable was acknowledged already: all that is left is to say so. */
  async #syncDirty(): Promise<void> {
    await this.#syncing
    const active = this.#active
    if (!active || !this.#isDirty) return
    this.#isDirty = false
    try {
      await this.#settings.sync(active.file)
    } catch (error) {
      this.#noteFailure(error, 'acknowledged entries could not be made durable; a power cut would lose them')
    }
  }

  // Segments.

  /** The active segment, or a new one when there is none or it has no room for `length` bytes. */
  async #segmentFor(length: number): Promise<ActiveSegment> {
    const { segmentBytes } = this.#settings
    if (this.#active && this.#active.end > 0 && this.#active.end + length > segmentBytes) await this.#seal()
    return (this.#active ??= await this.#openNext())
  }

  async #openNext(): Promise<ActiveSegment> {
    const { dir, segmentBytes, spares, opened } = this.#settings
    const number = this.#nextNumber
    this.#nextNumber += 1
    const file = await createSegment(dir, number, segmentBytes, spares)
    const info: SegmentFile = { number, bytes: segmentBytes, isPacked: false, firstAt: null }
    opened(info)
    return { file, info, end: 0 }
  }

  /** Cut the active segment to what it holds: it will not change again. */
  async #seal(): Promise<void> {
    const active = this.#active
    if (!active) return
    this.#active = null
    active.info.bytes = active.end
    await this.#syncing
    try {
      await active.file.truncate(active.end)
      await active.file.datasync()
    } finally {
      await active.file.close()
    }
    if (active.end === 0) await removeSegment(this.#settings.dir, active.info.number)
    this.#settings.sealed(active.info, active.end === 0)
  }
}

const STANDS_STILL = 'a commit to disk takes longer than 2 s'

async function skip(): Promise<void> {}
