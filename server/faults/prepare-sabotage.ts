/** The faults as a table: what each one changes about a run. */
import { sleep, type Clock } from '../../contract/clock.ts'
import type { Millis } from '../../contract/units.ts'
import type { FaultName } from '../fault.ts'
import { noSabotage, type Sabotage } from '../sabotage.ts'

export interface SabotageSettings {
  readonly clock: Clock
  readonly blockMs: Millis
  /** Ask a server that never answers; rejects only when the signal aborts. */
  askSilentServer(signal: AbortSignal): Promise<void>
  /** End this process now, without a goodbye. */
  die(): void
}

/** Chunks that pass before the model's stream misbehaves: enough to look alive. */
const HEALTHY_CHUNKS = 6
/** Long enough for the tool's open span to be reported (≤ 250 ms) before the process is gone. */
const DEATH_AFTER_MS: Millis = 800

/** @param fault null for a healthy run */
export function prepareSabotage(fault: FaultName | null, settings: SabotageSettings): Sabotage {
  return fault === null ? noSabotage : { ...noSabotage, ...changesOf(fault, settings) }
}

function changesOf(fault: FaultName, { clock, blockMs, askSilentServer, die }: SabotageSettings): Partial<Sabotage> {
  switch (fault) {
    case 'removed-singleton':
      // A refactoring took the singleton and, with it, its key of the status; the reader of the key was left behind.
      return { dependencies: { notifier_available: true, model_available: true }, swallowsFailures: true }
    case 'hung-tool':
      return { beforeTool: askSilentServer }
    case 'half-open-model':
      return { beforeChunk: (count) => (count > HEALTHY_CHUNKS ? new Promise(() => {}) : Promise.resolve()) }
    case 'blocked-loop': {
      let isOver = false
      return {
        async beforeChunk(count) {
          if (isOver || count < HEALTHY_CHUNKS) return
          isOver = true
          holdThread(clock, blockMs)
        },
      }
    }
    case 'exit-mid-run':
      return {
        async beforeTool() {
          await sleep(clock, DEATH_AFTER_MS)
          die()
          // The signal is delivered a moment later; the tool must not go on meanwhile.
          await new Promise(() => {})
        },
      }
    case 'skipped-terminal':
      return { skipsTerminal: true }
  }
}

function holdThread(clock: Clock, length: Millis): void {
  const until = clock.now() + length
  while (clock.now() < until);
}
