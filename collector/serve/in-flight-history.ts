/**
 * How many runs were in each phase over the last hour: the board's counts, looked at every half minute. In memory: after
 * a restart the hour begins anew, and what was not counted is a gap.
 */
import { FLIGHT_PHASES } from '../../contract/phases.ts'
import type { Clock } from '../../contract/clock.ts'
import type { BoardCounts, InFlightHistory, InFlightSample } from '../../contract/live.ts'
import { hours, seconds, toIso, type Instant, type Millis } from '../../contract/units.ts'

export interface InFlightWatch {
  read(): InFlightHistory
  stop(): void
}

const STEP: Millis = seconds(30)
const SAMPLES_MAX = hours(1) / STEP

export function watchInFlight(clock: Clock, counts: (now: Instant) => BoardCounts): InFlightWatch {
  let samples: InFlightSample[] = []
  const look = (): InFlightSample => {
    const now = clock.now()
    return sampleOf(counts(now), now)
  }
  const timer = clock.every(STEP, () => {
    samples = [...samples, look()].slice(-SAMPLES_MAX)
  })
  return {
    read: () => ({ stepMs: STEP, phases: FLIGHT_PHASES, samples: [...samples, look()] }),
    stop: () => timer.cancel(),
  }
}

function sampleOf({ inFlight, phases }: BoardCounts, at: Instant): InFlightSample {
  const inPhase = FLIGHT_PHASES.map((name) => phases.find(({ phase }) => phase === name)?.inFlight ?? 0)
  return { at: toIso(at), inPhase, between: Math.max(0, inFlight - inPhase.reduce((sum, count) => sum + count, 0)) }
}
