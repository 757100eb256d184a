/** What was heard of anybody but Laststep itself: what a person who connects their first agent wants to know. */
import type { Hearing, RefusalCount } from '../contract/setup.ts'
import { toIso, type Instant, type Millis } from '../contract/units.ts'
import type { Signal } from './signal.ts'
import { isOwnRun } from './test-run.ts'

export interface HearingBook {
  /** A request was taken. Looks at one of its signals only: this path is hot. */
  note(signals: readonly Signal[], now: Instant): void
  /** A request, or some of its records, was refused. */
  refused(reason: string, says: string, now: Instant): void
  read(): Hearing
}

/** A reason is a word of ours, so there are few. */
const REFUSALS_SHOWN = 5

/**
 * @param firstAt when the first event ever came, as it was remembered; null when none has
 * @param remember called once, with the first event ever
 */
export function openHearing(firstAt: Instant | null, remember: (at: Instant) => void): HearingBook {
  const refusals = new Map<string, RefusalCount>()
  let firstEventAt = firstAt
  let lastEventAt: Instant | null = null
  let lastService: string | null = null
  let clockBehindMs: Millis | null = null
  let requests = 0
  return {
    note(signals, now) {
      const signal = signals.at(-1)
      if (signal !== undefined && isOwnRun(signal.source)) return
      requests += 1
      if (signal === undefined) return
      lastEventAt = now
      lastService = signal.source.service
      const saidAt = timeOf(signal)
      if (saidAt !== null) clockBehindMs = Math.round(now - saidAt)
      if (firstEventAt !== null) return
      firstEventAt = now
      remember(now)
    },
    refused(reason, says, now) {
      const count = (refusals.get(reason)?.count ?? 0) + 1
      // Set anew, so that the newest is the last.
      refusals.delete(reason)
      refusals.set(reason, { reason, says, count, lastAt: toIso(now) })
    },
    read: () => ({
      firstEventAt: isoOf(firstEventAt),
      lastEventAt: isoOf(lastEventAt),
      lastService,
      requests,
      refusals: [...refusals.values()].toReversed().slice(0, REFUSALS_SHOWN),
      clockBehindMs,
    }),
  }
}

/** What a door needs to be heard: what it takes and what it refuses is noted on its way. */
export function listenTo<Accepted extends { readonly signals: readonly Signal[] }>(
  hearing: HearingBook,
  take: (accepted: Accepted) => Promise<void>,
  now: () => Instant,
) {
  return {
    async take(accepted: Accepted): Promise<void> {
      await take(accepted)
      hearing.note(accepted.signals, now())
    },
    refused: (reason: string, says: string): void => hearing.refused(reason, says, now()),
  }
}

/** When its sender says that it happened; null where it does not. */
function timeOf(signal: Signal): Instant | null {
  switch (signal.kind) {
    case 'span':
      return signal.endedAt ?? signal.startedAt
    case 'delivery':
      return signal.states.at(-1)?.at ?? null
    case 'log':
      return null
    default:
      return signal.at
  }
}

function isoOf(at: Instant | null): string | null {
  return at === null ? null : toIso(at)
}
