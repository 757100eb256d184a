/** Connections as the collector judges them, and what was found where they fail. Plain data, replaced and never changed. */
import type { ConnectionFailure, FindingId, FindingState } from '../contract/findings.ts'
import type { Limit } from '../contract/runs.ts'
import type { Instant } from '../contract/units.ts'
import type { Gap } from './entry.ts'
import type { ConnectionFacts, InstanceFacts } from './run.ts'

/** Everything a judgement on one connection may rest on. */
export interface ConnectionCircumstances {
  readonly connection: ConnectionFacts
  /** Null when its process is not known or never sent a pulse. */
  readonly instance: InstanceFacts | null
  /** In order of time. */
  readonly gaps: readonly Gap[]
}

export interface ConnectionJudgement {
  /** Null while it may still become ready, and for one of which nothing bad can be said. */
  readonly failure: ConnectionFailure | null
  /** The time allowed, where that is what passed. */
  readonly limit: Limit | null
  /** When this can change by time alone; null when only news can change it. */
  readonly lookAgainAt: Instant | null
}

/** What is common to connections that are one trouble. */
export interface FailureGroup {
  readonly service: string | null
  readonly environment: string | null
  readonly failure: ConnectionFailure
  /** Null where they are open, or that is not the trouble. */
  readonly closeCode: number | null
}

/** Connections of one group that failed. */
export interface FailingFindingFacts extends FailureGroup {
  readonly kind: 'connections-failing'
  readonly id: FindingId
  readonly rev: number
  readonly state: FindingState
  /** When the first of them failed. */
  readonly since: Instant
  readonly endedAt: Instant | null
  readonly closeReason: string | null
  readonly connections: number
  readonly lastFailedAt: Instant
  /** When a connection of the service became ready after that; null when none did. */
  readonly readyAt: Instant | null
  readonly openConnections: number
  readonly limit: Limit | null
  readonly instances: readonly string[]
  readonly lookAt: Instant | null
}

/** How the connections of a service went of late. */
export interface Tries {
  readonly failed: number
  /** All that came to something: those that failed, in whatever way, and those that became ready. */
  readonly all: number
}

/** What is concluded about connections. Pure. */
export interface ConnectionJudge {
  readonly connection: (circumstances: ConnectionCircumstances, now: Instant) => ConnectionJudgement
  /** Whether so many are a trouble of the service, and not of a client or two. */
  readonly isTrouble: (tries: Tries) => boolean
  /** How an open finding stands, and when to look at it again. */
  readonly finding: (
    finding: Pick<FailingFindingFacts, 'lastFailedAt' | 'readyAt'>,
    gaps: readonly Gap[],
    now: Instant,
  ) => { readonly state: FindingState; readonly lookAgainAt: Instant | null }
}
