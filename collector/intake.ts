/**
 * The one way in for accepted telemetry: durable first, then folded, in one order.
 *
 * ```
 * take ─▶ stamp receivedAt ─▶ append (fdatasync) ─▶ fold ─▶ the sender is answered
 *                                                    └ not at once, because much is due: the sender is answered first
 * ```
 *
 * What did not come this way because we stood still, or sent it away, is a gap: written into the log at its place, so
 * that whoever reads the log again comes to the same verdicts.
 */
import type { Clock } from '../contract/clock.ts'
import type { Instant } from '../contract/units.ts'
import { writeGap, type Entry, type Gap, type Place, type ReadEntry } from './entry.ts'
import { openFoldQueue } from './fold-queue.ts'
import { openListening } from './listening.ts'
import type { Signal } from './signal.ts'
import { Unavailable } from './unavailable.ts'

export interface IntakeSettings {
  readonly clock: Clock
  /** The latest `receivedAt` already in the log: a clock set back must not make the log's times fall. */
  readonly startAt: Instant
  /** Resolves, in the order of the calls, once the entry is on disk. */
  readonly append: (entry: Entry) => Promise<Place>
  /** Judge what is due by then, or a part of it. @returns false when more is due: call again */
  readonly advance: (to: Instant) => boolean
  /** Fold it into the runs, before returning. Called in the order of the log. Resolves when the next one may come. */
  readonly fold: (read: ReadEntry) => Promise<void>
}

export interface Intake {
  /** @throws Unavailable when the log cannot keep up */
  take(accepted: Taken): Promise<void>
  /** To be called every second: notes that we listen, and the gap when we did not. */
  beat(): void
  /** Everything received before this moment has been folded, or never will be: until here verdicts may be given. */
  watermark(): Instant
  /** Resolves when everything taken so far has been folded. */
  idle(): Promise<void>
}

export type Taken = Omit<Entry, 'receivedAt'> & { readonly signals: readonly Signal[] }

/** Acknowledged and not folded; beyond it senders wait, so that memory is bounded. */
const BEHIND_BYTES_MAX = 64 * 2 ** 20

export function openIntake({ clock, startAt, append, advance, fold }: IntakeSettings): Intake {
  let lastAt = startAt
  const listening = openListening(startAt === 0 ? clock.now() : Math.max(startAt, clock.now()))
  /** Not folded yet, oldest first. */
  const underway = new Set<Entry>()
  const taking = new Set<Promise<void>>()
  /** Gaps that are not folded yet, oldest first. Until they are, nothing is known of the time from their beginning on. */
  const gaps: Gap[] = []
  /** Those of them that are not on disk. */
  const unwritten: Gap[] = []
  let isWritingGaps = false

  const stamp = (): Instant => (lastAt = Math.max(lastAt, clock.now()))

  const queue = openFoldQueue({
    clock,
    // Of a gap the book decides for itself how far to go: nothing falls due in one.
    advance: ({ entry }) => entry.kind === 'gap' || advance(entry.receivedAt),
    fold: (read) => {
      const kept = fold(read)
      underway.delete(read.entry)
      if (read.entry.kind === 'gap') gaps.shift()
      return kept
    },
  })

  const note = (gap: Gap | null): void => {
    if (gap === null) return
    gaps.push(gap)
    unwritten.push(gap)
    void writeGaps()
  }

  const writeGaps = async (): Promise<void> => {
    if (isWritingGaps) return
    isWritingGaps = true
    try {
      for (let gap = unwritten[0]; gap !== undefined; gap = unwritten[0]) {
        const entry = writeGap(gap, stamp())
        const place = await append(entry)
        unwritten.shift()
        void queue.add({ entry, place, signals: [] })
      }
    } catch {
      // A disk that is full now takes it later: the next beat tries again.
    } finally {
      isWritingGaps = false
    }
  }

  const takeIn = async ({ signals, ...accepted }: Taken): Promise<void> => {
    note(listening.beat(clock.now()))
    const entry: Entry = { ...accepted, receivedAt: stamp() }
    underway.add(entry)
    let place: Place
    try {
      place = await append(entry)
    } catch (error) {
      underway.delete(entry)
      if (error instanceof Unavailable) listening.refused(clock.now())
      throw error
    }
    note(listening.accepted(entry.receivedAt))
    const folded = queue.add({ entry, place, signals })
    // It is safe; a sender waits for a slow history, and for verdicts only where too much would wait for them.
    if (queue.bytes === 0 || queue.bytes > BEHIND_BYTES_MAX) await folded
  }

  return {
    take(accepted) {
      const taken = takeIn(accepted)
      taking.add(taken)
      return taken.finally(() => taking.delete(taken))
    },
    beat() {
      note(listening.beat(clock.now()))
      if (unwritten.length > 0) void writeGaps()
    },
    watermark() {
      note(listening.beat(clock.now()))
      const [oldest] = underway
      // Time in which we stood still is no time for verdicts. While senders are refused they go on: a full disk may
      // last for hours, and what was silent before it is as silent now.
      const paused = gaps.find(({ reason }) => reason === 'paused')
      return Math.min(oldest?.receivedAt ?? stamp(), paused?.from ?? Infinity)
    },
    async idle() {
      while (taking.size > 0) await Promise.allSettled(taking)
      await queue.idle()
    },
  }
}
