/** What a made run has besides its spans: deliveries, the checklist made of them, evidence and logs. */
import type { Phase } from '../../../contract/phases.ts'
import { CRITICAL_EVENTS, type CriticalEvent } from '../../../contract/events.ts'
import type { ChecklistItem, DeliveryView, Evidence, LogView } from '../../../contract/runs.ts'
import { OPEN_STATUSES, type Status } from '../../../contract/statuses.ts'
import { toIso, type Instant } from '../../../contract/units.ts'
import type { Ids } from './make-spans.ts'

export function makeDeliveries(startedAt: Instant, until: Instant, status: Status, spanId: string): DeliveryView[] {
  const isOpen = OPEN_STATUSES.has(status)
  const events = ['run_accepted', 'agent_started', 'agent_thinking']
  for (let index = 0; index < 40; index++) events.push('progress_update')
  events.push('tool_executing')
  if (!isOpen) events.push('tool_completed', 'agent_completed')
  return events.map((event, index) => {
    const at = startedAt + ((until - startedAt) * (index + 0.5)) / events.length
    const isLost = status === 'undelivered' && (index === events.length - 1 || index === 20)
    return {
      seq: index + 1,
      event,
      connectionId: 'conn_9f2k',
      attempt: 1,
      spanId,
      bytes: 180 + ((index * 37) % 400),
      targets: 1,
      states: [
        { state: 'emitted' as const, at: toIso(at) },
        { state: 'routed' as const, at: toIso(at + 1) },
        { state: 'written' as const, at: toIso(at + 3) },
        ...(isLost
          ? [{ state: 'dropped' as const, at: toIso(at + 2_000) }]
          : isOpen && index === events.length - 1
            ? []
            : [{ state: 'received' as const, at: toIso(at + 40) }]),
      ],
      reason: isLost ? 'backpressure' : null,
    }
  })
}

const PHASE_OF: Readonly<Record<CriticalEvent, Phase>> = {
  agent_started: 'started',
  agent_thinking: 'reasoning',
  tool_executing: 'tool',
  tool_completed: 'tool',
  agent_completed: 'terminal',
}

export function makeChecklist(deliveries: readonly DeliveryView[], isOpen: boolean, status: Status): ChecklistItem[] {
  return CRITICAL_EVENTS.map((event: CriticalEvent) => {
    const sent = deliveries.filter((delivery) => delivery.event === event)
    const [first] = sent
    const last = first?.states.at(-1)?.state ?? null
    const missing = isOpen ? (status === 'stalled' && event === 'tool_completed' ? 'overdue' : 'pending') : 'skipped'
    return {
      event,
      phase: PHASE_OF[event],
      state: first ? ('done' as const) : missing,
      at: first?.states[0]?.at ?? null,
      count: sent.length,
      delivery: last,
      seq: first?.seq ?? null,
    }
  })
}

export function makeEvidence(status: Status, spanId: string, acceptedAt: string): Evidence[] {
  switch (status) {
    case 'stalled':
      return [
        {
          text: 'span execute_tool search_orders is open and its process lists it in every pulse',
          ref: `span:${spanId}`,
        },
        { text: 'tool_executing was sent (seq 44), no tool_completed followed', ref: 'delivery:44' },
        { text: 'the last pulse of agent-runtime-7f9c came 3 s ago, loop delay 4 ms', ref: 'pulse:agent-runtime-7f9c' },
        { text: 'accepted by a run record', ref: `log:accepted@${acceptedAt}` },
      ]
    case 'failed':
      return [{ text: "KeyError: 'orchestrator' at agent_service_core.py:539", ref: `span:${spanId}` }]
    case 'lost':
      return [
        {
          text: 'span execute_tool search_orders is open; its process has sent no pulse for 40 s',
          ref: `span:${spanId}`,
        },
        { text: 'the last pulse of agent-runtime-7f9c did not say goodbye', ref: 'pulse:agent-runtime-7f9c' },
      ]
    case 'slow':
      return [{ text: 'no chunk for 50 s; suspect after 45 s, stalled after 3 m', ref: `span:${spanId}` }]
    case 'undelivered':
      return [
        { text: 'agent_completed (seq 46) was written, never acknowledged', ref: 'delivery:46' },
        { text: 'connection conn_9f2k is open and acknowledged seq 45', ref: 'connection:conn_9f2k' },
      ]
    default:
      return []
  }
}

export function makeLogs(startedAt: Instant, progressAt: Instant, ids: Ids, status: Status): LogView[] {
  const log = (at: Instant, severity: string, body: string): LogView => ({
    at: toIso(at),
    severity,
    event: null,
    body,
    spanId: ids.step,
    attributes: {},
  })
  return [
    { ...log(startedAt + 5, 'INFO', 'run accepted'), event: 'laststep.run' },
    log(startedAt + 20, 'INFO', 'request accepted'),
    log(startedAt + 900, 'INFO', 'orchestrator created for user u_8812'),
    log(progressAt - 10, 'WARN', 'waiting for orders-db-2: no free connection in the pool'),
    ...(status === 'failed' ? [log(progressAt, 'ERROR', "KeyError: 'orchestrator'")] : []),
  ]
}
