/** The closed lists of `contract/` in words. Each table is exhaustive, so a new status or cause cannot be forgotten. */
import type { Cause, Confidence, Status } from '../../contract/statuses.ts'
import type { DeliveryState } from '../../contract/deliveries.ts'
import type { ChecklistItem, ConnectionView } from '../../contract/runs.ts'

/** Loud statuses get a filled chip; there are two, so that they keep their power. */
export const LOUD: ReadonlySet<Status> = new Set(['stalled', 'failed'])

export const STATUS_WORDS: Readonly<Record<Status, { readonly short: string; readonly long: string }>> = {
  failed: { short: 'failed', long: 'Failed' },
  stalled: { short: 'stalled', long: 'Stalled' },
  lost: { short: 'lost', long: 'Lost' },
  undelivered: { short: 'undelivered', long: 'Completed, not delivered' },
  slow: { short: 'slow', long: 'Slow' },
  waiting: { short: 'waiting', long: 'Waiting' },
  running: { short: 'running', long: 'Running' },
  cancelled: { short: 'cancelled', long: 'Cancelled' },
  completed: { short: 'completed', long: 'Completed' },
}

export const CAUSE_WORDS: Readonly<Record<Cause, string>> = {
  'never-started': 'the run was accepted but never started',
  queued: 'the run is still in a queue',
  rejected: 'the runtime refused the run',
  'model-silent': 'the model stopped answering',
  'reasoning-loop': 'the agent is busy and gets nowhere',
  'tool-silent': 'the tool has not answered',
  'between-steps': 'one step ended and the next never began',
  'exception-swallowed': 'an exception was caught and the run went silent',
  'loop-blocked': 'the process’s event loop is blocked',
  'process-lost': 'the process vanished without a goodbye',
  'waiting-too-long': 'nobody answered what the run is waiting for',
  'terminal-skipped': 'the work ended but no terminal event was sent',
  'false-completion': 'the run said it completed, its spans say otherwise',
  'contradictory-terminals': 'the run ended in two different ways',
  unrouted: 'a message found no connection to go to',
  unwritten: 'a message was never written to the connection',
  unreceived: 'a message was written but never confirmed by the client',
  misrouted: 'a message went to somebody else’s connection',
  'client-gone': 'the client’s connection closed first',
  'telemetry-lost': 'we stopped hearing about this run',
  unknown: 'nothing recorded says why',
}

export const CONFIDENCE_WORDS: Readonly<Record<Confidence, string>> = {
  T1: 'its own spans and a live pulse',
  T2: 'an open span and no pulse',
  T3: 'finished spans only',
  T4: 'socket evidence only',
}

export const DELIVERY_WORDS: Readonly<Record<DeliveryState, string>> = {
  emitted: 'emitted',
  routed: 'routed',
  queued: 'queued',
  written: 'written',
  transported: 'transport-confirmed',
  received: 'received',
  handled: 'shown to user',
  dropped: 'dropped',
  failed: 'failed',
}

/** The most that can be known of a message over this connection. */
export function confirmationWords({ acks, stream }: Pick<ConnectionView, 'acks' | 'stream'>): string {
  if (acks) return 'the client acknowledges messages'
  return stream === null
    ? 'no acks: at most transport-confirmed'
    : `no acks: a one-way stream (${stream}), at most written, unless its client comes back`
}

export const CHECK_WORDS: Readonly<Record<ChecklistItem['state'], string>> = {
  done: 'done',
  pending: 'not yet',
  overdue: 'overdue',
  skipped: 'skipped',
  optional: 'not needed so far',
}
