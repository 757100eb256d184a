/**
 * What differs between two groups of runs, as `GET /api/compare` tells it, and what runs do after a step, as
 * `GET /api/runs/:id/next` does. A difference is a lead, not a cause. Times are ISO-8601 UTC.
 */
import type { Phase } from './phases.ts'
import type { IsoTime } from './runs.ts'
import type { Millis } from './units.ts'

/**
 * Groups that are named by what they are to the other one. `healthy`: completed runs of the same agent that passed the
 * same step in the same hours. `yesterday`: the same a day before. `previous-version`: of the version before.
 */
export const RELATIVE_COHORTS = ['healthy', 'yesterday', 'previous-version'] as const
export type RelativeCohort = (typeof RELATIVE_COHORTS)[number]

/** Runs looked at in each group; of more, the newest. */
export const COHORT_RUNS_MAX = 10_000
/** Runs of each group that are read: those whose hashed ids are lowest, so that the same question reads the same ones. */
export const SAMPLE_MAX = 500
/** Below it a row says how few there are. */
export const SMALL_SAMPLE = 20

/** One of the two groups. */
export interface Cohort {
  /** As it was asked for: `incident:4f2a…`, `run:…`, `healthy`, or a query of `GET /api/runs`. */
  readonly asked: string
  /** The same as words: "completed runs of support that passed tool › search_orders". */
  readonly says: string
  /** The query of `GET /api/runs` that lists its runs, with times written out; null for those of an incident and for one run. */
  readonly query: string | null
  readonly from: IsoTime | null
  readonly to: IsoTime | null
  /** Runs that fit, `COHORT_RUNS_MAX` at most. */
  readonly total: number
  /** There are older ones that were not looked at. */
  readonly isCut: boolean
  /** Runs that were read and compared. */
  readonly sampled: number
  /** Runs that were read and did not pass the step. */
  readonly notPassed: number
}

/** What an attribute is of. `run` is what follows from its spans as a whole. */
export const SUBJECTS = ['span', 'resource', 'run', 'connection', 'client', 'delivery'] as const
export type Subject = (typeof SUBJECTS)[number]

/** Which attribute. */
export interface AttributeName {
  readonly of: Subject
  /** The span's step (`tool › search_orders`) or its name; null for what is of no span. */
  readonly span: string | null
  readonly key: string
}

/** How many runs of each group have it. */
export interface ComparedValue {
  /** Null: not set. */
  readonly value: string | null
  readonly a: number
  readonly b: number
}

/** Of the runs of one group that have a number. */
export interface NumberSummary {
  readonly count: number
  readonly median: number | null
  readonly p95: number | null
  /** How many fall in each of the row's bins. */
  readonly bins: readonly number[]
}

interface ComparedAttribute extends AttributeName {
  /** 0 to 1: the largest difference between the groups' shares; of numbers, between their distributions (Kolmogorov–Smirnov). */
  readonly score: number
  /** More than chance alone would make of so many attributes in 19 of 20 comparisons. */
  readonly isBeyondChance: boolean
}

export interface SharesRow extends ComparedAttribute {
  readonly kind: 'shares'
  /** The largest difference first, what A has more of before what B has. */
  readonly values: readonly ComparedValue[]
  /** Further values, not told. */
  readonly valuesLeft: number
}

export interface NumbersRow extends ComparedAttribute {
  readonly kind: 'numbers'
  readonly unit: 'ms' | null
  readonly a: NumberSummary
  readonly b: NumberSummary
  /** Where the bins begin and end; between them they are even, or even in the logarithm. */
  readonly from: number
  readonly to: number
  readonly isLogarithmic: boolean
}

export type ComparedRow = SharesRow | NumbersRow

/**
 * Why an attribute is not ranked: nearly every run has a value of its own, no value came often enough, or it is only
 * told once the step ends, which it did not.
 */
export const HIDDEN_REASONS = ['id-like', 'few', 'told-at-end'] as const
export type HiddenReason = (typeof HIDDEN_REASONS)[number]

export interface HiddenAttribute extends AttributeName {
  readonly because: HiddenReason
  readonly values: number
}

export interface ComparedStep {
  readonly phase: Phase
  readonly name: string | null
}

/** Answer of `GET /api/compare`. */
export interface Comparison {
  readonly at: IsoTime
  readonly a: Cohort
  readonly b: Cohort
  /** What runs had done by the time they came to it is compared; null: all they did. */
  readonly step: ComparedStep | null
  /** The largest difference first. */
  readonly rows: readonly ComparedRow[]
  /** Attributes that differ; more than `rows.length` when not all are told. */
  readonly rowsTotal: number
  /** Attributes that are the same in both. */
  readonly same: number
  /** What became of the runs: follows from how they went, and explains nothing. */
  readonly outcome: readonly ComparedRow[]
  readonly hidden: readonly HiddenAttribute[]
  /** A score that chance alone exceeds in one comparison of twenty; 1 when no score can tell with so few runs. */
  readonly chance: number
}

/** A step that runs come to afterwards. */
export interface NextStep {
  readonly step: string
  readonly phase: Phase | null
  /** Runs that come to it, and those of them that come to it at once. */
  readonly runs: number
  readonly directly: number
  /** From the end of the step that was passed to the beginning of this one. */
  readonly p50Ms: Millis
  readonly p95Ms: Millis
}

export interface OwnStep {
  readonly step: string
  readonly phase: Phase | null
  readonly startedAt: IsoTime
  /** Null while it goes on, as far as anybody knows. */
  readonly tookMs: Millis | null
}

/** Answer of `GET /api/runs/:id/next` and `GET /api/stalls/:fingerprint/next`. */
export interface NextSteps {
  readonly at: IsoTime
  /** Null: it is not known where the run stands, and nothing can be said of what comes next. */
  readonly step: ComparedStep | null
  readonly agent: string | null
  readonly healthy: Cohort
  /** How long the step takes in these runs; null without any. */
  readonly took: { readonly p50Ms: Millis; readonly p95Ms: Millis } | null
  /** In the order in which they usually come. */
  readonly next: readonly NextStep[]
  /** From the step's end to the run's. */
  readonly end: { readonly runs: number; readonly p50Ms: Millis; readonly p95Ms: Millis } | null
  /** The run that stands still, or the incident's latest, and what it has done so far. */
  readonly runId: string | null
  readonly own: readonly OwnStep[]
}

const WELL_KNOWN: readonly string[] = [
  'service.version',
  'deployment.environment.name',
  'server.address',
  'gen_ai.request.model',
  'gen_ai.tool.name',
  'exception.type',
  'error.type',
  'host.name',
  'cloud.region',
  'service.instance.id',
]

/** Names that people know come first where nothing else decides. */
export function knownRank(key: string): number {
  const rank = WELL_KNOWN.indexOf(key)
  return rank === -1 ? WELL_KNOWN.length : rank
}
