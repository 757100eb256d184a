/** Numbers for messages that carry none, and how often one was sent. */

/** Runs whose numbering is remembered. */
const RUNS_MAX = 10_000
/** Runs per connection of which is remembered how far they came. */
const RUNS_PER_CONNECTION_MAX = 256

interface Numbering {
  seq: number
  /** The message numbered last: its text, or the object it is. */
  last: unknown
  /** Connections it went to. */
  readonly sentTo: Set<object>
}

export interface MessageNumbers {
  /**
   * The number of a message that has none. The same message to another connection keeps its number: it is the same
   * when it is the run's last and this connection has not had it. Without a connection it is a new one.
   */
  numberOf(runId: string, message: unknown, connection: object | null): number
}

export function numberMessages(): MessageNumbers {
  const runs = new Map<string, Numbering>()
  return {
    numberOf(runId, message, connection) {
      const run = runs.get(runId) ?? { seq: 0, last: undefined, sentTo: new Set() }
      remember(runs, runId, run, RUNS_MAX)
      if (run.seq === 0 || run.last !== message || connection === null || run.sentTo.has(connection)) {
        run.seq++
        run.last = message
        run.sentTo.clear()
      }
      if (connection !== null) run.sentTo.add(connection)
      return run.seq
    },
  }
}

export interface AttemptCounter {
  /** 1, and one more whenever a run's messages begin again over the same connection. */
  attemptOf(runId: string, seq: number): number
}

/** For one connection. */
export function countAttempts(): AttemptCounter {
  const runs = new Map<string, { seq: number; attempt: number }>()
  /** Most messages are of the same run as the one before. */
  let latest = ''
  return {
    attemptOf(runId, seq) {
      const run = runs.get(runId) ?? { seq: 0, attempt: 1 }
      if (seq <= run.seq) run.attempt++
      run.seq = seq
      if (runId !== latest) remember(runs, runId, run, RUNS_PER_CONNECTION_MAX)
      latest = runId
      return run.attempt
    },
  }
}

/** Keep at most `max`; the one longest not spoken of is forgotten first. */
export function remember<T>(runs: Map<string, T>, runId: string, value: T, max: number): void {
  runs.delete(runId)
  runs.set(runId, value)
  if (runs.size <= max) return
  for (const oldest of runs.keys()) {
    runs.delete(oldest)
    return
  }
}
