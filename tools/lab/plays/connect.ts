/** Plays of clients that only connect; what goes wrong does so before any of them is heard. */
import type { Clock } from '../../../contract/clock.ts'
import { connectUser, fetchToken, type UserClient, type UserClientSettings } from '../../user-client.ts'
import type { ConnectPlayName } from '../mode.ts'

/** More than the three that make a finding. */
const CLIENTS = 4
/** As many connections as one user may have in the lab. */
export const PLACES = 5

export interface Doorstep {
  readonly clock: Clock
  /** `http://127.0.0.1:4320`: a runtime that only this play uses. */
  readonly runtime: string
  readonly user: string
}

/** @returns the clients that are connected at the end */
type ConnectPlay = (doorstep: Doorstep) => Promise<readonly UserClient[]>

export const CONNECT_PLAYS: Readonly<Record<ConnectPlayName, ConnectPlay>> = {
  come: (doorstep) => comeTogether(doorstep, CLIENTS, {}),

  'come-by-subprotocol': (doorstep) => comeTogether(doorstep, CLIENTS, { via: 'subprotocol' }),

  'come-with-a-bad-token': (doorstep) => comeTogether(doorstep, CLIENTS, { token: 'not.a.token' }),

  /** At once, before anybody could have listened. */
  async 'come-and-ask'(doorstep) {
    const clients = await comeTogether(doorstep, CLIENTS, {})
    for (const client of clients)
      client.send({ type: 'start_agent', payload: { user_request: 'What is the refund policy?' } })
    return clients
  },

  /** Each takes a place and leaves; those after them find none free. */
  async 'come-and-go-and-come'(doorstep) {
    const first = await comeTogether(doorstep, PLACES, {})
    for (const client of first) {
      await client.waitFor(({ type }) => type === 'connection_established')
      await client.close()
    }
    return comeTogether(doorstep, CLIENTS, {})
  },
}

async function comeTogether(
  { clock, runtime, user }: Doorstep,
  count: number,
  how: Partial<UserClientSettings>,
): Promise<UserClient[]> {
  const token = await fetchToken(runtime, user)
  const url = `${runtime.replace(/^http/, 'ws')}/ws`
  const clients = Array.from({ length: count }, () => connectUser({ url, token, clock, ...how }))
  // Some break off in the handshake, which is what their play is about.
  return (await Promise.allSettled(clients)).flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
}
