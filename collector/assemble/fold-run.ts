import type { Instant } from '../../contract/units.ts'
import type { RunFacts } from '../run.ts'
import type { RunSignal } from '../signal.ts'
import { decideOutcome, noteTerminal } from './decide-outcome.ts'

/** Fold what a run says about itself outside any span. @returns true when it is news. */
export function foldRun(run: RunFacts, signal: RunSignal, receivedAt: Instant): boolean {
  run.heardAt = Math.max(run.heardAt, receivedAt)
  run.agent ??= signal.agent
  run.userId ??= signal.userId
  run.sessionId ??= signal.sessionId
  run.traceId ??= signal.traceId
  run.contract ??= signal.source.contract
  const wasTold = run.tellsRecords
  run.tellsRecords = true
  const isNews = foldState(run, signal, receivedAt) || !wasTold
  if (isNews) run.progressAt = Math.max(run.progressAt, receivedAt)
  decideOutcome(run)
  return isNews
}

function foldState(run: RunFacts, signal: RunSignal, at: Instant): boolean {
  switch (signal.state) {
    case 'accepted': {
      const isFirst = run.acceptedAt === null
      run.acceptedAt = Math.min(run.acceptedAt ?? at, at)
      return isFirst
    }
    case 'started': {
      const isFirst = run.agentStartedAt === null
      run.agentStartedAt = Math.min(run.agentStartedAt ?? at, at)
      return isFirst
    }
    case 'waiting': {
      const isNews = run.waitingAt === null || run.waitingAt < at
      run.waitingAt = Math.max(run.waitingAt ?? at, at)
      return isNews
    }
    case 'resumed': {
      const isNews = run.resumedAt === null || run.resumedAt < at
      run.resumedAt = Math.max(run.resumedAt ?? at, at)
      return isNews
    }
    case 'ended': {
      const outcome = signal.outcome ?? 'succeeded'
      return noteTerminal(run, { by: 'record', outcome, event: null, seq: 0, reason: signal.reason, at, saidAt: at })
    }
  }
}
