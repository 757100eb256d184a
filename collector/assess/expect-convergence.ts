/**
 * What is expected of a run that is busy: to get somewhere. Two signs say that it does not, and both are read from
 * facts alone, since what a model says and with what a tool is called is not for us to read.
 *
 * ```
 * thinking aloud   the model's thoughts keep coming, and no piece of content, no step and no other word
 * failing          one tool has failed over and over, and no tool has gone well since
 * ```
 */
import type { Instant } from '../../contract/units.ts'
import { ruleOf, type Progression } from '../progression.ts'
import type { Circumstances } from '../judgement.ts'
import type { OpenSpan, RunFacts } from '../run.ts'
import { budgetFor } from './budget-for.ts'
import { expectWithin, type Expectation } from './expectation.ts'
import { lastProgress, stepBetween, stepOf, type ToldStep } from './find-step.ts'
import { evidence } from './write-evidence.ts'

const LOOP = { cause: 'reasoning-loop' } as const

/** A model step whose thoughts are all that was heard of late; null while there is none of these. */
export function expectContent(
  { run, gaps }: Circumstances,
  progression: Progression,
  span: OpenSpan,
  wentOnAt: Instant,
): Expectation | null {
  if (span.phase !== 'reasoning' || span.thoughtAt === null) return null
  const since = Math.max(span.openedAt, lastProgress(run, span), wentOnAt, lastOtherWord(run, progression))
  if (span.thoughtAt <= since) return null
  return expectWithin(budgetFor(progression, run.agent, 'thought', span.stepName), since, gaps, {
    ...LOOP,
    step: stepOf(span),
    evidence: () => [evidence.thoughts(run, progression, since), evidence.openStep(span)],
  })
}

/** The same of a run that is known by its messages alone. */
export function expectContentTold(
  { run, gaps }: Circumstances,
  progression: Progression,
  told: ToldStep,
  wentOnAt: Instant,
): Expectation | null {
  if (told.step.phase !== 'reasoning' || ruleOf(progression, told.message.event)?.thought !== true) return null
  const since = Math.max(run.firstHeardAt, wentOnAt, lastOtherWord(run, progression))
  return expectWithin(budgetFor(progression, run.agent, 'thought', null), since, gaps, {
    ...LOOP,
    step: told.step,
    evidence: () => [evidence.thoughts(run, progression, since)],
  })
}

/** The tool that fails whatever the agent tries; the patience begins when it has failed often enough to be certain. */
export function expectSuccess({ run, gaps }: Circumstances, progression: Progression): Expectation | null {
  const { failing } = run
  if (failing === null) return null
  return expectWithin(budgetFor(progression, run.agent, 'failing', failing.name), failing.provenAt, gaps, {
    ...LOOP,
    isBackground: true,
    step: { ...stepBetween(run), phase: 'tool', name: failing.name, spanId: failing.spanId },
    evidence: () => [evidence.failing(failing)],
  })
}

/** When the run last said something that is not a thought. */
function lastOtherWord(run: RunFacts, progression: Progression): Instant {
  let last = -Infinity
  for (const type in run.events) {
    const rule = ruleOf(progression, type)
    const at = run.events[type]?.lastAt ?? -Infinity
    if (rule !== null && !rule.thought && at > last) last = at
  }
  return last
}
