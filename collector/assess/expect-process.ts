/** What is expected of the process a run lives in: to beat, to turn, and not to leave with the run open. */
import type { Instant } from '../../contract/units.ts'
import type { Progression } from '../progression.ts'
import type { Circumstances } from '../judgement.ts'
import type { InstanceFacts, OpenSpan, RunFacts } from '../run.ts'
import { REPEATS_MISSED } from '../signal.ts'
import { budgetFor } from './budget-for.ts'
import { expectWithin, type Expectation } from './expectation.ts'
import { findDeadline } from './find-deadline.ts'
import { findSteps, stepBetween, stepOf } from './find-step.ts'
import { evidence } from './write-evidence.ts'

const LOST = { cause: 'process-lost', status: 'lost', isBackground: true } as const

export function expectProcess(circumstances: Circumstances, progression: Progression): Expectation[] {
  const { run, instance, gaps } = circumstances
  const [held] = findSteps(run)
  const place = { step: (held && stepOf(held)) ?? stepBetween(run), isBackground: true } as const
  const terminal = budgetFor(progression, run.agent, 'terminal', null)
  const stopped = Object.values(run.open).filter((span) => span.stopReason !== null)
  if (instance === null) {
    const repeats = expectRepeats(circumstances).map((each) => ({ ...each, ...place }))
    if (stopped.length === 0) return repeats
    const last = { ...LOST, evidence: () => stopped.map(evidence.stoppedSpan) }
    return [...repeats, expectWithin(terminal, run.heardAt, gaps, { ...place, ...last })]
  }
  if (instance.stopped) {
    const lines = [evidence.goodbye(instance), ...stopped.map(evidence.stoppedSpan)]
    const last = { ...LOST, evidence: () => lines }
    return [expectWithin(terminal, instance.pulseAt, gaps, { ...place, ...last })]
  }
  const beat = expectWithin(pulseAllowance(instance, progression), lastBeat(instance, run), gaps, {
    ...place,
    ...LOST,
    isOfBeat: true,
    evidence: () => [evidence.pulseStopped(instance, run.progressAt), ...heldOpen(held)],
  })
  const since = instance.loopBlockedSince
  const allowance = budgetFor(progression, run.agent, 'loop', null)
  if (since === null || !isBlocked(instance, run, progression)) return [beat]
  const turn = expectWithin(allowance, since, gaps, {
    ...place,
    cause: 'loop-blocked',
    evidence: () => [evidence.blocked(instance, since), ...heldOpen(held)],
  })
  return [beat, turn]
}

/** A pulse that happened to fall into a short block proves nothing: a long one gets a pulse of its own. */
export function isBlocked({ loopBlockedMs }: InstanceFacts, { agent }: RunFacts, progression: Progression): boolean {
  return loopBlockedMs > 0 && loopBlockedMs >= (budgetFor(progression, agent, 'loop', null).suspectMs ?? 0)
}

/**
 * Without pulses a process shows life by sending its open spans again, where it does that at all. One that still comes
 * speaks for the others, whose ends may only have been lost; so does any step that begins or ends.
 */
function expectRepeats({ run, gaps }: Circumstances): Expectation[] {
  const expected = Object.values(run.open).flatMap((span) => {
    const { repeatedEvery: every, heardAt } = span
    if (every === null) return []
    const from = `partial.frequency × ${REPEATS_MISSED}`
    const allowance = { suspectMs: null, stalledMs: every * REPEATS_MISSED, from }
    const lines = () => [evidence.repeatsStopped(span, every)]
    const since = Math.max(heardAt, run.progressAt)
    return [expectWithin(allowance, since, gaps, { ...LOST, step: null, evidence: lines })]
  })
  return expected.sort((a, b) => (b.dueAt ?? 0) - (a.dueAt ?? 0)).slice(0, 1)
}

/** The moment from which a process that has sent pulses, or its open spans again, counts as gone. */
export function lostFrom(circumstances: Circumstances, progression: Progression): Instant {
  const { instance, gaps } = circumstances
  if (instance === null) return expectRepeats(circumstances)[0]?.dueAt ?? -Infinity
  if (instance.stopped) return -Infinity
  return findDeadline(lastBeat(instance, circumstances.run), pulseAllowance(instance, progression).stalledMs, gaps)
}

/** A process whose pulses are cut off, and whose run goes on, is not gone: what the run does stands for a beat. */
function lastBeat({ pulseAt }: InstanceFacts, { progressAt }: RunFacts): Instant {
  return Math.max(pulseAt, progressAt)
}

function pulseAllowance(instance: InstanceFacts, progression: Progression) {
  return {
    suspectMs: null,
    stalledMs: instance.intervalMs * progression.budgets.pulseIntervalsMissed,
    from: 'contract › pulse.missed',
  }
}

function heldOpen(span: OpenSpan | undefined) {
  return span === undefined ? [] : [evidence.openStep(span)]
}
