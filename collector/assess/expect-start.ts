/** What is expected of a run that has been accepted: to get its turn, and to start. */
import type { Instant } from '../../contract/units.ts'
import { isTold } from '../open-pairs.ts'
import type { Progression } from '../progression.ts'
import type { Circumstances } from '../judgement.ts'
import type { OpenSpan, RunFacts } from '../run.ts'
import { budgetFor } from './budget-for.ts'
import { expectWithin, type Expectation } from './expectation.ts'
import { findSteps, hasBegun, stepBetween, stepOf, stepOfThrown } from './find-step.ts'
import { waitedUntil } from './find-waiting.ts'
import { evidence } from './write-evidence.ts'

/** Accepted, but the agent has not started: its runtime says that it waits for its turn, or says nothing. */
export function expectStart({ run, gaps }: Circumstances, progression: Progression): Expectation | null {
  const acceptedAt = run.acceptedAt ?? run.queuedAt ?? run.spanOpenedAt
  if (hasBegun(run) || acceptedAt === null) return null
  const [inside] = findSteps(run)
  const thrown = run.exception
  const queuedAt = thrown === null ? queuedSince(run, inside) : null
  if (queuedAt !== null)
    return expectWithin(budgetFor(progression, run.agent, 'queued', null), queuedAt, gaps, {
      cause: 'queued',
      step: (inside && stepOf(inside)) ?? stepBetween(run),
      evidence: () => [evidence.queued(run, queuedAt, progression), ...(inside ? [evidence.openStep(inside)] : [])],
    })
  if (!isTold(run)) return null
  const since = Math.max(acceptedAt, leftQueueAt(run, inside), waitedUntil(run, progression))
  return expectWithin(budgetFor(progression, run.agent, 'started', null), since, gaps, {
    cause: thrown === null ? 'never-started' : 'exception-swallowed',
    step: thrown !== null ? stepOfThrown(run, thrown) : inside ? stepOf(inside) : stepBetween(run),
    evidence: () => [
      ...(thrown === null ? [] : [evidence.thrown(thrown)]),
      evidence.accepted(run, acceptedAt, progression),
      ...(inside ? [evidence.openStep(inside)] : []),
    ],
  })
}

/** Since when the run says that it waits for its turn; null when it does not, or has had it. */
function queuedSince(run: RunFacts, inside: OpenSpan | undefined): Instant | null {
  if (inside?.phase === 'started') return null
  if (run.queuedAt !== null) return run.queuedAt
  return inside?.phase === 'accepted' && inside.waiting ? inside.openedAt : null
}

/** A run's patience with its start begins when its turn has come. */
function leftQueueAt(run: RunFacts, inside: OpenSpan | undefined): Instant {
  const acceptanceEndedAt = run.steps.accepted?.lastEndedAt ?? -Infinity
  return inside?.phase === 'started' ? Math.max(inside.openedAt, acceptanceEndedAt) : acceptanceEndedAt
}
