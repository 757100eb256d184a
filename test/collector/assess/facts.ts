/** Facts about a run with everything unsaid left at its plainest, and the circumstances around them. */
import { newRun } from '../../../collector/assemble/book-state.ts'
import type { Circumstances } from '../../../collector/judgement.ts'
import type {
  ConnectionFacts,
  InstanceFacts,
  MessageFacts,
  OpenSpan,
  RunFacts,
  SendFacts,
} from '../../../collector/run.ts'
import { START } from '../../kit/manual-clock.ts'

const SOURCE = {
  service: 'agents',
  version: '1.0',
  environment: 'test',
  instance: 'p1',
  workingDirectory: null,
  contract: null,
}

export function runFacts(own: Partial<RunFacts> = {}): RunFacts {
  const run = { ...newRun('run_1', SOURCE, START), agent: 'research', userId: 'alice', ...own }
  return { ...run, spansSeen: own.spansSeen ?? Object.keys(run.open).length }
}

export function openSpan(own: Partial<OpenSpan> = {}): OpenSpan {
  return {
    spanId: 's2',
    parentSpanId: 's1',
    name: 'execute_tool search',
    phase: 'tool',
    stepName: 'search',
    code: null,
    seq: 0,
    openedAt: START,
    startedAt: START,
    progressAt: own.openedAt ?? START,
    progress: 0,
    waiting: false,
    thoughtAt: null,
    unreported: false,
    stopReason: null,
    repeatedEvery: null,
    heardAt: START,
    isAgent: false,
    learned: null,
    ...own,
  }
}

export const ROOT = openSpan({
  spanId: 's1',
  parentSpanId: null,
  name: 'invoke_agent research',
  phase: null,
  stepName: null,
})

export function message(own: Partial<MessageFacts> & { sends?: Record<string, SendFacts> } = {}): MessageFacts {
  return {
    seq: 1,
    event: 'agent_completed',
    emittedAt: START,
    targets: 1,
    spanId: null,
    toolCallId: null,
    sends: {},
    ...own,
  }
}

export function send(at: SendFacts['at'], own: Partial<SendFacts> = {}): Record<string, SendFacts> {
  return { 'c1/1': { connectionId: 'c1', attempt: 1, at, reason: null, ...own } }
}

export function connection(own: Partial<ConnectionFacts> = {}): ConnectionFacts {
  return {
    id: 'c1',
    service: 'agents',
    environment: 'test',
    instance: 'p1',
    contract: null,
    userId: 'alice',
    acks: true,
    stream: null,
    openedAt: START,
    isOpeningTold: true,
    isSubprotocolRefused: false,
    framesLost: 0,
    authenticatedAt: START,
    readyAt: START,
    closedAt: null,
    closeCode: null,
    clientCloseCode: null,
    closeReason: null,
    closedBy: null,
    counted: 'ready',
    ...own,
  }
}

export function instance(own: Partial<InstanceFacts> = {}): InstanceFacts {
  return {
    instance: 'p1',
    pulseSeq: 1,
    pulseSaidAt: START,
    pulseAt: START,
    intervalMs: 5_000,
    loopBlockedSince: null,
    loopBlockedMs: 0,
    loopDelayMs: null,
    clock: { pulses: 1, behindMs: 0, behindMsBefore: null },
    stopped: false,
    ...own,
  }
}

export function circumstances(run: RunFacts, own: Partial<Circumstances> = {}): Circumstances {
  const nobody = { instance: null, silence: null, beatLookAt: null }
  return { run, ...nobody, connection: () => null, gaps: [], before: null, ...own }
}
