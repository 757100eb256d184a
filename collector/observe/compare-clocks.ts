import type { Health } from '../../contract/health.ts'
import { seconds, type Instant, type Millis } from '../../contract/units.ts'
import { clockBehindMs, hasMissedPulse, type InstanceFacts } from '../run.ts'

/** Nearer than this a clock is off by no more than telemetry takes to come. */
const OFF_MIN: Millis = seconds(5)

/** The clocks of the processes that speak, beside ours. */
export function compareClocks(instances: Iterable<InstanceFacts>, now: Instant): Health['clocks'] {
  let processes = 0
  let off = 0
  let worst: Health['clocks']['worst'] = null
  for (const facts of instances) {
    if (facts.stopped || hasMissedPulse(facts, now)) continue
    processes++
    const behindMs = Math.round(clockBehindMs(facts))
    if (Math.abs(behindMs) < OFF_MIN) continue
    off++
    if (worst === null || Math.abs(behindMs) > Math.abs(worst.behindMs)) worst = { instance: facts.instance, behindMs }
  }
  return { processes, off, worst }
}
