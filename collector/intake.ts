/**
 * The one way in for accepted telemetry: durable first, then folded, in one order.
 *
 * ```
 * take ─▶ stamp receivedAt ─▶ append (fdatasync) ─▶ fold ─▶ the sender is answered
 * ```
 *
 * What did not come this way because we stood still, or sent it away, is a gap: written into the log at its place, so
 * that whoever reads the log again comes to the same verdicts.
 */
import type { Clock } from '../contract/clock.ts'
import type { Instant } from '../contract/units.ts'
import type { Entry, Gap, Place, ReadEntry } from './entry.ts'
import { openListening } from './listening.ts'
import type { Signal } from './signal.ts'
import { Unavailable } from './unavailable.ts'

export interface IntakeSettings {
  readonly clock: Clock
  /** The latest `receivedAt` already in the log: a clock set back must not make the log's times fall. */
  readonly startAt: Instant
  /** Resolves, in the order of the calls, once the entry is on disk. */
  readonly append: (entry: Entry) => Promise<Place>
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

export function openIntake({ clock, startAt, append, fold }: IntakeSettings): Intake {
  let lastAt = startAt
  const listening = openListening(startAt === 0 ? clock.now() : Math.max(startAt, clock.now()))
  /** On their way to disk, oldest first. */
  const underway = new Set<Entry>()
  const taking = new Set<Promise<void>>()
  /** Gaps that are not on disk yet, oldest first. Until they are, nothing is known of the time from their beginning on. */
  const gaps: Gap[] = []
  let isWritingGaps = false

  const stamp = (): Instant => (lastAt = Math.max(lastAt, clock.now()))

  const note = (gap: Gap | null): void => {
    if (gap === null) return
    gaps.push(gap)
    void writeGaps()
  }

  const writeGaps = async (): Promise<void> => {
    if (isWritingGaps) return
    isWritingGaps = true
    try {
      for (let gap = gaps[0]; gap !== undefined; gap = gaps[0]) {
        const body = Buffer.from(JSON.stringify(gap))
        const entry = { kind: 'gap', encoding: 'json', receivedAt: stamp(), body } as const
        const place = await append(entry)
        void fold({ entry, place, signals: [] })
        gaps.shift()
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
    let kept: Promise<void>
    try {
      const place = await append(entry)
      note(listening.accepted(clock.now()))
      kept = fold({ entry, place, signals })
    } catch (error) {
      if (error instanceof Unavailable) listening.refused(clock.now())
      throw error
    } finally {
      underway.delete(entry)
    }
    // The sender waits for a slow history; verdicts do not.
    await kept
  }

  return {
    take(accepted) {
      const taken = takeIn(accepted)
      taking.add(taken)
      return taken.finally(() => taking.delete(taken))
    },
    beat() {
      note(listening.beat(clock.now()))
      if (gaps.length > 0) void writeGaps()
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
    },
  }
}
