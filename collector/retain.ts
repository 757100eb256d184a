import { BOARD_WINDOW_MS } from '../contract/live.ts'
import type { Instant, Millis } from '../contract/units.ts'
import type { Place } from './entry.ts'

export interface Kept {
  readonly now: Instant
  readonly keepForMs: Millis
  readonly keepBytesMax: number
  readonly segments: {
    /** @returns the oldest segment that is left */
    retain(limits: { now: Instant; keepForMs: Millis; keepBytesMax: number; checkpoint: Place | null }): Promise<number>
  }
  readonly history: {
    loadCheckpoint(): Promise<{ readonly place: Place | null } | null>
    forget(what: { segmentsBelow: number; startedBefore: Instant; ownBefore: Instant; now: Instant }): Promise<void>
  }
  readonly desk: { forget(before: Instant): void }
}

/** Let go of what is older than people asked for: of the log first, then of what rests on it. */
export async function retain({ now, keepForMs, keepBytesMax, segments, history, desk }: Kept): Promise<void> {
  const saved = await history.loadCheckpoint()
  const oldest = await segments.retain({ now, keepForMs, keepBytesMax, checkpoint: saved?.place ?? null })
  const ownBefore = now - BOARD_WINDOW_MS
  await history.forget({ segmentsBelow: oldest, startedBefore: now - keepForMs, ownBefore, now })
  desk.forget(now - keepForMs)
}
