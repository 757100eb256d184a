/** What the history and its worker say to each other. Plain data: it crosses a thread. */
import type { Place } from '../entry.ts'
import type { Deploy, DeployEffects } from '../../contract/deploys.ts'
import type { SpanId, TraceId } from '../../contract/ids.ts'
import type { Fingerprint, IncidentDetail, IncidentList, Ingredients } from '../../contract/stalls.ts'
import type { Trends } from '../../contract/trends.ts'
import type { ValueList } from '../../contract/search.ts'
import type { ValueQuery } from './list-values.ts'
import type { Recurrence } from '../change-life.ts'
import type { IncidentRecord } from '../homes.ts'
import type { ImpactValues } from '../impact.ts'
import type { AnnouncedDeploy } from '../announced-deploy.ts'
import type { EffectQuery } from '../deploy-query.ts'
import type { StallWord } from '../stall.ts'
import type { StallQuery, TrendQuery } from '../stall-query.ts'
import type { RunQuery } from '../stored-run.ts'
import type { Instant } from '../../contract/units.ts'

/** That a key (a trace id, `conn:<id>`, `run:<id>`) has something to read at a place of the log. */
export interface Piece {
  readonly key: string
  readonly place: Place
}

/** How far the runs were folded when the book was written down. The book itself stands in sheets, saved before it. */
export interface Checkpoint {
  /** The last entry the book has seen; null when it has seen none. */
  readonly place: Place | null
  readonly at: Instant
}

/** A part of the book's own snapshot; they are numbered from 0, and number 0 begins the book anew. */
export interface Sheet {
  readonly no: number
  readonly text: string
}

/** Made so that little has to be copied between the threads: one text and one list of numbers. */
export interface Batch {
  /** A `StoredRun` a line, as JSON. */
  readonly runs: string
  /** In the order in which they were said. */
  readonly stalls: readonly StallWord[]
  /** Four numbers a piece: key (`keyOf`), segment, offset, length. */
  readonly pieces: Float64Array
  readonly sheets: readonly Sheet[]
  readonly checkpoint: Checkpoint | null
  readonly aliveAt: Instant | null
}

export interface Forgetting {
  readonly segmentsBelow: number
  /** And not heard to move since. */
  readonly startedBefore: Instant
  /** Of Laststep's own runs, the canary's one a minute, only the latest are of interest. */
  readonly ownBefore: Instant
  /** Trends are kept for longer than runs, by ages of their own. */
  readonly now: Instant
}

/** An id as each of the things it may be the id of; null where it cannot be. */
export interface LookUp {
  readonly id: string
  readonly traceId: TraceId | null
  readonly spanId: SpanId | null
  /** Or the beginning of one. */
  readonly fingerprint: Fingerprint | null
}

export interface FoundRun {
  readonly kind: 'run' | 'trace' | 'span' | 'user' | 'session'
  /** A `StoredRun` as JSON. */
  readonly page: string
}

export interface LookUpAnswer {
  readonly runs: readonly FoundRun[]
  readonly incidents: readonly { readonly fingerprint: Fingerprint; readonly incident: Ingredients }[]
  readonly isCut: boolean
  /** When the oldest run began. */
  readonly keptSince: Instant | null
}

export interface Arrangement {
  readonly records: readonly (readonly [Fingerprint, IncidentRecord])[]
  readonly impact: ImpactValues | null
}

export interface RecurrenceQuery {
  readonly fingerprint: Fingerprint
  /** Stalls that began later, and deploys that came later. */
  readonly after: Instant
  readonly now: Instant
}

/** What can be asked, and what comes back. */
export interface HistoryCalls {
  save: { ask: Batch; answer: null }
  /** Pages and page: each a `StoredRun` as JSON. */
  list: { ask: RunQuery; answer: { pages: string[]; next: string | null } }
  incidents: { ask: StallQuery; answer: IncidentList }
  incident: { ask: { readonly id: string; readonly now: Instant }; answer: IncidentDetail | null }
  /** What the desk keeps of incidents: all of it at the start, then what changed. */
  arrange: { ask: Arrangement; answer: null }
  recurrence: { ask: RecurrenceQuery; answer: Recurrence }
  trends: { ask: TrendQuery; answer: Trends }
  setAnnounced: { ask: readonly AnnouncedDeploy[]; answer: null }
  deploys: { ask: { readonly from: Instant; readonly to: Instant }; answer: Deploy[] }
  deployEffects: { ask: EffectQuery; answer: DeployEffects | null }
  find: { ask: string; answer: string | null }
  lookUp: { ask: LookUp; answer: LookUpAnswer }
  values: { ask: ValueQuery; answer: ValueList }
  /** Pages: each a `StoredRun` as JSON. */
  runsOf: { ask: { readonly traceIds: readonly TraceId[]; readonly query: RunQuery }; answer: string[] }
  countRuns: { ask: { readonly from: Instant; readonly to: Instant }; answer: number }
  pieces: { ask: readonly string[]; answer: Place[] }
  loadCheckpoint: { ask: null; answer: Checkpoint | null }
  loadSheet: { ask: number; answer: string | null }
  loadAlive: { ask: null; answer: Instant | null }
  forget: { ask: Forgetting; answer: null }
  close: { ask: null; answer: null }
}

export type HistoryCall = keyof HistoryCalls

export interface Question {
  readonly id: number
  readonly call: HistoryCall
  readonly ask: unknown
}

export type Reply =
  | { readonly id: number; readonly answer: unknown }
  /** `isBadQuestion`: the asker's fault, not the database's. */
  | { readonly id: number; readonly error: string; readonly isBadQuestion: boolean }
