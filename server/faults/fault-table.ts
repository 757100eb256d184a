/** The form of a fault: what it changes about a run. Each file of this folder is a table of those that bite in one place. */
import type { Clock } from '../../contract/clock.ts'
import type { Millis } from '../../contract/units.ts'
import type { RunFaultName } from '../fault.ts'
import type { Sabotage } from '../sabotage.ts'

export interface SabotageSettings {
  readonly clock: Clock
  readonly blockMs: Millis
  /** Ask a server that never answers; rejects only when the signal aborts. */
  askSilentServer(signal: AbortSignal): Promise<void>
  /** End this process now, without a goodbye. */
  die(): void
}

export type PrepareFault = (settings: SabotageSettings) => Partial<Sabotage>

export type FaultTable = Partial<Record<RunFaultName, PrepareFault>>
