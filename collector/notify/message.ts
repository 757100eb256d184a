/** What is told to others about a run, and the form in which it waits in the desk's outbox until it is told. */
import type { IsoTime, RunRow, Verdict } from '../../contract/runs.ts'
import type { Instant } from '../../contract/units.ts'

export type MessageType = 'run.stalled' | 'run.recovered'

/**
 * The body of a webhook, in the form of Standard Webhooks. Messages can arrive out of order: `data.run.rev` grows with
 * every change of a run and tells which one is newer.
 */
export interface MessageBody {
  readonly type: MessageType
  /** Since when it holds: for a stall, its deadline. */
  readonly timestamp: IsoTime
  readonly data: {
    readonly run: RunRow
    readonly verdict: Verdict
    /** The run's page. */
    readonly link: string
  }
}

export interface Message {
  /** The same for the same fact, also after a restart: made of run, type and since. Becomes the `webhook-id`. */
  readonly id: string
  /** A `MessageBody` as JSON text: what is signed and sent is what was stored, to the byte. */
  readonly body: string
  readonly createdAt: Instant
}

/** A message in the outbox. */
export interface WaitingMessage extends Message {
  /** How often it was tried in vain. */
  readonly attempts: number
}
