import type { Socket } from 'node:net'
import type { Clock } from '../../contract/clock.ts'
import { minutes, type Instant, type Millis } from '../../contract/units.ts'

/** Long enough to be cheap, short enough that senders spread over new collectors soon after those start. */
export const CONNECTION_AGE: Millis = minutes(4)
/** As a share of the age, either way: connections opened together are not to come back together. */
const JITTER = 0.25

export interface ConnectionAges {
  opened(connection: Socket): void
  /** The connection has lived long enough: its next answer should be its last. */
  isOld(connection: Socket): boolean
}

/** @param random from 0 up to 1 */
export function watchConnectionAges(clock: Clock, random: () => number = Math.random): ConnectionAges {
  const oldAt = new WeakMap<Socket, Instant>()
  return {
    opened: (connection) =>
      void oldAt.set(connection, clock.now() + CONNECTION_AGE * (1 + JITTER * (2 * random() - 1))),
    isOld: (connection) => clock.now() >= (oldAt.get(connection) ?? Infinity),
  }
}
