import type { DeliverySummary, Evidence, Otherwise } from '../../contract/runs.ts'
import type { Cause } from '../../contract/statuses.ts'
import { toIso, type Instant } from '../../contract/units.ts'
import { turnSeqOf } from '../open-pairs.ts'
import { isOwed, ruleOf, type Progression } from '../progression.ts'
import type { Circumstances } from '../judgement.ts'
import type { MessageFacts, RunFacts, SendFacts } from '../run.ts'
import { doubtDelivery } from './doubt-delivery.ts'
import { findDeadline } from './find-deadline.ts'
import { describeClose, findLeft } from './find-left.ts'

export interface DeliveryJudgement {
  readonly summary: DeliverySummary
  /** The most important required message not confirmed by the terminal's deadline. */
  readonly overdue: Overdue | null
  /** What is known of a terminal that only one-way streams carried: that it was written. */
  readonly unproven: readonly Evidence[]
  /** When the last required message was confirmed; null while one is not. */
  readonly confirmedAt: Instant | null
  /** The next moment a confirmation falls due. */
  readonly lookAgainAt: Instant | null
}

export interface Overdue {
  readonly cause: Cause
  readonly dueAt: Instant
  readonly evidence: readonly Evidence[]
  readonly otherwise: Otherwise | null
}

/**
 * Whether the user received the answer: every message of a critical event must be confirmed in time, by the client's
 * ack, or by its WebSocket stack where the client sends none. Over a one-way stream nothing confirms a message: one that
 * was written there is neither missing nor delivered. How the run itself went plays no part.
 */
export function judgeDelivery(circumstances: Circumstances, progression: Progression, now: Instant): DeliveryJudgement {
  const { run, gaps } = circumstances
  const { deliveryConfirmedMs } = progression.budgets
  const critical = Object.values(run.messages).filter(({ event }) => isOwed(progression, event))
  const states = critical.map((message) => {
    const confirmedAt = confirmedAtOf(message, circumstances)
    return {
      message,
      isRequired: isRequired(message, run, progression),
      confirmedAt,
      unproven: confirmedAt === null ? findUnproven(message, circumstances) : null,
      dueAt: findDeadline(message.emittedAt, deliveryConfirmedMs, gaps),
    }
  })
  const missing = states.filter((state) => state.confirmedAt === null && state.unproven === null)
  const late = missing.filter((state) => state.dueAt <= now).map((state) => state.message)
  const unproven = states.filter((state) => state.unproven !== null)
  const confirmed = states.length - missing.length - unproven.length
  const required = states.filter((state) => state.isRequired)
  const missed = missing.filter((state) => state.isRequired)
  // An ack is cumulative, so that of the terminal confirms what came before it: until it is due nothing is lost.
  const turnSeq = turnSeqOf(run, progression)
  const isFinal = (message: MessageFacts) => message.event === run.outcomeEvent && message.seq > turnSeq
  const unsentDueAt = isUnsent(run) ? findDeadline(run.outcomeAt ?? now, deliveryConfirmedMs, gaps) : null
  const finalDueAt = unsentDueAt ?? states.find(({ message }) => isFinal(message))?.dueAt ?? Infinity
  // The terminal above all, then in the order of emission.
  const rank = (message: MessageFacts) => (isFinal(message) ? -1 : message.seq)
  const worst = missed.toSorted((a, b) => rank(a.message) - rank(b.message))[0]?.message
  const isFinalOwed = unsentDueAt !== null || worst !== undefined
  const moments =
    run.outcome === null ? [] : [...missing.map((state) => state.dueAt), ...(isFinalOwed ? [finalDueAt] : [])]
  const counts = {
    owed: states.length - unproven.length + (unsentDueAt === null ? 0 : 1),
    confirmed,
    late: late.length,
    unproven: unproven.length,
    isFinalLate: late.some(isFinal) || (unsentDueAt ?? Infinity) <= now,
  }
  return {
    summary: { required: counts.owed, confirmed, outcome: outcomeOf(run, counts) },
    overdue:
      finalDueAt > now ? null : explainOverdue(unsentDueAt === null ? worst : 'unsent', circumstances, finalDueAt),
    unproven: describeUnproven(unproven.find(({ message }) => isFinal(message))?.unproven ?? null, circumstances),
    confirmedAt: required.some((state) => state.confirmedAt === null)
      ? null
      : Math.max(...required.map((state) => state.confirmedAt ?? 0)),
    lookAgainAt: earliest(moments.filter((at) => at > now && at < Infinity)),
  }
}

interface Counts {
  /** Those that can be confirmed. */
  readonly owed: number
  readonly confirmed: number
  readonly late: number
  readonly unproven: number
  readonly isFinalLate: boolean
}

/** Weighed when the run has ended. Without the terminal the user has no answer, whatever else arrived. */
function outcomeOf(
  run: RunFacts,
  { owed, confirmed, late, unproven, isFinalLate }: Counts,
): DeliverySummary['outcome'] {
  if (!run.tellsDeliveries) return 'unknown'
  if (run.outcome === null) return 'pending'
  if (isFinalLate) return 'undelivered'
  if (late > 0) return confirmed === 0 && unproven === 0 ? 'undelivered' : 'partial'
  if (confirmed < owed) return 'pending'
  if (unproven > 0) return 'unknown'
  return owed > 0 ? 'delivered' : 'pending'
}

/** It ended, and no message says so: the client of its stream was gone. */
function isUnsent(run: RunFacts): boolean {
  return run.tellsDeliveries && run.outcome !== null && run.outcomeEvent === null
}

/** The terminal that decided the run is always required. */
function isRequired(message: MessageFacts, run: RunFacts, progression: Progression): boolean {
  return (
    message.event === run.outcomeEvent || progression.required.includes(ruleOf(progression, message.event)?.key ?? '')
  )
}

/** The earliest proof, over all connections of the run's own user, that the message arrived. */
function confirmedAtOf(message: MessageFacts, circumstances: Circumstances): Instant | null {
  let first: Instant | null = null
  for (const key in message.sends) {
    const send = message.sends[key]
    if (send === undefined || isMisrouted(send, circumstances)) continue
    const proof = proofOf(send, circumstances)
    if (proof !== null && (first === null || proof < first)) first = proof
  }
  return first
}

function proofOf(send: SendFacts, { connection }: Circumstances): Instant | null {
  const { received, handled, transported } = send.at
  if (received !== undefined || handled !== undefined) return Math.min(received ?? Infinity, handled ?? Infinity)
  const sendsAcks = send.connectionId !== null && connection(send.connectionId)?.acks === true
  return sendsAcks ? null : (transported ?? null)
}

/** The send over a stream of the run's own user on which the message was written, and nobody promised to say more. */
function findUnproven(message: MessageFacts, circumstances: Circumstances): SendFacts | null {
  return (
    Object.values(message.sends).find((send) => {
      const facts = send.connectionId === null ? null : circumstances.connection(send.connectionId)
      const isOneWay = facts !== null && facts.stream !== null && facts.acks !== true
      return isOneWay && send.at.written !== undefined && !isMisrouted(send, circumstances)
    }) ?? null
  )
}

function describeUnproven(send: SendFacts | null, { connection }: Circumstances): Evidence[] {
  if (send === null || send.connectionId === null || send.at.written === undefined) return []
  const close =
    connection(send.connectionId)?.closedBy === 'client' ? describeClose(connection(send.connectionId), Infinity) : null
  const text = `it was written at ${toIso(send.at.written)} to connection ${send.connectionId}, a one-way stream: nothing says whether it arrived`
  return [{ text, ref: `connection:${send.connectionId}` }, ...(close === null ? [] : [close])]
}

function explainOverdue(
  missed: MessageFacts | 'unsent' | undefined,
  circumstances: Circumstances,
  dueAt: Instant,
): Overdue | null {
  if (missed !== 'unsent') return missed === undefined ? null : explain(missed, circumstances, dueAt)
  const close = describeClose(findLeft(circumstances), dueAt)
  return { dueAt, cause: 'client-gone', evidence: close === null ? [] : [close], otherwise: null }
}

function isMisrouted(send: SendFacts, { run, connection }: Circumstances): boolean {
  const user = send.connectionId === null ? null : (connection(send.connectionId)?.userId ?? null)
  return user !== null && run.userId !== null && user !== run.userId
}

/** Which link of the chain broke, on the connection where the message got furthest. */
function explain(message: MessageFacts, circumstances: Circumstances, dueAt: Instant): Overdue {
  const sends = Object.values(message.sends).filter((send) => send.connectionId !== null)
  const own = sends.filter((send) => !isMisrouted(send, circumstances))
  const ref = `delivery:${message.seq}`
  const said = `${message.event} (message ${message.seq}) was emitted at ${toIso(message.emittedAt)}`
  const dropped = Object.values(message.sends).find((send) => send.at.dropped !== undefined)
  const stray = sends.find((send) => isMisrouted(send, circumstances))
  if (own.length === 0 && stray !== undefined) {
    const text = `${said} to connection ${stray.connectionId}, which belongs to another user`
    return { dueAt, cause: 'misrouted', evidence: [{ text, ref }], otherwise: null }
  }
  if (message.targets === 0 || dropped?.reason === 'no-target' || own.length === 0) {
    const parting = describeParting(message, circumstances, dueAt)
    const evidence = [{ text: `${said} with no connection to send it to`, ref }, ...(parting ? [parting] : [])]
    return { dueAt, cause: parting === null ? 'unrouted' : 'client-gone', evidence, otherwise: null }
  }
  const furthest = own.reduce((best, send) => (reach(send) > reach(best) ? send : best))
  const link = `${said} to connection ${furthest.connectionId}`
  const connection = circumstances.connection(furthest.connectionId ?? '')
  // A response that its server ended was not left by its client.
  const isEnded = connection !== null && connection.stream !== null && connection.closedBy === 'server'
  const closing = isEnded ? null : describeClose(connection, dueAt)
  const isWritten = furthest.at.written !== undefined || furthest.at.transported !== undefined
  const reason = furthest.reason === null ? '' : `: ${furthest.reason}`
  const text = isWritten
    ? `${link} and written at ${toIso(furthest.at.written ?? message.emittedAt)}; the client has not confirmed it`
    : `${link} and never written to its socket${reason}`
  const cause = closing !== null ? 'client-gone' : isWritten ? 'unreceived' : 'unwritten'
  const otherwise = doubtDelivery(cause, { message, send: furthest, dueAt }, circumstances)
  return { dueAt, cause, evidence: [{ text, ref }, ...(closing === null ? [] : [closing])], otherwise }
}

/**
 * Nobody was there because whoever had been there had left: every connection that earlier messages of the run went to was
 * closed by then. Null when one was still open, so that the message should have gone to it.
 */
function describeParting(message: MessageFacts, circumstances: Circumstances, dueAt: Instant): Evidence | null {
  const earlier = Object.values(circumstances.run.messages).filter(({ seq }) => seq < message.seq)
  const sends = earlier.flatMap(({ sends: each }) => Object.values(each))
  // A replay to a connection that came later says nothing of who was there.
  const before = sends.filter(({ at }) => Math.min(...Object.values(at)) <= message.emittedAt)
  const own = before.filter((send) => send.connectionId !== null && !isMisrouted(send, circumstances))
  const closedAt = ({ connectionId }: SendFacts) => circumstances.connection(connectionId ?? '')?.closedAt ?? Infinity
  const last = own.toSorted((a, b) => closedAt(b) - closedAt(a))[0]
  if (last === undefined || closedAt(last) > message.emittedAt) return null
  return describeClose(circumstances.connection(last.connectionId ?? ''), dueAt)
}

const WAY = ['emitted', 'routed', 'queued', 'written', 'transported', 'received', 'handled'] as const

/** How many links of the chain a send has behind it. */
function reach(send: SendFacts): number {
  return WAY.findLastIndex((state) => send.at[state] !== undefined)
}

function earliest(moments: readonly Instant[]): Instant | null {
  return moments.length === 0 ? null : Math.min(...moments)
}
