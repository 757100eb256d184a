/**
 * Findings: what is wrong with something larger than a run, and explains what is wrong with the runs in it. Told by
 * `GET /api/findings`, the live feed and the webhook. Times are ISO-8601 UTC with milliseconds.
 */
import type { IsoTime, Limit } from './runs.ts'

export type FindingId = string

/**
 * - `open` the sources send nothing, and have open runs; the connections fail
 * - `recovered` all of the sources that still have open runs speak again; connections become ready and none fails any more
 * - `over` none of the runs is open any more, though the sources never spoke again; nobody tries to connect any more
 */
export const FINDING_STATES = ['open', 'recovered', 'over'] as const
export type FindingState = (typeof FINDING_STATES)[number]

interface Told {
  readonly id: FindingId
  /** Grows with every change; a finding with a lower one is older. */
  readonly rev: number
  readonly state: FindingState
  /** What it is about, in words: `p-7 (service checkout)`, `12 instances of service checkout`, `connections to checkout in staging`. */
  readonly name: string
  /** Since when it holds: the deadline of the first source, the first connection that failed. */
  readonly since: IsoTime
  /** When it recovered or was over; null while it is open. */
  readonly endedAt: IsoTime | null
}

/** One process that fell silent. */
export interface SilentSource {
  /** `service.instance.id`. */
  readonly instance: string
  readonly service: string | null
  readonly environment: string | null
  readonly lastHeardAt: IsoTime
  /** Its runs that were open when it was last looked at. */
  readonly openRuns: number
  /** When it spoke again; null while it is silent. */
  readonly backAt: IsoTime | null
}

/** Processes that fell silent together, with their runs: one cause, whatever the number of runs. */
export interface SilentFinding extends Told {
  readonly kind: 'source-silent'
  /** When the last record of any of them came. */
  readonly lastHeardAt: IsoTime
  /** Open runs it explains: rows say so by `explainedBy`. */
  readonly openRuns: number
  /** The silence that was allowed, and where the limit comes from. */
  readonly limit: Limit
  /** The ten with the most open runs. */
  readonly sources: readonly SilentSource[]
  /** How many there are; more than `sources.length` when not all are listed. */
  readonly sourcesTotal: number
}

/**
 * How a connection that goes both ways fails to become ready, or is ready in vain. The numbers are those of docs/STALLS.md.
 *
 * - `subprotocol-mismatch` (F02) it broke at once: the server took none of the subprotocols that the client offered
 * - `auth-refused` (F03) closed by the server with a code that says so, before it was authenticated
 * - `auth-hung` (F04) open, and not authenticated within the time allowed
 * - `never-ready` authenticated, and not ready within the time allowed
 * - `handshake-failed` (F06) closed with 1011 before it was ready: the server's own error
 * - `closed-as-well` (F07) closed by the server with 1000 before it was ready, as if all were well
 * - `frames-lost` (F08) ready, and what its client had said before never arrived
 * - `limit-reached` (F09) closed with 1013 or 4429 before it was ready: the server has too many
 * - `closed-early` it ended otherwise before it was ready, and not by the client
 */
export const CONNECTION_FAILURES = [
  'subprotocol-mismatch',
  'auth-refused',
  'auth-hung',
  'never-ready',
  'handshake-failed',
  'closed-as-well',
  'frames-lost',
  'limit-reached',
  'closed-early',
] as const
export type ConnectionFailure = (typeof CONNECTION_FAILURES)[number]

/** Connections to one service that fail in one way: one cause, whatever their number. */
export interface FailingFinding extends Told {
  readonly kind: 'connections-failing'
  readonly service: string | null
  readonly environment: string | null
  readonly failure: ConnectionFailure
  /** As the server saw it; null where they are open. */
  readonly closeCode: number | null
  /** What the server said as it closed the first that it said anything to. */
  readonly closeReason: string | null
  /** What becomes of them, in words: `are refused with 4401`. */
  readonly trouble: string
  /** How many failed since it began. */
  readonly connections: number
  readonly lastFailedAt: IsoTime
  /** Connections of the service that were ready and open when it began. */
  readonly openConnections: number
  /** The time allowed, where that has passed. */
  readonly limit: Limit | null
  /** The first ten processes that they failed at, by `service.instance.id`. */
  readonly instances: readonly string[]
}

export type Finding = SilentFinding | FailingFinding

/** Answer of `GET /api/findings`: the open ones first, then those that ended within a day, the latest first. */
export interface FindingList {
  readonly findings: readonly Finding[]
}
