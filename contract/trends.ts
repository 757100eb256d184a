/**
 * Trends, as `GET /api/trends` tells them. Time is cut into equal buckets; a list of numbers has one for each. A run
 * counts where it started, a stall where its deadline passed. Times are ISO-8601 UTC.
 */
import type { Deploy } from './deploys.ts'
import type { IsoTime } from './runs.ts'
import type { Phase } from './phases.ts'
import type { Millis } from './units.ts'

export const TREND_SPLITS = ['version', 'agent', 'environment'] as const
export type TrendSplit = (typeof TREND_SPLITS)[number]

/** The phases whose times are told: `terminal` is the whole run. */
export const TREND_PHASES = ['started', 'reasoning', 'tool', 'finalise', 'terminal'] as const satisfies Phase[]
export type TrendPhase = (typeof TREND_PHASES)[number]

export const TREND_COUNTS = [
  /** Runs that started. Each is in one of the next five, or runs. */
  'started',
  'completed',
  'undelivered',
  'failed',
  'cancelled',
  /** Stands still now, `stalled` or `lost`. */
  'standing',
  /** Messages that must be confirmed, of runs whose deliveries are settled, and those confirmed. */
  'due',
  'confirmed',
] as const
export type TrendCount = (typeof TREND_COUNTS)[number]

/** Null below 5 samples. A percentile is off by 5 % at most. */
export interface PhasePercentiles {
  readonly samples: number
  readonly p50: Millis | null
  readonly p95: Millis | null
  readonly p99: Millis | null
}

export interface PhaseTrend {
  readonly phase: TrendPhase
  readonly whole: PhasePercentiles
  readonly samples: readonly number[]
  readonly p50: readonly (Millis | null)[]
  readonly p95: readonly (Millis | null)[]
  readonly p99: readonly (Millis | null)[]
}

export interface TrendSeries {
  /** The version, agent or environment; null where runs do not say theirs, and without a split. */
  readonly name: string | null
  /** True for what is left beside the largest seven. */
  readonly isRest: boolean
  readonly counts: Readonly<Record<TrendCount, readonly number[]>>
  /** Open runs at the end of each bucket, or now. */
  readonly inFlight: readonly number[]
  /** Stalls that began. */
  readonly stalls: readonly number[]
  readonly phases: readonly PhaseTrend[]
}

export interface StepTrend {
  readonly phase: Phase | null
  readonly step: string | null
  readonly isRest: boolean
  readonly stalls: readonly number[]
}

/** Answer of `GET /api/trends`. */
export interface Trends {
  readonly from: IsoTime
  readonly to: IsoTime
  readonly bucketMs: Millis
  /** Where each bucket begins. The last may not be over. */
  readonly buckets: readonly IsoTime[]
  readonly split: TrendSplit | null
  /** One without a split; else the seven with the most runs, and the rest. */
  readonly series: readonly TrendSeries[]
  /** The seven steps with the most stalls, and the rest. */
  readonly steps: readonly StepTrend[]
  readonly deploys: readonly Deploy[]
  /** Values that runs in this time had, whatever was asked for. */
  readonly values: Readonly<Record<TrendSplit, readonly string[]>>
}

/** What is drawn: more points than this say no more on any screen. */
export const TREND_BUCKETS_MAX = 300
