import type { Otherwise } from '../../contract/runs.ts'
import type { Cause } from '../../contract/statuses.ts'
import { toIso, type Instant } from '../../contract/units.ts'
import type { Circumstances } from '../judgement.ts'
import { hasMissedPulse, type MessageFacts, type SendFacts } from '../run.ts'

interface Undelivered {
  readonly message: MessageFacts
  /** Where it got furthest. */
  readonly send: SendFacts
  readonly dueAt: Instant
}

/**
 * What else may have become of a message that nobody confirmed: bytes in the kernel's hands prove neither that the
 * client is there nor that it is not.
 */
export function doubtDelivery(
  cause: Cause,
  { message, send, dueAt }: Undelivered,
  { instance, connection }: Circumstances,
): Otherwise | null {
  const { written, transported, dropped, failed } = send.at
  const isStream = (connection(send.connectionId ?? '')?.stream ?? null) !== null
  const back = isStream ? 'the `Last-Event-ID` with which its client is back' : 'the seq from which the client resumes'
  const isDeadEnd = (dropped ?? failed) !== undefined
  switch (cause) {
    case 'unreceived':
      return transported === undefined
        ? {
            cause: 'client-gone',
            text: `the client of connection ${send.connectionId} is gone without a close: a half-open connection takes bytes for minutes`,
            decidedBy: isStream
              ? `an ack, or ${back}`
              : `a pong behind message ${message.seq}, which puts it in the client’s hands; or a close with 1006`,
          }
        : {
            cause: null,
            text: `the user has it, and the ack was never sent: its WebSocket stack took the message at ${toIso(transported)}`,
            decidedBy: `an ack, or ${back}`,
          }
    case 'client-gone':
      return written === undefined
        ? null
        : {
            cause: null,
            text: `the client read it before it left: it was written at ${toIso(written)}`,
            decidedBy: back,
          }
    case 'unwritten':
      return isDeadEnd || instance === null || instance.stopped || !hasMissedPulse(instance, dueAt)
        ? null
        : {
            cause: 'telemetry-lost',
            text: `it was written, and the record of it was lost: process ${instance.instance} has sent no pulse since ${toIso(instance.pulseAt)}`,
            decidedBy: 'the next pulse, with the records behind it',
          }
    default:
      return null
  }
}
