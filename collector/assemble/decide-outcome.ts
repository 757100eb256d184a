import { hasFailed, type RunFacts, type Terminal } from '../run.ts'

/**
 * Note a run's word that it ended. Said again, it is the same terminal.
 * @returns true when it is news.
 */
export function noteTerminal(run: RunFacts, said: Omit<Terminal, 'endsTurn'>): boolean {
  const known = run.terminals.find(
    (held) => held.by === said.by && held.seq === said.seq && held.outcome === said.outcome,
  )
  if (known !== undefined) {
    known.at = Math.min(known.at, said.at)
    return false
  }
  const terminal = { ...said, endsTurn: false }
  // Four show that a run contradicts itself; more would only repeat it.
  run.terminals = [...run.terminals, terminal].sort(byRank).slice(0, 4)
  return run.terminals.includes(terminal)
}

/**
 * How the run ended, by the best word we have. A runtime that tells about its messages ends a run by its terminal
 * message and by nothing else, since that is what the user waits for. One that sends run records ends it by these;
 * any other by the end of its run span.
 */
export function decideOutcome(run: RunFacts): void {
  const words = run.terminals.filter((terminal) => !terminal.endsTurn)
  const [terminal, ...others] = run.tellsDeliveries ? words.filter(isMessage) : words
  if (terminal !== undefined) {
    run.outcome = terminal.outcome
    run.outcomeAt = terminal.at
    run.outcomeEvent = terminal.event
    run.outcomeReason = terminal.reason
    run.endedAt = terminal.saidAt
    run.contradictions = [...new Set(others.map((other) => other.outcome))].filter((said) => said !== terminal.outcome)
    return
  }
  run.endedAt = run.spanFinishedAt
  const isHanded = run.deferral !== null && run.takenUpBy === null
  const bySpan = run.spanEndedAt !== null && !isHanded && !run.tellsDeliveries && !run.tellsRecords
  run.outcome = bySpan ? (hasFailed(run) ? 'failed' : 'succeeded') : null
  run.outcomeAt = bySpan ? run.spanEndedAt : null
  run.outcomeEvent = null
  run.outcomeReason = null
  run.contradictions = []
}

const isMessage = (terminal: Terminal): boolean => terminal.by === 'message'

/** Messages before records; of messages the first by its seq, which the runtime gave; then by text, to be sure. */
function byRank(a: Terminal, b: Terminal): number {
  if (a.by !== b.by) return a.by === 'message' ? -1 : 1
  return a.seq - b.seq || (a.outcome < b.outcome ? -1 : 1)
}
