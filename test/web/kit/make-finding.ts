import type { SilentFinding } from '../../../contract/findings.ts'
import { minutes, seconds, toIso, type Instant } from '../../../contract/units.ts'

/** A process that fell silent five minutes ago with its runs. */
export function makeFinding(now: Instant, different: Partial<SilentFinding> = {}): SilentFinding {
  const lastHeardAt = toIso(now - minutes(5))
  const who = { instance: 'gateway-7', service: 'checkout', environment: 'staging' }
  return {
    id: 'find_1',
    kind: 'source-silent',
    rev: 1,
    state: 'open',
    name: 'gateway-7 (service checkout)',
    since: toIso(now - minutes(5) + seconds(12)),
    lastHeardAt,
    endedAt: null,
    openRuns: 500,
    limit: { ms: 12_500, from: 'contract › pulse.missed', learned: null },
    sources: [{ ...who, lastHeardAt, openRuns: 500, backAt: null }],
    sourcesTotal: 1,
    ...different,
  }
}
