/** What the dashboard's server is handed by `main.ts`: it knows neither the run book nor the history by name. */
import type { Finding } from '../../contract/findings.ts'
import type { Health } from '../../contract/health.ts'
import type { BoardCounts } from '../../contract/live.ts'
import type { GapView, RunList, IsoTime } from '../../contract/runs.ts'
import type { FilterField, Resolution, SearchLine, ValueList } from '../../contract/search.ts'
import type { Clock } from '../../contract/clock.ts'
import type { IncidentChange, IncidentRequest } from '../../contract/incidents.ts'
import type { Fingerprint, IncidentDetail, IncidentList } from '../../contract/stalls.ts'
import type { Trends } from '../../contract/trends.ts'
import type { Instant, Millis } from '../../contract/units.ts'
import type { Phase } from '../../contract/phases.ts'
import type { Arranged } from '../homes.ts'
import type { Comparisons } from '../comparison.ts'
import type { InvestigationSource } from '../investigation.ts'
import type { SpanQuery } from '../log-search.ts'
import type { Records } from '../record.ts'
import type { OpenSpan } from '../run.ts'
import type { Known } from '../signal.ts'
import type { StallQuery, TrendQuery } from '../stall-query.ts'
import type { RunQuery, StoredRun } from '../stored-run.ts'
import type { Deploys } from '../deploys.ts'
import type { SetupFacts } from './describe-setup.ts'
import type { LiveFeed } from './live-feed.ts'
import type { ServeLog } from './refusal.ts'

/** What is kept of many runs together. */
export interface KeptSource {
  listIncidents(query: StallQuery): Promise<IncidentList>
  /** By its fingerprint or the beginning of it. */
  findIncident(id: string, now: Instant): Promise<IncidentDetail | null>
  trends(query: TrendQuery): Promise<Trends>
  readonly search: {
    /** @param written any id, as people paste it */
    lookUp(written: string): Promise<Resolution>
    /** @param like what they begin with */
    values(query: { readonly field: FilterField; readonly like: string }): Promise<ValueList>
  }
}

/** What people decide about incidents; `incident-book.ts` fits. */
export interface IncidentActs {
  /** @returns why not, and what to do, when it may not be */
  act(home: Fingerprint, request: IncidentRequest): Promise<{ readonly refused: string } | null>
  changes(home: Fingerprint): readonly IncidentChange[]
  /** Where the stalls of a fingerprint belong by now. */
  homeOf(fingerprint: Fingerprint, version: string | null): Fingerprint
  arranged(): Arranged
}

export interface SpanSource {
  /** Ends at the next stretch of the log once `signal` says so. @throws Unavailable when too many are searching */
  search(query: SpanQuery, signal: AbortSignal): AsyncGenerator<SearchLine>
}

export interface RunSource {
  /** @throws an Error named `BadQuery` when the cursor is none that was given, or `Unavailable` */
  listRuns(query: RunQuery): Promise<RunList>
  /** By run id or trace id. Must say what the newest verdict says, also while its row is still being stored. */
  findRun(id: string): Promise<StoredRun | null>
  /** Everything the run's senders wrote, decoded from the log. */
  readRun(run: StoredRun): Promise<Records>
  /** The spans the run book holds open for this run; empty once the run has left it. */
  openSpans(runId: string): readonly OpenSpan[]
  /** What step a span is, by its name and the attributes that say so; null for plumbing. */
  phaseOf(name: string, known: Known): Phase | null
  /** The agent whose work a span is, for a span that stands for a run and says its name. */
  agentOf(name: string, known: Known): string | null
}

/** What the collector counts about itself. */
export interface ServiceCounts {
  readonly openRuns: number
  /** How far verdicts are behind what was received. */
  readonly lagMs: Millis
  /** Everything that was thrown away since the start, by what it was. */
  readonly dropped: Readonly<Record<string, number>>
  /** Messages of types that their run's contract does not know, by type. They are kept like all others. */
  readonly unknownEvents: Readonly<Record<string, number>>
  /** Contracts that telemetry names and nobody gave; their runs are judged by the first. */
  readonly unknownContracts: readonly string[]
}

/** Answer of `GET /api/status`. */
export interface ServiceStatus extends ServiceCounts {
  readonly version: string
  readonly startedAt: IsoTime
  readonly uptimeMs: Millis
  /** Readers of the live feed. */
  readonly liveClients: number
  readonly gaps: readonly GapView[]
}

export interface ServeSettings {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  readonly clock: Clock
  readonly log: ServeLog
  readonly version: string
  /** Where the built dashboard lies. It may be missing: then the page says how to build it. */
  readonly webDir: string
  readonly runs: RunSource
  readonly kept: KeptSource
  readonly incidents: IncidentActs
  readonly deploys: Deploys
  readonly investigations: InvestigationSource
  readonly spans: SpanSource
  readonly comparisons: Pick<Comparisons, 'compare' | 'next'>
  readonly serviceCounts: () => ServiceCounts
  /** The stretches of the last day in which Laststep did not hear, in order. */
  readonly gaps: () => readonly GapView[]
  readonly health: () => Health
  readonly metrics: () => { readonly type: string; readonly text: string }
  /** The open ones first, then those that ended, the latest first. */
  readonly findings: () => readonly Finding[]
  readonly feed: LiveFeed
  readonly counts: (now: Instant) => BoardCounts
  readonly setup: () => SetupFacts
  /** Send the test run. @returns its id. @throws Unavailable */
  readonly sendTestRun: () => Promise<string>
}
