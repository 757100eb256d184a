import type { Check, Health } from '../../contract/health.ts'
import { toIso } from '../../contract/units.ts'
import { START } from './manual-clock.ts'

export const HOLDS: Check = { name: 'log', ok: true, since: null, says: 'what arrives is written to the log' }

/** A collector that is well, with whatever a test wants different. */
export function makeHealth(different: Partial<Health> = {}): Health {
  return {
    ready: true,
    checks: [HOLDS],
    evaluator: { deadlines: 60, madeP99Ms: 8, storedP99Ms: 70 },
    watermarkLagMs: 0,
    loopDelayP99Ms: 2,
    blind: { gaps: 1, ms: 4_200 },
    retractions: { count: 2, since: toIso(START) },
    clocks: { processes: 3, off: 0, worst: null },
    canary: { outcome: 'in-time', sentAt: toIso(START), lateMs: 61 },
    deadMan: null,
    ...different,
  }
}
