/**
 * The progression contract: which events a run must show and within which budgets. Data, read from YAML
 * (`assess/read-progression.ts`), the same for every run until the file changes; its hash is kept with each run.
 */
import type { Outcome, Phase } from '../contract/phases.ts'
import type { Millis } from '../contract/units.ts'

export interface EventRule {
  readonly phase: Phase
  readonly edge: 'open' | 'close' | 'point'
  /** Set on events that end the run. */
  readonly outcome: Outcome | null
  /** The payload key that pairs an opening with its closing. */
  readonly pair: string | null
}

/** Limits on silence. `suspect` makes a run slow, `stalled` makes it stalled. */
export interface Budget {
  readonly suspectMs: Millis | null
  readonly stalledMs: Millis | null
  /** Limits for one tool or model by name. */
  readonly named: Readonly<Record<string, { readonly suspectMs: Millis | null; readonly stalledMs: Millis | null }>>
}

export interface Budgets {
  readonly ready: Budget
  readonly started: Budget
  readonly reasoning: Budget
  readonly tool: Budget
  /** Open run, no open step. */
  readonly between: Budget
  readonly waiting: Budget
  readonly finalise: Budget
  /** From the end of the run span to its terminal message. */
  readonly terminal: Budget
  /** A main thread that does not turn. */
  readonly loop: Budget
  /** Silence of the pulse, in multiples of its own interval, after which the process is lost. */
  readonly pulseIntervalsMissed: number
  readonly runOverrunningMs: Millis
  readonly deliveryConfirmedMs: Millis
}

export interface Progression {
  readonly name: string
  readonly version: number
  /** SHA-256 of the file's meaning, 12 hex digits. */
  readonly hash: string
  readonly events: Readonly<Record<string, EventRule>>
  readonly required: readonly string[]
  readonly budgets: Budgets
  /** Budgets of one agent, laid over the general ones. */
  readonly agents: Readonly<Record<string, Budgets>>
}
