import type { Instant, Millis } from '../contract/units.ts'
import type { Phase } from '../contract/phases.ts'
import { ruleOf, type Progression } from './progression.ts'
import type { RunFacts } from './run.ts'
import type { PhaseTimes } from './stored-run.ts'

/**
 * How long after its start a run reached each phase for the first time. Both ends of a length are by one clock: the
 * sender's for what its spans say, ours for what its messages and records say.
 */
export function phaseTimesOf(run: RunFacts, progression: Pick<Progression, 'events' | 'patterns'>): PhaseTimes {
  const times: { [phase in Phase]?: Millis } = {}
  const note = (phase: Phase, length: Millis): void => void (times[phase] = Math.max(0, Math.round(length)))
  for (const phase of ['reasoning', 'tool', 'finalise'] as const) {
    const begunAt = run.steps[phase]?.begunAt
    const toldAt = begunAt === undefined ? firstTold(run, progression, phase) : null
    if (begunAt !== undefined) note(phase, begunAt - run.startedAt)
    else if (toldAt !== null) note(phase, toldAt - run.firstHeardAt)
  }
  if (run.agentStartedAt !== null) note('started', run.agentStartedAt - run.firstHeardAt)
  if (run.outcome !== null && run.endedAt !== null) note('terminal', run.endedAt - run.startedAt)
  return times
}

/** When the first message of such a phase was emitted, for runtimes whose steps have no spans. */
function firstTold(run: RunFacts, progression: Pick<Progression, 'events' | 'patterns'>, phase: Phase): Instant | null {
  const told = Object.entries(run.events).filter(([type]) => ruleOf(progression, type)?.phase === phase)
  return told.length === 0 ? null : Math.min(...told.map(([, { firstAt }]) => firstAt))
}
