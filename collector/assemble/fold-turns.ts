import { findOpenPairs, turnSeqOf } from '../open-pairs.ts'
import type { Progression } from '../progression.ts'
import type { RunFacts } from '../run.ts'

/**
 * A run of several turns says that it ended at the end of each. The word of a turn after which another began is void;
 * that of the turn at hand ends the run unless the turn leaves a call to answer or somebody to wait for.
 */
export function foldTurns(run: RunFacts, progression: Progression): void {
  if (!progression.turns || run.terminals.length === 0) return
  const turnSeq = turnSeqOf(run, progression)
  run.terminals = run.terminals.filter((terminal) => terminal.by === 'record' || terminal.seq > turnSeq)
  const open = findOpenPairs(run, progression).filter(({ rule }) => rule.phase === 'tool' || rule.phase === 'waiting')
  for (const terminal of run.terminals)
    terminal.endsTurn = terminal.outcome === 'succeeded' && open.some(({ message }) => message.seq < terminal.seq)
}
