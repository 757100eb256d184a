import type { Instant } from '../../contract/units.ts'
import { isStart } from '../open-pairs.ts'
import { isOwed, isQueueing, ruleOf, type EventRule, type Progression } from '../progression.ts'
import type { MessageFacts, RunFacts, SendFacts } from '../run.ts'
import type { DeliverySignal } from '../signal.ts'
import { decideOutcome, noteTerminal } from './decide-outcome.ts'
import { foldTurns } from './fold-turns.ts'

/** A run that streams its answer emits hundreds of messages; the critical ones are few. */
const MESSAGES_MAX = 256
/** Looking for the least needed takes longer than letting go of them. */
const LET_GO_AT_ONCE = 32

/**
 * Fold one record of a message's way. A state once reached stays reached, at the moment we first heard of it.
 * @returns true when it is news.
 */
export function foldDelivery(
  run: RunFacts,
  signal: DeliverySignal,
  progression: Progression,
  receivedAt: Instant,
): boolean {
  run.tellsDeliveries = true
  run.heardAt = Math.max(run.heardAt, receivedAt)
  run.traceId ??= signal.traceId
  run.service ??= signal.source.service
  run.version ??= signal.source.version
  run.environment ??= signal.source.environment
  run.instance ??= signal.source.instance
  if (signal.seq < run.forgottenBelow && run.messages[signal.seq] === undefined) return false
  const held = run.messages[signal.seq]
  const rule = ruleOf(progression, signal.event)
  const message = held ?? emitted(run, signal, rule, receivedAt)
  message.emittedAt = Math.min(message.emittedAt, receivedAt)
  message.targets = message.targets === null ? signal.targets : Math.max(message.targets, signal.targets ?? 0)
  message.spanId ??= signal.spanId
  message.toolCallId ??= signal.toolCallId
  const moved = foldSend(message, signal, receivedAt)
  noteOutcome(run, signal, rule, receivedAt)
  foldTurns(run, progression)
  decideOutcome(run)
  if (held === undefined) makeRoom(run, progression)
  return moved
}

/** The first we hear of a message: the run has said something, which is progress if the contract knows the event. */
function emitted(run: RunFacts, signal: DeliverySignal, rule: EventRule | null, receivedAt: Instant): MessageFacts {
  const { seq, event } = signal
  const saidAt = Math.min(...signal.states.map((state) => state.at))
  if (Number.isFinite(saidAt)) run.startedAt = Math.min(run.startedAt, saidAt)
  run.messagesEmitted++
  const held = run.events[event]
  run.events[event] = {
    count: (held?.count ?? 0) + 1,
    firstSeq: Math.min(held?.firstSeq ?? seq, seq),
    firstAt: Math.min(held?.firstAt ?? receivedAt, receivedAt),
    lastSeq: Math.max(held?.lastSeq ?? seq, seq),
    lastAt: Math.max(held?.lastAt ?? receivedAt, receivedAt),
  }
  // A heartbeat proves that a process lives, not that the run moves.
  if (rule !== null) run.progressAt = Math.max(run.progressAt, receivedAt)
  if (rule?.phase === 'accepted' && rule.edge !== 'close')
    run.acceptedAt = Math.min(run.acceptedAt ?? receivedAt, receivedAt)
  if (isQueueing(rule)) run.queuedAt = Math.min(run.queuedAt ?? receivedAt, receivedAt)
  if (isStart(rule)) run.agentStartedAt = Math.min(run.agentStartedAt ?? receivedAt, receivedAt)
  const message: MessageFacts = {
    seq,
    event,
    emittedAt: receivedAt,
    targets: signal.targets,
    spanId: signal.spanId,
    toolCallId: signal.toolCallId,
    sends: {},
  }
  run.messages[seq] = message
  return message
}

function foldSend(message: MessageFacts, signal: DeliverySignal, receivedAt: Instant): boolean {
  const key = `${signal.connectionId ?? ''}/${signal.attempt}`
  const fresh: SendFacts = { connectionId: signal.connectionId, attempt: signal.attempt, at: {}, reason: null }
  const send = (message.sends[key] ??= fresh)
  send.reason ??= signal.reason
  let moved = send === fresh
  for (const { state } of signal.states) {
    if (send.at[state] === undefined) moved = true
    send.at[state] = Math.min(send.at[state] ?? receivedAt, receivedAt)
  }
  return moved
}

function noteOutcome(run: RunFacts, signal: DeliverySignal, rule: EventRule | null, at: Instant): void {
  const outcome = rule?.outcome ?? null
  if (outcome === null) return
  const saidAt = Math.min(...signal.states.map((state) => state.at))
  noteTerminal(run, {
    by: 'message',
    outcome,
    event: signal.event,
    seq: signal.seq,
    reason: null,
    at,
    saidAt: Number.isFinite(saidAt) ? saidAt : at,
  })
}

/** Of what a verdict needs least first: confirmed chatter, other chatter, then owed messages and pairs, oldest first. */
function makeRoom(run: RunFacts, progression: Progression): void {
  const messages = Object.values(run.messages)
  if (messages.length <= MESSAGES_MAX) return
  const isCritical = ({ event }: MessageFacts) => {
    const rule = ruleOf(progression, event)
    return isOwed(progression, event) || (rule?.pair ?? null) !== null || rule?.phase === 'waiting'
  }
  const isConfirmed = (message: MessageFacts) =>
    Object.values(message.sends).some((send) => (send.at.received ?? send.at.transported) !== undefined)
  const worth = (message: MessageFacts) => (isCritical(message) ? 2 : 0) + (isConfirmed(message) ? 0 : 1)
  // The order of the rest stays: sorting is stable.
  for (const { seq } of messages.toSorted((a, b) => worth(a) - worth(b)).slice(0, LET_GO_AT_ONCE)) {
    delete run.messages[seq]
    run.forgottenBelow = Math.max(run.forgottenBelow, seq + 1)
  }
}
