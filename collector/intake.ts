/**
 * The one way in for accepted telemetry: durable first, then folded, in one order.
 *
 * ```
 * take ─▶ stamp receivedAt ─▶ append (fdatasync) ─▶ fold ─▶ the sender is answered
 * ```
 */
import type { Clock } from '../contract/clock.ts'
import type { Instant } from '../contract/units.ts'
import type { Entry, Place, ReadEntry } from './entry.ts'
import type { Signal } from './signal.ts'

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
  /** Everything received before this moment has been folded: until here verdicts may be given. */
  watermark(): Instant
  /** Resolves when everything taken so far has been folded. */
  idle(): Promise<void>
}

export type Taken = Omit<Entry, 'receivedAt'> & { readonly signals: readonly Signal[] }

export function openIntake({ clock, startAt, append, fold }: IntakeSettings): Intake {
  let lastAt = startAt
  /** On their way to disk, oldest first. */
  const underway = new Set<Entry>()
  const taking = new Set<Promise<void>>()

  const stamp = (): Instant => (lastAt = Math.max(lastAt, clock.now()))

  const takeIn = async ({ signals, ...accepted }: Taken): Promise<void> => {
    const entry: Entry = { ...accepted, receivedAt: stamp() }
    underway.add(entry)
    let kept: Promise<void>
    try {
      const place = await append(entry)
      kept = fold({ entry, place, signals })
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
    watermark() {
      const [oldest] = underway
      return oldest?.receivedAt ?? stamp()
    },
    async idle() {
      while (taking.size > 0) await Promise.allSettled(taking)
    },
  }
}
