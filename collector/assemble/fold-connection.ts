import type { Instant } from '../../contract/units.ts'
import type { ConnectionFacts } from '../run.ts'
import type { ConnectionSignal } from '../signal.ts'

/** What is known of a connection after one more record of it. A closed connection stays closed. */
export function foldConnection(held: ConnectionFacts | null, signal: ConnectionSignal, now: Instant): ConnectionFacts {
  const isClose = signal.state === 'closed'
  return {
    id: signal.connectionId,
    userId: held?.userId ?? signal.userId,
    acks: held?.acks === true ? true : (signal.acks ?? held?.acks ?? null),
    stream: held?.stream ?? signal.stream,
    openedAt: Math.min(held?.openedAt ?? now, now),
    closedAt: held?.closedAt ?? (isClose ? now : null),
    closeCode: held?.closeCode ?? signal.closeCode,
    closedBy: held?.closedBy ?? signal.closedBy,
  }
}
