/** Who sends telemetry, as the collector knows it: how regularly a process speaks, and what was found when it fell silent. */
import type { FindingId } from '../contract/findings.ts'
import type { Limit } from '../contract/runs.ts'
import type { Instant, Millis } from '../contract/units.ts'
import type { Gap } from './entry.ts'
import type { InstanceFacts } from './run.ts'

/** A process by its `service.instance.id`. Plain data, replaced and never changed. */
export interface SourceFacts {
  readonly instance: string
  readonly service: string | null
  readonly environment: string | null
  readonly contract: string | null
  /** When any record of it last came. */
  readonly heardAt: Instant
  /** It sends its open spans again this often; null when it does not. */
  readonly repeatsEvery: Millis | null
  /** The longest pauses between its records in the stretch of time that began at `stretchFrom`, and in the one before. */
  readonly stretchFrom: Instant
  readonly longestPause: Millis
  readonly longestPauseBefore: Millis | null
}

/** Everything a judgement on one source may rest on. */
export interface SourceCircumstances {
  readonly source: SourceFacts
  /** Null when it never sent a pulse. */
  readonly instance: InstanceFacts | null
  /** In order of time. */
  readonly gaps: readonly Gap[]
}

export interface SourceJudgement {
  /** `late`: it missed a beat, and its deadline is still ahead. */
  readonly state: 'speaking' | 'late' | 'silent'
  /** From when on it counts as silent; null when it owes us nothing. */
  readonly dueAt: Instant | null
  readonly limit: Limit
  /** How often it speaks at least. */
  readonly beatMs: Millis
}

/** One source of a finding. */
export interface SilentSourceFacts {
  readonly instance: string
  readonly service: string | null
  readonly environment: string | null
  readonly heardAt: Instant
  readonly beatMs: Millis
  readonly limit: Limit
  readonly openRuns: number
  readonly backAt: Instant | null
  /** From when on its runs are judged without regard to the silence: some time after it came back. */
  readonly releasedAt: Instant | null
}

/** Sources that fell silent together. `suspected` while it is not sure that enough of them will. Replaced, never changed. */
export interface SilentFindingFacts {
  readonly kind: 'source-silent'
  readonly id: FindingId
  readonly rev: number
  readonly state: 'suspected' | 'open' | 'recovered' | 'over'
  readonly since: Instant
  readonly endedAt: Instant | null
  readonly sources: readonly SilentSourceFacts[]
  readonly lookAt: Instant | null
}

/** What a run is told of its process's silence. */
export interface Silence {
  readonly findingId: FindingId
  /** The process speaks again, and its runs have some time to do so as well. */
  readonly isBack: boolean
}
