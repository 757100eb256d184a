import type { Evidence, Verdict } from '../../contract/runs.ts'
import type { Cause, Status } from '../../contract/statuses.ts'
import { toIso, type Instant } from '../../contract/units.ts'
import { ruleOf, type Progression } from '../progression.ts'
import type { RunFacts } from '../run.ts'
import type { DeliveryJudgement } from './judge-delivery.ts'
import { evidence } from './write-evidence.ts'

/**
 * The verdict on a run that has ended by its own word. What the word is worth is checked against its spans; whether
 * it arrived is the second axis and changes `completed` alone.
 * @returns a verdict that holds since `now` unless it is dated by a deadline.
 */
export function judgeEnding(
  run: RunFacts,
  delivery: DeliveryJudgement,
  progression: Progression,
  now: Instant,
): Omit<Verdict, 'confidence' | 'unconfirmed' | 'explainedBy'> {
  const endedAt = run.outcomeAt ?? run.progressAt
  const own = weighOutcome(run, progression)
  const overdue = own.status === 'completed' ? delivery.overdue : null
  const settled = { step: null, deadline: null, limit: null }
  if (overdue !== null) {
    const { cause, dueAt, otherwise } = overdue
    const lines = [...overdue.evidence, ...own.evidence]
    return {
      ...settled,
      status: 'undelivered',
      cause,
      since: toIso(dueAt),
      deadline: toIso(dueAt),
      lateByMs: null,
      evidence: lines,
      otherwise,
    }
  }
  if (own.status === 'completed') own.evidence.push(...delivery.unproven)
  const lateByMs = own.status === 'completed' ? lateness(run, endedAt, delivery.confirmedAt) : null
  return { ...settled, ...own, since: toIso(now), lateByMs, otherwise: null }
}

function weighOutcome(
  run: RunFacts,
  progression: Progression,
): { status: Status; cause: Cause | null; evidence: Evidence[] } {
  const said = run.terminals
    .slice(0, 2)
    .map((terminal) => evidence.terminal(run, terminal, ruleOf(progression, terminal.event ?? '')))
  const thrown = run.exception === null ? [] : [evidence.thrown(run.exception)]
  if (run.contradictions.length > 0) return { status: 'failed', cause: 'contradictory-terminals', evidence: said }
  switch (run.outcome) {
    case 'cancelled':
      return { status: 'cancelled', cause: null, evidence: said }
    case 'failed': {
      const lines = said.length > 0 ? said : [evidence.outcomeBySpan(run)]
      const isRejected = ruleOf(progression, run.outcomeEvent ?? '')?.phase === 'accepted'
      const cause = isRejected ? 'rejected' : null
      return { status: 'failed', cause, evidence: [...lines, ...thrown] }
    }
    case 'succeeded':
    case null: {
      // A runtime that says "completed" after a failure it did not get over says so to a user who got no answer.
      const isFalse = said.length > 0 && run.exception?.status === 'error'
      if (isFalse) return { status: 'failed', cause: 'false-completion', evidence: [...said, ...thrown] }
      const lines = said.length > 0 ? said : [evidence.outcomeBySpan(run)]
      const { deferral } = run
      const wait =
        deferral === null || run.takenUpBy === null ? [] : [evidence.deferred(deferral), evidence.takenUp(run)]
      return { status: 'completed', cause: null, evidence: [...wait, ...lines] }
    }
  }
}

/** How far past the deadline it was flagged for the run completed or, flagged for its delivery, was confirmed. */
function lateness(run: RunFacts, endedAt: Instant, confirmedAt: Instant | null): number | null {
  if (run.flaggedAt === null) return null
  const arrivedAt = endedAt > run.flaggedAt ? endedAt : confirmedAt
  return arrivedAt === null || arrivedAt <= run.flaggedAt ? null : arrivedAt - run.flaggedAt
}
