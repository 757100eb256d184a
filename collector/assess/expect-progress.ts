/** What is expected of the run itself: to start, to go on within its step, to go on between steps, to end by a terminal. */
import type { Phase } from '../../contract/phases.ts'
import type { Step } from '../../contract/runs.ts'
import type { Cause } from '../../contract/statuses.ts'
import { toIso, type Instant } from '../../contract/units.ts'
import { isTold } from '../open-pairs.ts'
import { ruleOf, type Progression } from '../progression.ts'
import type { Circumstances } from '../judgement.ts'
import type { MessageFacts, OpenSpan, RunFacts } from '../run.ts'
import { budgetFor, budgetKeyOf } from './budget-for.ts'
import { expectWithin, type Expectation } from './expectation.ts'
import { expectContent, expectContentTold, expectSuccess } from './expect-convergence.ts'
import { expectStart } from './expect-start.ts'
import { findSteps, findToldStep, hasBegun, lastSign, stepBetween, stepOf, stepOfThrown } from './find-step.ts'
import { findWaiting, waitedUntil } from './find-waiting.ts'
import { evidence } from './write-evidence.ts'

export function expectProgress(circumstances: Circumstances, progression: Progression): Expectation[] {
  const { run } = circumstances
  const start = expectStart(circumstances, progression)
  const ended = endedWithoutWord(run)
  // A run that never started and then ended owes both; the earlier deadline stands.
  if (ended !== null) return [expectTerminal(circumstances, progression, ended), ...(start === null ? [] : [start])]
  const steps = findSteps(run)
  const waitingSince = findWaiting(run, progression)
  // Who tells of his runs beyond their spans may still be at work, or wait, when the run span is over.
  const goesOn = isTold(run) && (steps.length > 0 || waitingSince !== null)
  if (run.spanUnreported && !goesOn) return [expectFinalRecord(circumstances, progression)]
  if (waitingSince !== null) return [expectResume(circumstances, progression, waitingSince)]
  if (start !== null) return [start]
  // An agent inside with nothing open in it may be between its steps: then what went wrong there says more.
  const isThrown = run.exception !== null && steps.every(({ isAgent }) => isAgent)
  const success = expectSuccess(circumstances, progression)
  const inStep =
    steps.length > 0 && !isThrown
      ? steps.flatMap((span) => expectStep(circumstances, progression, span, steps))
      : (expectToldStep(circumstances, progression) ?? [expectNext(circumstances, progression)])
  return success === null ? inStep : [...inStep, success]
}

function expectStep(
  circumstances: Circumstances,
  progression: Progression,
  span: OpenSpan,
  all: readonly OpenSpan[],
): Expectation[] {
  const { run, gaps } = circumstances
  const phase = span.phase ?? 'tool'
  const isWaiting = span.waiting || phase === 'waiting'
  const key = isWaiting ? 'waiting' : budgetKeyOf(phase)
  // What goes on inside an agent is the run's progress, and not the agent's own.
  const signAt = span.isAgent ? run.progressAt : lastSign(run, span)
  const wentOnAt = waitedUntil(run, progression)
  const since = Math.max(span.openedAt, signAt, wentOnAt)
  const word = expectWithin(budgetFor(progression, run.agent, key, span.stepName, span.learned), since, gaps, {
    cause: isWaiting ? 'waiting-too-long' : causeOfSilence(phase),
    step: stepOf(span),
    isWaiting,
    evidence: () => [
      evidence.openStep(span),
      ...(all.length > 1 ? [evidence.inParallel(all.filter((step) => step !== span))] : []),
      ...(span.isAgent && run.lastEnded !== null ? [evidence.ended(run.lastEnded)] : []),
    ],
  })
  const content = expectContent(circumstances, progression, span, wentOnAt)
  return content === null ? [word] : [word, content]
}

/** A step that only messages tell of. */
function expectToldStep(circumstances: Circumstances, progression: Progression): Expectation[] | null {
  const { run, gaps } = circumstances
  const told = findToldStep(run, progression)
  if (told === null) return null
  const { phase } = told.step
  const wentOnAt = waitedUntil(run, progression)
  const since = Math.max(told.since, wentOnAt)
  const word = expectWithin(budgetFor(progression, run.agent, budgetKeyOf(phase), null), since, gaps, {
    cause: causeOfSilence(phase),
    step: told.step,
    evidence: () => [evidence.lastMessage(told.message)],
  })
  const content = expectContentTold(circumstances, progression, told, wentOnAt)
  return content === null ? [word] : [word, content]
}

/**
 * The run is open and no step is. With open spans in sight this is the orchestrator's own time. A source that sends
 * spans only when they end may be in any step, so it gets the longest budget a step has.
 */
function expectNext({ run, gaps }: Circumstances, progression: Progression): Expectation {
  const isSeen = Object.values(run.open).some((span) => !span.unreported) || (run.spansSeen === 0 && isTold(run))
  const thrown = isSeen ? run.exception : null
  const allowance = budgetFor(progression, run.agent, isSeen ? 'between' : 'tool', null)
  const last = run.spansSeen === 0 ? lastMessage(run) : undefined
  const where = run.lastEnded !== null ? evidence.ended(run.lastEnded) : evidence.nothingEnded(run)
  return expectWithin(allowance, run.progressAt, gaps, {
    cause: thrown !== null ? 'exception-swallowed' : isSeen ? 'between-steps' : 'unknown',
    step: thrown === null ? stepBetween(run) : stepOfThrown(run, thrown),
    evidence: () => [
      ...(thrown === null ? [] : [evidence.thrown(thrown)]),
      last === undefined ? where : evidence.lastMessage(last),
      ...(isSeen ? [] : [run.spansSeen === 0 ? evidence.logsOnly(run) : evidence.endsOnly(run)]),
      ...(run.spanId === null && run.spansSeen > 0 ? [evidence.rootMissing(run)] : []),
    ],
  })
}

/** The run is over by its span or record, and the user has not been told. */
function expectTerminal({ run, gaps }: Circumstances, progression: Progression, endedAt: Instant): Expectation {
  const thrown = run.exception
  const record = run.terminals.find((terminal) => terminal.by === 'record')
  const isByRecord = record !== undefined && run.spanEndedAt === null
  const missing: Step = { phase: 'terminal', name: null, spanId: run.spanId, since: toIso(endedAt), code: null }
  const begun = hasBegun(run)
  return expectWithin(budgetFor(progression, run.agent, 'terminal', null), endedAt, gaps, {
    cause: thrown !== null ? 'exception-swallowed' : begun ? 'terminal-skipped' : 'never-started',
    step: thrown !== null ? stepOfThrown(run, thrown) : begun ? missing : stepBetween(run),
    evidence: () => [
      ...(thrown === null ? [] : [evidence.thrown(thrown)]),
      isByRecord ? evidence.recordEnded(run, record) : evidence.runSpanEnded(run, endedAt),
      ...(run.lastEnded === null ? [] : [evidence.ended(run.lastEnded)]),
    ],
  })
}

/** The run's process says that the run span is over, and the record of how was lost on the way. */
function expectFinalRecord({ run, gaps }: Circumstances, progression: Progression): Expectation {
  return expectWithin(budgetFor(progression, run.agent, 'finalise', null), run.progressAt, gaps, {
    status: 'lost',
    cause: 'telemetry-lost',
    step: stepBetween(run),
    evidence: () => [evidence.unreported(run), ...(run.lastEnded === null ? [] : [evidence.ended(run.lastEnded)])],
  })
}

function expectResume({ run, gaps }: Circumstances, progression: Progression, since: Instant): Expectation {
  const span = findSteps(run).find((step) => step.waiting || step.phase === 'waiting')
  const asked = Object.values(run.messages).findLast(({ event }) => ruleOf(progression, event)?.phase === 'waiting')
  const step: Step = { phase: 'waiting', name: null, spanId: run.spanId, since: toIso(since), code: null }
  return expectWithin(budgetFor(progression, run.agent, 'waiting', span?.stepName ?? null), since, gaps, {
    cause: 'waiting-too-long',
    step: (span && stepOf(span)) ?? step,
    isWaiting: true,
    evidence: () => [
      evidence.waiting(run, since),
      ...(run.deferral ? [evidence.deferred(run.deferral)] : []),
      ...(asked ? [evidence.lastMessage(asked)] : []),
      ...(span ? [evidence.openStep(span)] : []),
    ],
  })
}

/** When the run's work ended, for a run that owes a terminal and has not sent one. */
export function endedWithoutWord(run: RunFacts): Instant | null {
  if (!isTold(run)) return null
  const record = run.terminals.find((terminal) => terminal.by === 'record')
  const ends = [run.spanEndedAt, record?.at ?? null].filter((at) => at !== null)
  return ends.length === 0 ? null : Math.min(...ends)
}

function lastMessage(run: RunFacts): MessageFacts | undefined {
  return Object.values(run.messages).reduce<MessageFacts | undefined>(
    (last, message) => (last !== undefined && last.seq > message.seq ? last : message),
    undefined,
  )
}

function causeOfSilence(phase: Phase): Cause {
  switch (phase) {
    case 'reasoning':
      return 'model-silent'
    case 'tool':
      return 'tool-silent'
    case 'waiting':
      return 'waiting-too-long'
    case 'accepted':
    case 'started':
      return 'never-started'
    case 'connect':
    case 'auth':
    case 'ready':
    case 'finalise':
    case 'terminal':
      return 'unknown'
  }
}
