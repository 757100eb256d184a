/**
 * What this collector is, as `GET /api/setup` tells it: how it was started, how much it keeps, and what it has heard of
 * anybody yet. Read by the settings and by whoever connects their first agent. Nothing in it is secret.
 */
import type { IsoTime } from './runs.ts'
import type { Millis } from './units.ts'

export interface Setup {
  readonly version: string
  readonly startedAt: IsoTime
  /** The address it listens on. */
  readonly host: string
  /** False when only programs on its own machine can reach it. */
  readonly isReachable: boolean
  readonly ports: { readonly dashboard: number; readonly otlpHttp: number; readonly otlpGrpc: number }
  readonly dataDir: string
  readonly kept: Keeping
  /** By which runs are judged: each by the one its telemetry names, the others by the first. */
  readonly contracts: readonly { readonly name: string; readonly version: number; readonly hash: string }[]
  /** What is accepted is on disk before it is acknowledged (`always`), or within a second. */
  readonly fsync: 'always' | 'interval'
  /** Whether somebody is told of stalls, by webhook. */
  readonly isTelling: boolean
  readonly hasCanary: boolean
  readonly hasDeadMan: boolean
  readonly hearing: Hearing
}

/** Telemetry is kept until it is too old or too much, whichever comes first. */
export interface Keeping {
  readonly forMs: Millis
  readonly bytesMax: number
  /** On disk now. */
  readonly bytes: number
  /** When the oldest of it was received; null before the first. */
  readonly since: IsoTime | null
}

/** What was heard of anybody but Laststep itself. Counts are since the start of the process. */
export interface Hearing {
  /** When the very first event came, ever. Null until then. */
  readonly firstEventAt: IsoTime | null
  readonly lastEventAt: IsoTime | null
  /** `service.name` of the latest; null when it does not say. */
  readonly lastService: string | null
  /** Requests that were taken. */
  readonly requests: number
  /** What was refused, and why: the latest of each kind, the newest first. */
  readonly refusals: readonly RefusalCount[]
  /** How far the latest sender's clock is behind ours, by its newest event; negative when it is ahead. Null before the first. */
  readonly clockBehindMs: Millis | null
}

export interface RefusalCount {
  readonly reason: string
  /** As the sender was told the last time. */
  readonly says: string
  readonly count: number
  readonly lastAt: IsoTime
}

/** Answer of `POST /api/test-runs`. */
export interface TestRunAnswer {
  readonly runId: string
}

/**
 * The run that people send to see what a stall looks like (`POST /api/test-runs`). It is on the live board and has its
 * page, and is in no count, trend, message or list; it ends by itself.
 */
export const TEST_RUN_SERVICE = 'laststep.test-run'
