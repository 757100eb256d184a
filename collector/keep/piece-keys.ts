import type { Signal } from '../signal.ts'

/**
 * Under which keys a log entry must be found again: the traces it speaks of, its connections, and runs that come
 * without a trace. Pulses are left out: a run that stands still for an hour would collect 700 of them.
 */
export function pieceKeys(signals: readonly Signal[]): ReadonlySet<string> {
  const keys = new Set<string>()
  for (const signal of signals) {
    switch (signal.kind) {
      case 'span':
      case 'log':
        keys.add(signal.traceId)
        break
      case 'run':
      case 'delivery':
        keys.add(signal.traceId ?? runKey(signal.runId))
        break
      case 'connection':
        keys.add(connectionKey(signal.connectionId))
        break
      case 'pulse':
        break
    }
  }
  return keys
}

export function connectionKey(connectionId: string): string {
  return `conn:${connectionId}`
}

export function runKey(runId: string): string {
  return `run:${runId}`
}
