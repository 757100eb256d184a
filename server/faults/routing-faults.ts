/** Faults on the way from an event to the connections that should get it. */
import type { Clock } from '../../contract/clock.ts'
import { isTerminalEvent } from '../../contract/events.ts'
import type { Millis } from '../../contract/units.ts'
import { straightRouting, type Routing, type Sabotage } from '../sabotage.ts'
import type { FaultTable } from './fault-table.ts'

/** Enough for the end to arrive before. */
const RELAY_MS: Millis = 300
const ATTEMPTS = 3

export const routingFaults = {
  // The router is global: whoever registered first gets what comes later.
  'stale-handler': () => routedBy({ recipients: (directory) => directory.all().slice(0, 1) }),

  'lookup-by-run-id': () => routedBy({ recipients: (directory, { runId }) => directory.of(runId) }),

  'skipped-send': () =>
    routedBy({
      transmit(_event, send) {
        if (isConnected()) send(1)
      },
    }),

  'truncated-replay': () => routedBy({ replay: (missed) => missed.slice(0, 1) }),

  'triple-send': () =>
    routedBy({
      transmit(_event, send) {
        for (let attempt = 1; attempt <= ATTEMPTS; attempt++) send(attempt)
      },
    }),

  'late-relay': ({ clock }) => routedBy({ transmit: (event, send) => relay(event, send, clock) }),

  // "Send it to everybody", with the run's own user left out by a comparison the wrong way round.
  broadcast: () =>
    routedBy({ recipients: (directory, { userId }) => directory.all().filter((each) => each.userId !== userId) }),
} satisfies FaultTable

function routedBy(changes: Partial<Routing>): Pick<Sabotage, 'routing'> {
  return { routing: { ...straightRouting, ...changes } }
}

/** It reads a state that the platform in front of it never fills in. */
function isConnected(): boolean {
  return false
}

function relay(event: string, send: (attempt: number) => void, clock: Clock): void {
  if (isTerminalEvent(event)) send(1)
  else clock.after(RELAY_MS, () => send(1))
}
