import type { Hearing, Setup } from '../../contract/setup.ts'
import { toIso, type Instant, type Millis } from '../../contract/units.ts'

/** What the collector was started with, and what it holds and has heard now. */
export interface SetupFacts {
  readonly config: {
    readonly host: string
    readonly dataDir: string
    readonly keepForMs: Millis
    readonly keepBytesMax: number
    readonly fsync: Setup['fsync']
    readonly canary: boolean
    readonly webhook: object | null
    readonly deadManUrl: string | null
  }
  /** Addresses of the doors: `http://127.0.0.1:4318`. */
  readonly otlpHttp: string
  readonly otlpGrpc: string
  readonly contracts: Setup['contracts']
  readonly held: { readonly bytes: number; readonly since: Instant | null }
  readonly hearing: Hearing
}

export function describeSetup(facts: SetupFacts, dashboardPort: number, version: string, startedAt: Instant): Setup {
  const { config, contracts, held, hearing } = facts
  return {
    version,
    startedAt: toIso(startedAt),
    host: config.host,
    isReachable: !/^(127\.|::1$|localhost$)/.test(config.host),
    ports: { dashboard: dashboardPort, otlpHttp: portOf(facts.otlpHttp), otlpGrpc: portOf(facts.otlpGrpc) },
    dataDir: config.dataDir,
    kept: {
      forMs: config.keepForMs,
      bytesMax: config.keepBytesMax,
      bytes: held.bytes,
      since: held.since === null ? null : toIso(held.since),
    },
    contracts: contracts.map(({ name, version: written, hash }) => ({ name, version: written, hash })),
    fsync: config.fsync,
    isTelling: config.webhook !== null,
    hasCanary: config.canary,
    hasDeadMan: config.deadManUrl !== null,
    hearing,
  }
}

function portOf(address: string): number {
  return Number(new URL(address).port)
}
