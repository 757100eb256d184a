import { createHash } from 'node:crypto'
import type { Status } from '../../contract/statuses.ts'
import type { Instant } from '../../contract/units.ts'
import type { JudgedRun } from '../run.ts'
import type { Message, MessageBody, MessageType } from './message.ts'

/** Why nothing is told: the end of the sentence "held, because …". The same word is the counter's name. */
export type HoldReason = 'nothing-is-wrong' | 'already-told' | 'ended-without-recovering'

/** What deciding needs of a `RunChange`. */
export interface Tellable {
  /** Null when this is the first verdict. */
  readonly from: Status | null
  readonly to: Status
  readonly run: Pick<JudgedRun, 'row' | 'verdict'>
}

/**
 * Decide whether a change of a run is news for people who do not look at the dashboard.
 *
 * `run.stalled` when a run comes to a standstill, `run.recovered` when it moves again or completes after all. The id is
 * made of facts alone, so that a replay after a restart decides the same message and not another one.
 *
 * @param linkOf the address of a run's page
 */
export function decideMessage(
  change: Tellable,
  linkOf: (runId: string) => string,
  now: Instant,
): { readonly tell: Message } | { readonly hold: HoldReason } {
  const wasStanding = change.from !== null && isStandingStill(change.from)
  if (isStandingStill(change.to))
    return wasStanding ? { hold: 'already-told' } : { tell: messageOf('run.stalled', change, linkOf, now) }
  if (!wasStanding) return { hold: 'nothing-is-wrong' }
  // The stall is over, but nothing recovered: whoever was called still has something to look at.
  if (change.to === 'failed' || change.to === 'cancelled') return { hold: 'ended-without-recovering' }
  return { tell: messageOf('run.recovered', change, linkOf, now) }
}

/** A run that went from `stalled` to `lost` stands where it stood: one episode, one message. */
function isStandingStill(status: Status): boolean {
  return status === 'stalled' || status === 'lost'
}

function messageOf(type: MessageType, change: Tellable, linkOf: (runId: string) => string, now: Instant): Message {
  const { row, verdict } = change.run
  const body: MessageBody = { type, timestamp: verdict.since, data: { run: row, verdict, link: linkOf(row.id) } }
  return { id: idOf(row.id, type, verdict.since), body: JSON.stringify(body), createdAt: now }
}

/** A hash, since a run's id is its sender's and may hold what a header or the signed text (`id.time.body`) must not. */
function idOf(runId: string, type: MessageType, since: string): string {
  const hash = createHash('sha256').update(`${runId}\n${type}\n${since}`).digest('hex')
  return `msg_${hash.slice(0, 32)}`
}
