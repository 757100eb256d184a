/** Faults between the acceptance of a request and the start of its agent. */
import { noSabotage } from '../sabotage.ts'
import type { FaultTable } from './fault-table.ts'
import { forever, untilAborted } from './never.ts'

export const startFaults = {
  // The bus takes the message. Its reader was registered under a name that has changed.
  'not-forwarded': () => ({ beforeStart: forever }),

  'leaked-lock': () => ({ beforeStart: takeLock }),

  // A refactoring took the singleton and, with it, its key of the status; the reader of the key was left behind.
  'removed-singleton': () => ({ dependencies: withoutSingleton(), onFailure: { do: 'swallow' } }),

  'factory-import-error': () => ({ importContext: importUserContext, onFailure: { do: 'swallow' } }),

  'canned-answer': () => ({
    dependencies: withoutSingleton(),
    onFailure: { do: 'complete', result: { text: 'Successfully processed your request using recovery mechanism' } },
  }),

  'success-by-envelope': () => ({ dependencies: withoutSingleton(), onFailure: { do: 'claim-success' } }),
} satisfies FaultTable

function withoutSingleton(): Readonly<Record<string, boolean>> {
  const { orchestrator_available: _gone, ...left } = noSabotage.dependencies
  return left
}

/** The lock of a session, as the run before left it: taken, and the only one who could give it back is dead. */
function takeLock(signal: AbortSignal, queued: (reason: string) => void): Promise<void> {
  queued('another run holds the lock of the session')
  return untilAborted(signal)
}

class ImportError extends Error {
  override readonly name = 'ImportError'
}

/** The function moved to another module in the same change that began to import it from here. */
async function importUserContext(): Promise<void> {
  const module: Readonly<Record<string, unknown>> = await import('../run-scope.ts')
  if (!('getUserExecutionContext' in module))
    throw new ImportError("cannot import name 'getUserExecutionContext' from 'server/run-scope.ts'")
}
