import { OPEN_STATUSES } from '../../contract/statuses.ts'
import type { DeliverySummary, RunRow, Verdict } from '../../contract/runs.ts'
import { toIso } from '../../contract/units.ts'
import type { RunFacts } from '../run.ts'

/** A run as lists show it. */
export function makeRow(run: RunFacts, verdict: Verdict, delivery: DeliverySummary): RunRow {
  return {
    id: run.id,
    rev: run.rev,
    traceId: run.traceId,
    agent: run.agent,
    service: run.service,
    version: run.version,
    environment: run.environment,
    userId: run.userId,
    sessionId: run.sessionId,
    status: verdict.status,
    step: verdict.step,
    cause: verdict.cause,
    confidence: verdict.confidence,
    explainedBy: verdict.explainedBy,
    isUnconfirmed: verdict.unconfirmed !== null,
    startedAt: toIso(run.startedAt),
    lastProgressAt: toIso(run.progressAt),
    endedAt: OPEN_STATUSES.has(verdict.status) ? null : toIso(run.endedAt ?? run.outcomeAt ?? run.progressAt),
    events: run.messagesEmitted,
    delivery,
  }
}
