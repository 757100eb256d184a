import type { ProcessView } from '../contract/runs.ts'
import { toIso } from '../contract/units.ts'
import { clockBehindMs, type InstanceFacts } from './run.ts'

/** A process as the API tells of it. */
export function processView(facts: InstanceFacts | null): ProcessView | null {
  if (facts === null) return null
  const { instance: id, pulseAt, pulseSeq: pulses, intervalMs, loopBlockedSince, loopDelayMs, stopped } = facts
  const blockedSince = loopBlockedSince === null ? null : toIso(loopBlockedSince)
  const clock = Math.round(clockBehindMs(facts))
  return {
    id,
    lastPulseAt: toIso(pulseAt),
    pulses,
    intervalMs,
    blockedSince,
    loopDelayMs,
    clockBehindMs: clock,
    stopped,
  }
}
