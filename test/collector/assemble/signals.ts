/** Signals with everything unsaid left at its plainest. */
import type { DeliverySignal, PulseSignal, RunSignal, Source, SpanSignal } from '../../../collector/signal.ts'
import { START } from '../../kit/manual-clock.ts'

export const SOURCE: Source = {
  service: 'agents',
  version: '1.0',
  environment: 'test',
  instance: 'p1',
  workingDirectory: null,
  contract: null,
}
export const TRACE = '1'.padStart(32, '0')

export function spanSignal(own: Partial<SpanSignal>): SpanSignal {
  return {
    kind: 'span',
    source: SOURCE,
    traceId: TRACE,
    spanId: '1'.padStart(16, '0'),
    parentSpanId: null,
    name: 'invoke_agent research',
    startedAt: START,
    endedAt: null,
    seq: 0,
    stopReason: null,
    repeatedEvery: null,
    status: 'unset',
    statusMessage: null,
    known: {},
    exception: null,
    ...own,
  }
}

export function deliverySignal(own: Partial<DeliverySignal>): DeliverySignal {
  return {
    kind: 'delivery',
    source: SOURCE,
    runId: 'run_1',
    traceId: TRACE,
    spanId: null,
    seq: 1,
    epoch: 'e1',
    event: 'agent_started',
    toolCallId: null,
    connectionId: 'conn_1',
    attempt: 1,
    states: [{ state: 'emitted', at: START }],
    targets: 1,
    bytes: 100,
    reason: null,
    ...own,
  }
}

export function runSignal(own: Partial<RunSignal>): RunSignal {
  return {
    kind: 'run',
    source: SOURCE,
    runId: 'run_1',
    traceId: TRACE,
    spanId: null,
    at: START,
    state: 'accepted',
    outcome: null,
    reason: null,
    agent: null,
    userId: null,
    sessionId: null,
    owesEnd: true,
    ...own,
  }
}

export function pulseSignal(own: Partial<PulseSignal>): PulseSignal {
  return {
    kind: 'pulse',
    source: SOURCE,
    at: START,
    seq: 1,
    intervalMs: 5_000,
    open: [],
    openNotListed: 0,
    loopDelayMs: 1,
    loopBlockedMs: 0,
    last: false,
    ...own,
  }
}
