import type { SpanId } from '../../contract/ids.ts'
import { hours, seconds, type Instant, type Millis } from '../../contract/units.ts'
import type { Contracts } from '../contracts.ts'
import type { Progression } from '../progression.ts'
import type { InstanceFacts, OpenSpan } from '../run.ts'
import type { OpenSpanRef, PulseSignal } from '../signal.ts'

/** Nothing is on its way for longer: what seems to be older was said by a clock that was set back. */
const LATE_MAX: Millis = hours(1)

/**
 * Whether a pulse was overtaken by a newer one, or is here for the second time: its process may have died since it was
 * sent, so it shows no life. One that counts from 1 again is of a process started anew under its old name.
 */
export function isStale({ seq, at }: PulseSignal, held: InstanceFacts): boolean {
  return seq <= held.pulseSeq && at <= held.pulseSaidAt && at > held.pulseSaidAt - LATE_MAX
}

/** By so many pulses a clock is compared with ours: one of them comes without delay, and a clock that was set is told soon. */
const CLOCK_PULSES = 8

function foldClock(held: InstanceFacts | null, behindMs: Millis): InstanceFacts['clock'] {
  if (held === null) return { pulses: 1, behindMs, behindMsBefore: null }
  const { pulses, behindMs: least, behindMsBefore } = held.clock
  if (pulses === CLOCK_PULSES) return { pulses: 1, behindMs, behindMsBefore: least }
  return { pulses: pulses + 1, behindMs: Math.min(least, behindMs), behindMsBefore }
}

/** What is known of a process after one more pulse of it. */
export function foldPulse(held: InstanceFacts | null, signal: PulseSignal, receivedAt: Instant): InstanceFacts {
  const instance = signal.source.instance ?? ''
  const blockedSince = signal.loopBlockedMs > 0 ? receivedAt - signal.loopBlockedMs : null
  return {
    instance,
    pulseSeq: signal.seq,
    pulseSaidAt: signal.at,
    pulseAt: receivedAt,
    intervalMs: signal.intervalMs,
    // The first pulse of a block dates it; the delays of later ones on their way here would move it.
    loopBlockedSince: blockedSince === null ? null : (held?.loopBlockedSince ?? blockedSince),
    loopBlockedMs: signal.loopBlockedMs,
    loopDelayMs: signal.loopDelayMs,
    clock: foldClock(held, receivedAt - signal.at),
    stopped: signal.last,
  }
}

/**
 * When to look at all runs of a process because its next pulses did not come, by the least patient contract; null when
 * none is awaited. A pulse moves this one moment, and not one of each run.
 */
export function beatLookAt({ stopped, pulseAt, intervalMs }: InstanceFacts, contracts: Contracts): Instant | null {
  return stopped ? null : pulseAt + intervalMs * contracts.pulsesMissedMin
}

/** The SDK flushes start records every 250 ms; after a second one is lost or stuck. */
const START_OVERDUE: Millis = seconds(1)

/**
 * Whether a pulse may tell of a span that nothing else told of. The first pulse can overtake the first start records,
 * and knows only names: a run made of it would be shown under the wrong id and as nothing in particular.
 */
export function isStartOverdue(ref: OpenSpanRef, { at, loopBlockedMs }: PulseSignal): boolean {
  return loopBlockedMs > 0 || at - ref.startedAt > START_OVERDUE
}

/**
 * Whether a pulse proves that an open span has ended and its final record was lost. The span must be older than one
 * interval: a record of it may have overtaken a pulse taken before it began.
 */
export function isUnlisted(span: OpenSpan, signal: PulseSignal, listed: ReadonlySet<SpanId>, now: Instant): boolean {
  return signal.openNotListed === 0 && span.openedAt + signal.intervalMs <= now && !listed.has(span.spanId)
}

/** Whether runs of this process must be judged anew: most pulses only move a deadline on. */
export function changesVerdicts(before: InstanceFacts | null, after: InstanceFacts, progression: Progression): boolean {
  if (before === null) return true
  const { budgets, agents } = progression
  const wasSilent = after.pulseAt - before.pulseAt >= budgets.pulseIntervalsMissed * before.intervalMs
  // A block may be too short to matter when a pulse first speaks of it.
  const isLonger = [budgets, ...Object.values(agents)].some(({ loop: { suspectMs } }) => {
    return before.loopBlockedMs >= (suspectMs ?? 0) !== after.loopBlockedMs >= (suspectMs ?? 0)
  })
  return wasSilent || isLonger || before.loopBlockedSince !== after.loopBlockedSince || before.stopped !== after.stopped
}
