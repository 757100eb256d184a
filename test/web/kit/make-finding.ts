import type { FailingFinding, SilentFinding } from '../../../contract/findings.ts'
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

/** Connections that have been refused for five minutes. */
export function makeFailing(now: Instant, different: Partial<FailingFinding> = {}): FailingFinding {
  return {
    id: 'find_2',
    kind: 'connections-failing',
    rev: 1,
    state: 'open',
    name: 'connections to checkout in staging',
    since: toIso(now - minutes(5)),
    endedAt: null,
    service: 'checkout',
    environment: 'staging',
    failure: 'auth-refused',
    closeCode: 4401,
    closeReason: 'the token has expired',
    trouble: 'are refused with 4401',
    connections: 500,
    lastFailedAt: toIso(now),
    openConnections: 12,
    limit: null,
    instances: ['checkout-1'],
    ...different,
  }
}
