import type { SpanId } from '../../contract/ids.ts'
import { seconds, type Instant, type Millis } from '../../contract/units.ts'
import type { Contracts } from '../contracts.ts'
import type { InstanceFacts, OpenSpan } from '../run.ts'
import type { OpenSpanRef, PulseSignal } from '../signal.ts'

/** What is known of a process after one more pulse of it. A pulse older than the last heard only shows life. */
export function foldPulse(held: InstanceFacts | null, signal: PulseSignal, receivedAt: Instant): InstanceFacts {
  const instance = signal.source.instance ?? ''
  if (held !== null && signal.seq < held.pulseSeq) return { ...held, pulseAt: Math.max(held.pulseAt, receivedAt) }
  const blockedSince = signal.loopBlockedMs > 0 ? receivedAt - signal.loopBlockedMs : null
  return {
    instance,
    pulseSeq: signal.seq,
    pulseAt: receivedAt,
    intervalMs: signal.intervalMs,
    // The first pulse of a block dates it; the delays of later ones on their way here would move it.
    loopBlockedSince: blockedSince === null ? null : (held?.loopBlockedSince ?? blockedSince),
    loopBlockedMs: signal.loopBlockedMs,
    loopDelayMs: signal.loopDelayMs,
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
export function changesVerdicts(before: InstanceFacts | null, after: InstanceFacts, missed: number): boolean {
  if (before === null) return true
  const wasSilent = after.pulseAt - before.pulseAt >= missed * before.intervalMs
  return wasSilent || before.loopBlockedSince !== after.loopBlockedSince || before.stopped !== after.stopped
}
