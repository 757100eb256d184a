import { PHASES } from '../../contract/phases.ts'
import type { RunFacts, ThrownException } from '../run.ts'
import { HEARSAY, type Source } from '../signal.ts'
import { decideOutcome } from './decide-outcome.ts'
import { agentFromName } from './agent-name.ts'
import { findFailingTool } from './find-failing-tool.ts'
import type { Home } from './find-homes.ts'
import { readStack } from './read-stack.ts'
import { byStart, compareEnds, endWriter, surveySpans, type Survey } from './survey-spans.ts'
import type { Named, TraceSpan } from './trace.ts'

/**
 * Write into a run what its spans say. Everything is worked out anew from all of them, so it does not matter in which
 * order they came.
 * @param homes where the spans of the run are: usually one trace, with the run-role span as its root
 */
export function projectRun(run: RunFacts, homes: readonly Home[]): void {
  const survey = surveySpans(homes)
  const { root, lastEnded, writtenEnd } = survey
  const isWhole = homes.every((home) => home.isWhole)
  run.traceId = survey.traceId ?? run.traceId
  // What a span seemed to be does not outlive it: the run's may turn out to stand inside one not heard of before.
  const isAnew = isWhole && survey.count > 0
  writeIdentity(run, survey, isAnew)
  run.firstHeardAt = Math.min(run.firstHeardAt, survey.firstHeardAt)
  run.startedAt = Math.min(run.startedAt, survey.startedAt)
  run.progressAt = Math.max(run.progressAt, survey.progressAt)
  if (root !== null || isAnew) {
    run.spanId = root?.spanId ?? null
    run.spanOpenedAt = root?.openedAt ?? null
    run.spanStartedAt = root?.startedAt ?? null
    run.spanEndedAt = root?.endedAt ?? null
    run.spanUnreported = root?.unreported ?? false
    run.spanStatus = root?.status ?? 'unset'
    run.spanEndsWellAnyhow = root?.endsWellAnyhow ?? false
    run.spanFinishedAt = root?.finishedAt ?? null
  }
  const agents = survey.inner.flatMap((span) => asStep(span, run.agent))
  run.open = {}
  for (const span of survey.open) run.open[span.spanId] = span
  for (const span of agents) if (span.endedAt === null) run.open[span.spanId] = span
  const last = [...agents, ...(lastEnded === null ? [] : [lastEnded])].filter((span) => span.endedAt !== null)
  const latest = last.reduce<TraceSpan | null>((a, b) => (a !== null && compareEnds(a, b) > 0 ? a : b), null)
  run.lastEnded = latest === null ? (isWhole ? null : run.lastEnded) : endedStep(latest)
  run.exception = exceptionOf(survey)
  run.failing = findFailingTool(survey)
  run.deferral = deferralOf(survey)
  run.writtenEnd = writtenEndOf(root) ?? writtenEndOf(writtenEnd)
  run.steps = isWhole ? survey.steps : atLeast(run.steps, survey.steps)
  if (survey.acceptedAt !== Infinity) run.acceptedAt = Math.min(run.acceptedAt ?? Infinity, survey.acceptedAt)
  run.spansSeen = isWhole ? survey.count : Math.max(run.spansSeen, survey.count)
  decideOutcome(run)
}

/** The run span speaks first, then the others in their order. */
function writeIdentity(run: RunFacts, { root, names, sources, inner }: Survey, isAnew: boolean): void {
  const name = (key: keyof Named) => root?.named?.[key] ?? names[key]?.named?.[key] ?? null
  // Of a run span that only its process's pulse told of its name is known: no agent inside it is the run's.
  const isHearsay = root?.endedAt === null && root.seq === HEARSAY.ofPulse
  const ofHearsay = isHearsay ? agentFromName(root) : null
  run.agent =
    ofHearsay ?? name('agent') ?? agentFromName(root) ?? firstAgent(inner) ?? (isAnew ? run.toldAgent : run.agent)
  run.userId = name('userId') ?? run.userId
  run.sessionId = name('conversationId') ?? name('sessionId') ?? run.sessionId
  const speakers = [...sources.values()]
  if (speakers.length > 1) speakers.sort(byStart)
  if (root !== null && speakers[0]?.source !== root.source) speakers.unshift(root)
  const source = (key: keyof Source) => speakers.find((span) => span.source[key] !== null)?.source[key] ?? null
  run.service = source('service') ?? run.service
  run.version = source('version') ?? run.version
  run.environment = source('environment') ?? run.environment
  run.instance = source('instance') ?? run.instance
  run.contract = source('contract') ?? run.contract
}

function firstAgent(inner: readonly TraceSpan[]): string | null {
  const named = inner.filter((span) => agentFromName(span) !== null)
  return agentFromName(named.sort(byStart)[0] ?? null)
}

/**
 * A sub-agent is a step of the run that called it, as a tool would be. A run span that names nobody, or the run's own
 * agent once more, is only a wrapping of the framework.
 */
function asStep(span: TraceSpan, own: string | null): TraceSpan[] {
  const agent = span.named?.agent ?? agentFromName(span)
  return agent === null || agent === own ? [] : [{ ...span, phase: 'tool', stepName: agent, isAgent: true }]
}

function writtenEndOf(span: TraceSpan | null): RunFacts['writtenEnd'] {
  const by = span === null || span.endedAt === null ? null : endWriter(span)
  return span === null || by === null ? null : { spanId: span.spanId, name: span.name, by }
}

/** What the run ended to wait for, if it did no more work after that. */
function deferralOf({ root, deferred, workBegunAt }: Survey): RunFacts['deferral'] {
  if (deferred === null || deferred.endedAt === null || (deferred.finishedAt ?? 0) < workBegunAt) return null
  const { spanId, name, stepName } = deferred
  return { spanId, name: stepName ?? name, at: root?.endedAt ?? deferred.endedAt }
}

function endedStep({ spanId, phase, stepName, name, code, status, endedAt }: TraceSpan): RunFacts['lastEnded'] {
  return phase === null || endedAt === null ? null : { spanId, phase, stepName, name, code, status, at: endedAt }
}

function exceptionOf({ root, failed, workBegunAt }: Survey): ThrownException | null {
  const fatal = failed.filter((span) => (span.finishedAt ?? Infinity) >= workBegunAt)
  // A throw ends the spans it passes through from the inside out: the first to end is where it came from.
  const origin = fatal.sort((a, b) => (a.finishedAt ?? Infinity) - (b.finishedAt ?? Infinity) || byStart(b, a))[0]
  if (origin === undefined) return null
  const { spanId, name, phase, stepName, status } = origin
  const stack = origin.exception?.stacktrace
  const { workingDirectory } = origin.source
  return {
    type: origin.exception?.type ?? origin.errorType ?? 'error',
    message: origin.exception?.message ?? origin.statusMessage ?? '',
    spanId,
    spanName: name,
    phase,
    stepName,
    code:
      (stack ? readStack(stack, { workingDirectory, near: origin.code ?? root?.code ?? null }) : null) ?? origin.code,
    at: origin.endedAt ?? origin.progressAt,
    status,
  }
}

/** What was counted, and no less than what is known from spans let go since. */
function atLeast(before: RunFacts['steps'], counted: RunFacts['steps']): RunFacts['steps'] {
  for (const phase of PHASES) {
    const [now, then] = [counted[phase], before[phase]]
    if (now === undefined && then !== undefined) counted[phase] = then
    if (now === undefined || then === undefined) continue
    now.begun = Math.max(now.begun, then.begun)
    now.ended = Math.max(now.ended, then.ended)
    now.firstAt = Math.min(now.firstAt, then.firstAt)
    now.begunAt = Math.min(now.begunAt, then.begunAt)
    now.lastEndedAt ??= then.lastEndedAt
  }
  return counted
}
