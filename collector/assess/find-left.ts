import { toIso, type Instant } from '../../contract/units.ts'
import type { Evidence } from '../../contract/runs.ts'
import type { Circumstances } from '../judgement.ts'
import type { Progression } from '../progression.ts'
import { hasFailed, type ConnectionFacts, type RunFacts } from '../run.ts'
import { budgetFor } from './budget-for.ts'
import { endedWithoutWord } from './expect-progress.ts'
import { findDeadline } from './find-deadline.ts'

/**
 * A response has one client. When it has left every stream of a run before the end, nobody is there to be told of the end:
 * most servers then send nothing more, and many give the run up. Such a run owes no terminal, and ends by its record or its
 * span, as one that tells nothing of its messages does.
 */
export function endByItself(circumstances: Circumstances, progression: Progression): Circumstances {
  const { run, gaps } = circumstances
  if (run.outcome !== null || !run.tellsDeliveries) return circumstances
  const endedAt = endedWithoutWord(run)
  const left = endedAt === null ? null : findLeft(circumstances)
  if (endedAt === null || left === null) return circumstances
  const { stalledMs } = budgetFor(progression, run.agent, 'terminal', null)
  // Whoever leaves after it was due has waited in vain.
  if ((left.closedAt ?? Infinity) > findDeadline(endedAt, stalledMs ?? Infinity, gaps)) return circumstances
  const record = run.terminals.find(({ by }) => by === 'record')
  const ended: RunFacts = {
    ...run,
    outcome: record?.outcome ?? (hasFailed(run) ? 'failed' : 'succeeded'),
    outcomeAt: endedAt,
    outcomeReason: record?.reason ?? null,
    endedAt: record?.saidAt ?? run.spanFinishedAt,
  }
  return { ...circumstances, run: ended }
}

/** The stream that its client left last, when all connections of the run are such streams; null otherwise. */
export function findLeft({ run, connection }: Pick<Circumstances, 'run' | 'connection'>): ConnectionFacts | null {
  let last: ConnectionFacts | null = null
  for (const { sends } of Object.values(run.messages)) {
    for (const { connectionId } of Object.values(sends)) {
      const facts = connectionId === null ? null : connection(connectionId)
      if (facts === null || facts.stream === null || facts.closedAt === null || facts.closedBy !== 'client') return null
      if (last === null || facts.closedAt > (last.closedAt ?? 0)) last = facts
    }
  }
  return last
}

/** A connection that closed after the deadline did not keep a message from arriving in time. */
export function describeClose(closed: ConnectionFacts | null, dueAt: Instant): Evidence | null {
  if (closed === null || closed.closedAt === null || closed.closedAt > dueAt) return null
  const by = closed.closedBy === null ? '' : ` by the ${closed.closedBy}`
  const code = closed.closeCode === null ? '' : ` with code ${closed.closeCode}`
  const text = `connection ${closed.id} was closed${by}${code} at ${toIso(closed.closedAt)}`
  return { text, ref: `connection:${closed.id}` }
}
