/** What is compared of one run: small, so that a thousand fit in memory while the bytes they were read from do not. */
import type { Subject } from '../../contract/compare.ts'
import type { Phase } from '../../contract/phases.ts'
import type { Attributes, ConnectionView, DeliveryView, SpanView } from '../../contract/runs.ts'
import type { Instant } from '../../contract/units.ts'
import type { StoredRun } from '../stored-run.ts'

/** A span, and what its step is about. */
export interface StepSpan extends SpanView {
  readonly stepName: string | null
}

/** A run with its own records. */
export interface FullRun {
  readonly run: StoredRun
  /** By their start. */
  readonly spans: readonly StepSpan[]
  readonly resource: Attributes
  readonly deliveries: readonly DeliveryView[]
  readonly connections: readonly ConnectionView[]
}

export type FactValue = string | number | boolean

export interface Fact {
  readonly of: Subject
  readonly span: string | null
  readonly key: string
  readonly value: FactValue
  readonly unit: 'ms' | null
  /** It follows from how the run went. */
  readonly isOutcome: boolean
  /** Its span ran when the run came to the step, so that it may have been told afterwards. */
  readonly isRunning: boolean
  /** Its span has not ended. */
  readonly isOpen: boolean
}

/** Sender's clock. */
export interface DigestStep {
  readonly step: string
  readonly phase: Phase | null
  readonly startedAt: Instant
  readonly endedAt: Instant | null
}

export interface RunDigest {
  readonly id: string
  readonly facts: readonly Fact[]
  /** Its span of the step: the one it stood still in, else the first; null when it has none. */
  readonly passed: DigestStep | null
  /** By their start. */
  readonly steps: readonly DigestStep[]
  /** When the run ended, by its sender's clock. */
  readonly endedAt: Instant | null
}
