/**
 * The status of a run: computed once, in the collector; every screen, alert and API answer reads this one field.
 * In the order in which they demand attention.
 */
export const STATUSES = [
  'failed',
  'stalled',
  'lost',
  'undelivered',
  'slow',
  'waiting',
  'running',
  'cancelled',
  'completed',
] as const

export type Status = (typeof STATUSES)[number]

/** Statuses of a run that may still speak. `undelivered` is settled: the run itself completed. */
export const OPEN_STATUSES: ReadonlySet<Status> = new Set(['stalled', 'lost', 'slow', 'waiting', 'running'])

/**
 * The work stands still: `stalled` in a process that lives, `lost` with one that does not. A run that goes from one to
 * the other stands where it stood.
 */
export const STANDING_STATUSES: ReadonlySet<Status> = new Set(['stalled', 'lost'])

/** A deadline passed in silence: the work stands still, or its answer does. */
export const FLAGGED_STATUSES: ReadonlySet<Status> = new Set([...STANDING_STATUSES, 'undelivered'])

/** Statuses a person should look at. */
export const TROUBLED_STATUSES: ReadonlySet<Status> = new Set(['failed', 'stalled', 'lost', 'undelivered', 'slow'])

/** Why a run is where it is. A closed list: each cause must quote the record that proves it. */
export const CAUSES = [
  'never-started',
  'queued',
  'rejected',
  'model-silent',
  'reasoning-loop',
  'tool-silent',
  'between-steps',
  'exception-swallowed',
  'loop-blocked',
  'process-lost',
  'waiting-too-long',
  'terminal-skipped',
  'false-completion',
  'contradictory-terminals',
  'unrouted',
  'unwritten',
  'unreceived',
  'misrouted',
  'client-gone',
  'telemetry-lost',
  'unknown',
] as const

export type Cause = (typeof CAUSES)[number]

/**
 * How much a verdict rests on.
 *
 * - `T1` an open span and a live pulse: stalled at that step
 * - `T2` an open span and no pulse: the process is lost, at that step
 * - `T3` finished spans or ancestor paths only: incomplete after the last finished child
 * - `T4` socket evidence only
 */
export type Confidence = 'T1' | 'T2' | 'T3' | 'T4'
