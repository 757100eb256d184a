import type { Verdict } from '../../contract/runs.ts'
import type { Contracts } from '../contracts.ts'
import type { Circumstances } from '../judgement.ts'
import type { BookRun, BookState } from './book-state.ts'
import { beatLookAt } from './fold-pulse.ts'

/** What the judge is told of a run that it has not judged yet. */
export const NO_VERDICT: Verdict = {
  status: 'running',
  step: null,
  cause: null,
  since: '',
  deadline: null,
  limit: null,
  confidence: 'T4',
  otherwise: null,
  unconfirmed: null,
  evidence: [],
  explainedBy: null,
  lateByMs: null,
}

/** Everything a verdict on a run may rest on, as the book has it now. */
export function circumstancesOf(state: BookState, contracts: Contracts, run: BookRun): Circumstances {
  const instance = state.instances.get(run.facts.instance ?? '') ?? null
  return {
    run: run.facts,
    instance,
    silence: state.sourceBook.explained.get(run.facts.instance ?? '') ?? null,
    beatLookAt: instance === null ? null : beatLookAt(instance, contracts),
    connection: (id) => state.connections.get(id) ?? null,
    gaps: state.gaps,
    before: run.judged?.verdict ?? null,
  }
}
