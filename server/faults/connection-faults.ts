/** Faults on the way from a handshake to a ready connection. */
import { sleep, type Clock } from '../../contract/clock.ts'
import type { Millis } from '../../contract/units.ts'
import { noArrivalSabotage, type ArrivalSabotage } from '../arrival-sabotage.ts'
import type { ConnectionFaultName } from '../fault.ts'

export interface ArrivalFaultSettings {
  readonly clock: Clock
  /** Ask a server that never answers; rejects only when the signal aborts. */
  askSilentServer(signal: AbortSignal): Promise<void>
}

/** A token is looked up over a slow network, while a client that does not wait has long spoken. */
const LOOK_UP_MS: Millis = 2_000

const FAULTS: Readonly<Record<ConnectionFaultName, (settings: ArrivalFaultSettings) => Partial<ArrivalSabotage>>> = {
  'subprotocol-mismatch': () => ({ takesSubprotocol: false }),
  'hung-auth': ({ askSilentServer }) => ({ beforeAuth: askSilentServer }),
  'handshake-race': () => ({ beforeReady: sendTooEarly }),
  'clean-close-as-failure': () => ({ beforeReady: sendTooEarly, errorCode: 1000 }),
  'lost-first-frame': ({ clock }) => ({ keepsEarly: false, beforeAuth: () => sleep(clock, LOOK_UP_MS) }),
  'leaked-connections': () => ({ givesBack: false }),
}

/** @param fault null for a healthy connection */
export function prepareArrival(fault: ConnectionFaultName | null, settings: ArrivalFaultSettings): ArrivalSabotage {
  return fault === null ? noArrivalSabotage : { ...noArrivalSabotage, ...FAULTS[fault](settings) }
}

/** What a server framework says to whoever writes to a socket whose handshake is not through. */
function sendTooEarly(): void {
  throw new Error('WebSocket is not connected. Need to call "accept" first.')
}
