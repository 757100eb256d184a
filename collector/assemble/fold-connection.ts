import type { Instant } from '../../contract/units.ts'
import type { ConnectionFacts } from '../run.ts'
import type { ConnectionSignal, Source } from '../signal.ts'

/**
 * What is known of a connection after one more record of it, whichever comes first. A closed connection stays closed.
 * @param source the signal's, held once for all that have it in common
 */
export function foldConnection(
  held: ConnectionFacts | null,
  signal: ConnectionSignal,
  source: Source,
  now: Instant,
): ConnectionFacts {
  const reachedAt = (state: ConnectionSignal['state'], at: Instant | null | undefined): Instant | null =>
    at ?? (signal.state === state ? now : null)
  return {
    id: signal.connectionId,
    service: held?.service ?? source.service,
    environment: held?.environment ?? source.environment,
    instance: held?.instance ?? source.instance,
    contract: held?.contract ?? source.contract,
    userId: held?.userId ?? signal.userId,
    acks: held?.acks === true ? true : (signal.acks ?? held?.acks ?? null),
    // Of a response it is known last that it is one of events.
    stream: held?.stream === 'sse' ? 'sse' : (signal.stream ?? held?.stream ?? null),
    openedAt: Math.min(held?.openedAt ?? now, now),
    isOpeningTold: held?.isOpeningTold === true || signal.state === 'opened',
    isSubprotocolRefused: held?.isSubprotocolRefused === true || signal.isSubprotocolRefused,
    framesLost: Math.max(held?.framesLost ?? 0, signal.framesLost),
    authenticatedAt: reachedAt('authenticated', held?.authenticatedAt),
    readyAt: reachedAt('ready', held?.readyAt),
    closedAt: reachedAt('closed', held?.closedAt),
    closeCode: held?.closeCode ?? signal.closeCode,
    clientCloseCode: held?.clientCloseCode ?? signal.clientCloseCode,
    closeReason: held?.closeReason ?? signal.closeReason,
    closedBy: held?.closedBy ?? signal.closedBy,
    counted: held?.counted ?? null,
  }
}
