/** The budgets of the contract `laststep`, and how gaps in our own hearing move deadlines; written down once more. */
import type { Instant, Millis } from '../../../contract/units.ts'
import type { NotedGap } from '../replay.ts'

export interface Patience {
  readonly suspect: Millis | null
  readonly stalled: Millis
}

const S = 1_000

export const PATIENCE = {
  ready: { suspect: null, stalled: 10 * S },
  started: { suspect: null, stalled: 5 * S },
  reasoning: { suspect: 45 * S, stalled: 180 * S },
  tool: { suspect: 60 * S, stalled: 300 * S },
  between: { suspect: 30 * S, stalled: 120 * S },
  waiting: { suspect: null, stalled: 3_600 * S },
  finalise: { suspect: 10 * S, stalled: 30 * S },
  terminal: { suspect: null, stalled: 2 * S },
  loop: { suspect: 1 * S, stalled: 10 * S },
} as const satisfies Record<string, Patience>

export const PULSES_MISSED = 2.5
export const REPEATS_MISSED = 3
export const OVERRUNNING: Millis = 1_800 * S
export const CONFIRMED: Millis = 5 * S

/** After a gap, senders have time to come back: what they held in a short one, what they held in a long one. */
export const GRACE: Millis = 15 * S
export const GRACE_LONG: Millis = 60 * S
export const LONG_GAP: Millis = 10 * S

/** When so much listening has passed since a moment, as far as is known at `now`. */
export function dueAfter(from: Instant, patience: Millis, gaps: readonly NotedGap[], now: Instant): Instant {
  let due = from + patience
  const graces: Instant[] = []
  for (const gap of gaps.filter(({ knownAt }) => knownAt <= now).toSorted((a, b) => a.from - b.from)) {
    const end = gap.from + gap.lengthMs
    const graceEnd = end + (gap.lengthMs < LONG_GAP ? GRACE : GRACE_LONG)
    if (gap.from >= Math.max(due, ...graces) || from >= graceEnd) continue
    // We do not count the time in which we did not listen, nor do we trust what comes right after it.
    if (from < end && gap.from < due) due += end - Math.max(from, gap.from)
    graces.push(graceEnd)
  }
  return Math.max(due, ...graces)
}
