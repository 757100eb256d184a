/** What is told to others, and the form in which it waits in the desk's outbox until it is told. */
import type { Deploy } from '../../contract/deploys.ts'
import type { Finding } from '../../contract/findings.ts'
import type { IsoTime, RunRow, Verdict } from '../../contract/runs.ts'
import type { Instant } from '../../contract/units.ts'

/** What there is to say about a group. */
export type MessageNews = 'begun' | 'grown' | 'over'

export type MessageType = MessageBody['type']

/**
 * Stalls told of together. Messages can arrive out of order: of two with the
 * same fingerprint the later `firstSeenAt`, then the higher `version`, is newer.
 */
export interface MessageGroup {
  /** Agent, environment, step, cause and, where known, code; of a silent source: its services. */
  readonly fingerprint: string
  readonly version: number
  /** Runs that stood still since `firstSeenAt`, each counted once. */
  readonly count: number
  /** How many still do; of a silent source, how many findings are open. */
  readonly standing: number
  /** How many people they belong to; null when no run says whose it is. */
  readonly users: number | null
  readonly firstSeenAt: IsoTime
  /** The first ten runs. Empty for a silent source: its runs name the finding in `explainedBy`. */
  readonly runs: readonly { readonly id: string; readonly link: string }[]
}

/** The body of a webhook, in the form of Standard Webhooks. `timestamp` says since when it holds: for a stall, its deadline. */
export type MessageBody =
  | {
      readonly type: 'run.stalled' | 'run.stalled.grown' | 'run.recovered'
      readonly timestamp: IsoTime
      readonly data: {
        /** The first run of the group, as it is now. */
        readonly run: RunRow
        readonly verdict: Verdict
        /** The run's page. */
        readonly link: string
        readonly group: MessageGroup
        /** The one that raised how often this comes, when the numbers carry it. Null when none did, and in `run.recovered`. */
        readonly deploy: Deploy | null
      }
    }
  | {
      readonly type: 'source.silent' | 'source.silent.grown' | 'source.recovered'
      readonly timestamp: IsoTime
      readonly data: {
        readonly finding: Finding
        /** The live board, which shows it above its runs. */
        readonly link: string
        readonly group: MessageGroup
      }
    }

export interface Message {
  /** The same for the same fact, also after a restart. Becomes the `webhook-id`. */
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
