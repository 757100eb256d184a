/** After a start: from the last checkpoint to the end of the log, then over the time in which nobody listened. */
import type { Instant, Millis } from '../contract/units.ts'
import { seconds } from '../contract/units.ts'
import type { Entry, Gap, Place, ReadEntry } from './entry.ts'
import type { Signal } from './signal.ts'

export interface CatchUpSettings {
  readonly checkpoint: { readonly place: Place | null; readonly at: Instant } | null
  /** The last moment the collector before us surely listened; null on the first start. */
  readonly aliveAt: Instant | null
  readonly now: () => Instant
  readonly entries: (after: Place | null) => AsyncIterable<{ readonly entry: Entry; readonly place: Place }>
  readonly read: (entry: Entry) => { readonly signals: readonly Signal[] }
  readonly fold: (read: ReadEntry) => Promise<void>
  /** We did not listen from `from` on for `lengthMs`: append it to the log and fold it. */
  readonly noteGap: (gap: Gap) => Promise<void>
}

export interface CaughtUp {
  readonly entries: number
  readonly gapMs: Millis
  /** The latest receive time in the log, a gap's end included. */
  readonly at: Instant
}

/** Shorter silences are within every budget's own slack. */
const GAP_MS_MIN = seconds(1)

export async function catchUp(settings: CatchUpSettings): Promise<CaughtUp> {
  const { checkpoint, aliveAt, entries, read, fold, noteGap } = settings
  let at = checkpoint?.at ?? 0
  let count = 0
  for await (const { entry, place } of entries(checkpoint?.place ?? null)) {
    at = Math.max(at, entry.receivedAt)
    count += 1
    await fold({ entry, place, signals: read(entry).signals })
  }
  const heardUntil = Math.max(at, aliveAt ?? 0)
  // Reading a long log takes a while, and in that time as well nobody listened.
  const now = settings.now()
  // A clock that was set back does not say for how long: long enough to matter.
  const gapMs = heardUntil === 0 ? 0 : now < heardUntil ? GAP_MS_MIN : now - heardUntil
  if (gapMs >= GAP_MS_MIN) await noteGap({ from: heardUntil, lengthMs: gapMs, reason: 'down' })
  return { entries: count, gapMs, at: heardUntil + gapMs }
}
