import type { Instant } from '../../contract/units.ts'
import type { RunFacts, Terminal } from '../run.ts'
import type { RunSignal } from '../signal.ts'
import { decideOutcome, noteTerminal } from './decide-outcome.ts'

/** Fold what a run says about itself outside any span. @returns true when it is news. */
export function foldRun(run: RunFacts, signal: RunSignal, receivedAt: Instant): boolean {
  run.heardAt = Math.max(run.heardAt, receivedAt)
  run.toldAgent ??= signal.agent
  run.agent ??= signal.agent
  run.userId ??= signal.userId
  run.sessionId ??= signal.sessionId
  run.traceId ??= signal.traceId
  run.contract ??= signal.source.contract
  noteSaid(run, signal)
  const wasTold = run.tellsRecords
  run.tellsRecords ||= signal.owesEnd
  const isNews = foldState(run, signal, receivedAt) || run.tellsRecords !== wasTold
  if (isNews) run.progressAt = Math.max(run.progressAt, receivedAt)
  endTurns(run)
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
    case 'queued': {
      const isFirst = run.queuedAt === null
      run.queuedAt = Math.min(run.queuedAt ?? at, at)
      return isFirst
    }
    case 'started': {
      noteWork(run, signal)
      const isFirst = run.agentStartedAt === null
      run.agentStartedAt = Math.min(run.agentStartedAt ?? at, at)
      return isFirst
    }
    case 'waiting': {
      if (signal.at <= (run.waitToldAt ?? -Infinity)) return false
      run.waitToldAt = signal.at
      run.waitingAt = at
      return true
    }
    case 'resumed': {
      const isOver = run.waitToldAt === null || signal.at > run.waitToldAt
      if (!isOver && (signal.at !== run.waitToldAt || run.waitingAt === null)) return false
      run.waitToldAt = signal.at
      run.waitingAt = null
      run.resumedAt = at
      return true
    }
    case 'progressed':
      return noteWork(run, signal)
    case 'answered': {
      const isOld = run.terminals.some((held) => isAnswer(held) && held.seq >= signal.at)
      if (isOld) return false
      // The latest answer stands for all.
      run.terminals = run.terminals.filter((held) => !isAnswer(held))
      const { at: saidAt, reason } = signal
      return noteTerminal(run, { by: 'record', outcome: 'succeeded', event: null, seq: saidAt, reason, at, saidAt })
    }
    case 'ended': {
      const outcome = signal.outcome ?? 'succeeded'
      return noteTerminal(run, { by: 'record', outcome, event: null, seq: 0, reason: signal.reason, at, saidAt: at })
    }
  }
}

/** Words that a run says again each time they come true. */
const SAID_AGAIN: ReadonlySet<RunSignal['state']> = new Set(['waiting', 'resumed', 'progressed', 'answered'])

function noteSaid({ said }: RunFacts, { state, at }: RunSignal): void {
  const held = said[state] ?? at
  said[state] = SAID_AGAIN.has(state) ? Math.max(held, at) : Math.min(held, at)
}

function noteWork(run: RunFacts, { at }: RunSignal): boolean {
  const isNews = run.workedAt === null || run.workedAt < at
  run.workedAt = Math.max(run.workedAt ?? at, at)
  return isNews
}

/** Records are numbered 0; an answer has its moment. */
const isAnswer = ({ by, seq }: Terminal): boolean => by === 'record' && seq > 0

/** An agent may say something and go on: then its answer was not the end. */
function endTurns(run: RunFacts): void {
  for (const held of run.terminals) if (isAnswer(held)) held.endsTurn = held.seq < (run.workedAt ?? -Infinity)
}
