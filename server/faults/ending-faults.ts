/** Faults between the last tool and the end. */
import type { Clock } from '../../contract/clock.ts'
import type { Millis } from '../../contract/units.ts'
import type { Notifier } from '../run-scope.ts'
import type { FaultTable } from './fault-table.ts'
import { forever, untilAborted } from './never.ts'

const HEARTBEAT_MS: Millis = 500

export const endingFaults = {
  'dead-task': () => ({ afterAgent: forever }),

  'zombie-heartbeat': ({ clock }) => ({
    afterAgent: (notifier, signal) => beatForDead(notifier, signal, clock),
  }),

  'stalled-synthesis': () => ({
    beforeModel: (count, signal) => (count === 1 ? Promise.resolve() : untilAborted(signal)),
  }),

  'failed-persist': () => ({
    onFailure: { do: 'swallow' },
    async persist() {
      throw new Error('could not store the answer: the database is read-only')
    },
  }),

  'skipped-terminal': () => ({ skipsTerminal: true }),

  'untold-error': () => ({ callModel: loseProvider, onFailure: { do: 'throw' } }),

  // `complete_execution(context, None)` of the incident this replays: the text of nothing became the answer.
  'false-completion': () => ({ callModel: loseProvider, onFailure: { do: 'complete', result: 'None' } }),

  'deaf-to-cancel': () => ({ heedsCancel: false }),
} satisfies FaultTable

async function loseProvider(): Promise<void> {
  throw new Error('the model provider closed the connection')
}

/** The timer was started beside the task and outlives it. */
function beatForDead(notifier: Notifier, signal: AbortSignal, clock: Clock): Promise<void> {
  const timer = clock.every(HEARTBEAT_MS, () => notifier.emit('heartbeat', {}))
  return untilAborted(signal).finally(() => timer.cancel())
}
