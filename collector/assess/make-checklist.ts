import { CRITICAL_EVENTS, type CriticalEvent } from '../../contract/events.ts'
import { DELIVERY_STATES, type DeliveryState } from '../../contract/deliveries.ts'
import type { ChecklistItem, Verdict } from '../../contract/runs.ts'
import { OPEN_STATUSES } from '../../contract/statuses.ts'
import { toIso, type Instant } from '../../contract/units.ts'
import type { Progression } from '../progression.ts'
import type { JudgedRun, RunFacts } from '../run.ts'

/** The five critical events of a run: which it has shown, which it still owes, and how far each got. */
export function makeChecklist(
  { facts: run, verdict }: Pick<JudgedRun, 'facts' | 'verdict'>,
  progression: Progression,
): ChecklistItem[] {
  return CRITICAL_EVENTS.map((event): ChecklistItem => {
    const seen = run.events[event] ?? (run.tellsDeliveries ? null : seenInSpans(run, event))
    if (seen === null) {
      const state = stateOf(run, verdict, progression, event)
      return { event, state, at: null, count: 0, delivery: null, seq: null }
    }
    return {
      event,
      state: 'done',
      at: toIso(seen.firstAt),
      count: seen.count,
      delivery: seen.firstSeq === null ? null : deliveryOf(run, seen.firstSeq),
      seq: seen.firstSeq,
    }
  })
}

interface Seen {
  readonly count: number
  readonly firstAt: Instant
  readonly firstSeq: number | null
}

/** What a run without messages shows by its spans instead. */
function seenInSpans(run: RunFacts, event: CriticalEvent): Seen | null {
  switch (event) {
    case 'agent_started':
      return atOnce(run.agentStartedAt ?? run.spanOpenedAt)
    case 'agent_thinking':
      return counted(run.steps.reasoning?.begun, run.steps.reasoning?.firstAt)
    case 'tool_executing':
      return counted(run.steps.tool?.begun, run.steps.tool?.firstAt)
    case 'tool_completed':
      return counted(run.steps.tool?.ended, run.steps.tool?.firstAt)
    case 'agent_completed':
      return run.outcome === 'succeeded' ? atOnce(run.outcomeAt) : null
  }
}

function atOnce(at: Instant | null): Seen | null {
  return at === null ? null : { count: 1, firstAt: at, firstSeq: null }
}

function counted(count: number | undefined, firstAt: Instant | undefined): Seen | null {
  return count === undefined || count === 0 || firstAt === undefined ? null : { count, firstAt, firstSeq: null }
}

/** Of an event that has not been seen. Thinking and tools are optional, but a tool that began must end. */
function stateOf(
  run: RunFacts,
  verdict: Verdict,
  progression: Progression,
  event: CriticalEvent,
): ChecklistItem['state'] {
  const owesClose = event === 'tool_completed' && ((run.events['tool_executing']?.count ?? 0) > 0 || isToolOpen(run))
  if (!progression.required.includes(event) && !owesClose) return 'optional'
  if (!OPEN_STATUSES.has(verdict.status)) return run.outcome === 'succeeded' || owesClose ? 'skipped' : 'optional'
  const isFlagged = verdict.status === 'stalled' || verdict.status === 'lost'
  return isFlagged && isNextDue(run, event) ? 'overdue' : 'pending'
}

/** What a standing run owes first: its start, else the end of its tool, else its completion. */
function isNextDue(run: RunFacts, event: CriticalEvent): boolean {
  if (run.agentStartedAt === null && run.tellsDeliveries) return event === 'agent_started'
  return event === (isToolOpen(run) ? 'tool_completed' : 'agent_completed')
}

function isToolOpen(run: RunFacts): boolean {
  return Object.values(run.open).some((span) => span.phase === 'tool' && !span.unreported)
}

/** The furthest state over all connections; a dead end only where nothing got further. */
function deliveryOf(run: RunFacts, seq: number): DeliveryState | null {
  const reached = Object.values(run.messages[seq]?.sends ?? {}).flatMap((send) =>
    DELIVERY_STATES.filter((state) => send.at[state] !== undefined),
  )
  const onTheWay = DELIVERY_STATES.slice(0, DELIVERY_STATES.indexOf('dropped'))
  const furthest = onTheWay.findLast((state) => reached.includes(state)) ?? null
  const deadEnd = reached.find((state) => state === 'dropped' || state === 'failed') ?? null
  const isProven = furthest === 'transported' || furthest === 'received' || furthest === 'handled'
  return isProven ? furthest : (deadEnd ?? furthest)
}
