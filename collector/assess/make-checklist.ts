import { DELIVERY_STATES, type DeliveryState } from '../../contract/deliveries.ts'
import type { ChecklistItem, Verdict } from '../../contract/runs.ts'
import { OPEN_STATUSES, STANDING_STATUSES } from '../../contract/statuses.ts'
import { toIso, type Instant } from '../../contract/units.ts'
import { ruleOf, type EventRule, type Progression } from '../progression.ts'
import type { JudgedRun } from '../judgement.ts'
import type { RunFacts } from '../run.ts'

/**
 * The critical events of a run's contract: which it has shown, which it still owes, and how far each got. Events that
 * mean the same stand for one another: a failed tool call has ended as a successful one has.
 */
export function makeChecklist(
  { facts: run, verdict }: Pick<JudgedRun, 'facts' | 'verdict'>,
  progression: Progression,
): ChecklistItem[] {
  return progression.critical.flatMap((key): ChecklistItem[] => {
    const rule = progression.events[key]
    if (rule === undefined) return []
    const seen = run.tellsDeliveries ? seenInMessages(run, rule, progression) : seenInSpans(run, rule)
    if (seen === null) {
      const state = stateOf(run, verdict, progression, rule)
      return [{ event: key, phase: rule.phase, state, at: null, count: 0, delivery: null, seq: null }]
    }
    const { event, count, firstAt, firstSeq } = seen
    const delivery = firstSeq === null ? null : deliveryOf(run, firstSeq)
    return [{ event, phase: rule.phase, state: 'done', at: toIso(firstAt), count, delivery, seq: firstSeq }]
  })
}

interface Seen {
  readonly event: string
  readonly count: number
  readonly firstAt: Instant
  readonly firstSeq: number | null
}

function seenInMessages(run: RunFacts, rule: EventRule, progression: Progression): Seen | null {
  // The word that ends a turn is not the run's.
  if (progression.turns && rule.outcome !== null) return seenTerminal(run, rule)
  const alike = Object.entries(run.events).filter(([type]) => isAlike(ruleOf(progression, type), rule))
  const [first] = alike.toSorted(([, a], [, b]) => a.firstSeq - b.firstSeq)
  if (first === undefined) return null
  const [event, { firstAt, firstSeq }] = first
  return { event, firstAt, firstSeq, count: alike.reduce((sum, [, facts]) => sum + facts.count, 0) }
}

function seenTerminal(run: RunFacts, rule: EventRule): Seen | null {
  const word = run.terminals.find((terminal) => !terminal.endsTurn && terminal.outcome === rule.outcome)
  return word === undefined ? null : { event: word.event ?? rule.key, count: 1, firstAt: word.at, firstSeq: word.seq }
}

function isAlike(a: EventRule | null, b: EventRule): boolean {
  return a?.phase === b.phase && a.edge === b.edge && a.scope === b.scope && a.outcome === b.outcome
}

/** What a run without messages shows by its spans instead. */
function seenInSpans(run: RunFacts, { key, phase, edge, outcome }: EventRule): Seen | null {
  if (outcome !== null) return run.outcome === outcome ? counted(key, 1, run.outcomeAt) : null
  if (phase === 'accepted') return counted(key, 1, run.acceptedAt)
  if (phase === 'started') return counted(key, 1, run.agentStartedAt ?? run.spanOpenedAt)
  const steps = run.steps[phase]
  return counted(key, edge === 'close' ? steps?.ended : steps?.begun, steps?.firstAt)
}

function counted(event: string, count = 0, firstAt: Instant | null = null): Seen | null {
  return count === 0 || firstAt === null ? null : { event, count, firstAt, firstSeq: null }
}

/** Of an event that has not been seen. Thinking and tools are optional, but a tool that began must end. */
function stateOf(run: RunFacts, verdict: Verdict, progression: Progression, rule: EventRule): ChecklistItem['state'] {
  const owesClose = isToolEnd(rule) && (isToolOpen(run, verdict) || hasShownTool(run, progression))
  if (!progression.required.includes(rule.key) && !owesClose) return 'optional'
  if (!OPEN_STATUSES.has(verdict.status)) return run.outcome === 'succeeded' || owesClose ? 'skipped' : 'optional'
  return STANDING_STATUSES.has(verdict.status) && isNextDue(run, verdict, rule) ? 'overdue' : 'pending'
}

/** What a standing run owes first: its start, else the end of its tool, else its completion. */
function isNextDue(run: RunFacts, verdict: Verdict, rule: EventRule): boolean {
  if (run.agentStartedAt === null && run.tellsDeliveries) return rule.phase === 'started'
  return isToolOpen(run, verdict) ? isToolEnd(rule) : rule.outcome !== null
}

function isToolEnd({ phase, edge }: EventRule): boolean {
  return phase === 'tool' && edge === 'close'
}

function isToolOpen(run: RunFacts, { step }: Verdict): boolean {
  const isOpen = Object.values(run.open).some((span) => span.phase === 'tool' && !span.unreported)
  // Only messages tell of a tool that never had a span.
  return isOpen || (step?.phase === 'tool' && run.steps.tool === undefined)
}

function hasShownTool(run: RunFacts, progression: Progression): boolean {
  return Object.keys(run.events).some((type) => {
    const rule = ruleOf(progression, type)
    return rule?.phase === 'tool' && rule.edge === 'open'
  })
}

/** The furthest state over all connections; a dead end only where every way was one and nothing is proven. */
function deliveryOf(run: RunFacts, seq: number): DeliveryState | null {
  const sends = Object.values(run.messages[seq]?.sends ?? {}).map(({ at }) =>
    DELIVERY_STATES.filter((state) => at[state] !== undefined),
  )
  const furthestOf = (reached: readonly DeliveryState[]) =>
    ON_THE_WAY.findLast((state) => reached.includes(state)) ?? null
  const furthest = furthestOf(sends.flat())
  if (furthest === 'transported' || furthest === 'received' || furthest === 'handled') return furthest
  const live = sends.filter((reached) => !reached.some(isDeadEnd))
  return live.length > 0 ? furthestOf(live.flat()) : (sends.flat().find(isDeadEnd) ?? furthest)
}

const ON_THE_WAY = DELIVERY_STATES.slice(0, DELIVERY_STATES.indexOf('dropped'))
const isDeadEnd = (state: DeliveryState): boolean => state === 'dropped' || state === 'failed'
