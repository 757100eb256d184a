import type { Step } from '../../contract/runs.ts'
import { toIso, type Instant } from '../../contract/units.ts'
import { findOpenPairs } from '../open-pairs.ts'
import { ruleOf, type EventRule, type Progression } from '../progression.ts'
import type { MessageFacts, OpenSpan, RunFacts, ThrownException } from '../run.ts'

/**
 * The open steps a run is in: those without an open step below them. Several when it works in parallel, none between
 * steps. A phase that only surrounds the others (`accepted`, `started`) is a step until the agent has begun its work.
 */
export function findSteps(run: RunFacts): OpenSpan[] {
  const open = Object.values(run.open).filter((span) => !span.unreported)
  const steps = open.filter((span) => span.phase !== null && !(hasBegun(run) && isOpening(span)))
  const around = new Set(steps.flatMap((step) => ancestorsOf(run, step)))
  return steps.filter((step) => !around.has(step.spanId))
}

/** True once a model or a tool was seen at work, or the agent said that it had started. */
export function hasBegun(run: RunFacts): boolean {
  return run.agentStartedAt !== null || run.steps.reasoning !== undefined || run.steps.tool !== undefined
}

export function stepOf(span: OpenSpan): Step | null {
  if (span.phase === null) return null
  const since = toIso(Math.max(span.openedAt, span.progressAt))
  return { phase: span.phase, name: span.stepName, spanId: span.spanId, since, code: span.code }
}

/** The last sign of a step that it goes on: progress, or the thoughts of a model that makes none. */
export function lastSign(run: RunFacts, span: OpenSpan): Instant {
  return Math.max(lastProgress(run, span), span.thoughtAt ?? -Infinity)
}

/** Progress of a step, or of a step around it: what flows through the outer one has come out of the inner one. */
export function lastProgress(run: RunFacts, span: OpenSpan): Instant {
  const around = ancestorsOf(run, span).map((id) => run.open[id])
  const steps = around.filter((each) => each !== undefined && each.phase !== null && !isOpening(each))
  return Math.max(span.progressAt, ...steps.map((each) => each?.progressAt ?? 0))
}

/** Where a run without an open step is: after the last one that ended. */
export function stepBetween(run: RunFacts): Step {
  const last = run.lastEnded
  const since = toIso(run.progressAt)
  if (last !== null)
    return {
      phase: last.phase,
      name: `after ${last.stepName ?? last.name}`,
      spanId: last.spanId,
      since,
      code: last.code,
    }
  const root = run.spanId === null ? null : (run.open[run.spanId] ?? null)
  const phase = (run.acceptedAt ?? run.queuedAt) !== null && !hasBegun(run) ? 'accepted' : 'started'
  return { phase, name: null, spanId: run.spanId, since, code: root?.code ?? null }
}

/** Where a run is that did not get over a failure. */
export function stepOfThrown(run: RunFacts, { phase, stepName: name, spanId, code, at }: ThrownException): Step {
  return { phase: phase ?? stepBetween(run).phase, name, spanId, since: toIso(at), code }
}

/** A step known from messages alone, for runtimes whose steps have no spans. */
export interface ToldStep {
  readonly step: Step
  readonly message: MessageFacts
  readonly since: Instant
}

/**
 * The step that messages opened last and did not close, or that the very last one speaks of; null when none does, or
 * when spans tell of steps in that phase. A point belongs to work that may be over: only an open pair outlives later
 * messages.
 */
export function findToldStep(run: RunFacts, progression: Progression): ToldStep | null {
  const known = Object.values(run.messages).flatMap((message) => {
    const rule = ruleOf(progression, message.event)
    return rule === null || rule.scope === 'step' ? [] : [{ message, rule }]
  })
  const last = known.reduce((a, b) => (a !== undefined && a.message.seq > b.message.seq ? a : b), known[0])
  const isPoint = last !== undefined && last.rule.edge === 'point' && isWork(last.rule)
  const told = isPoint ? last : findOpenPairs(run, progression).at(-1)
  if (last === undefined || told === undefined) return null
  const { phase } = told.rule
  if (run.steps[phase] !== undefined || (run.lastEnded?.at ?? 0) >= told.message.emittedAt) return null
  const since = last.message.emittedAt
  const step = { phase, name: null, spanId: told.message.spanId, since: toIso(since), code: null }
  return { step, message: told.message, since }
}

function isWork({ phase, outcome }: EventRule): boolean {
  return phase !== 'accepted' && phase !== 'started' && outcome === null
}

const isOpening = (span: OpenSpan): boolean => span.phase === 'accepted' || span.phase === 'started'

function ancestorsOf(run: RunFacts, span: OpenSpan): string[] {
  const ids: string[] = []
  let parentId = span.parentSpanId
  while (parentId !== null && ids.length < 64) {
    ids.push(parentId)
    parentId = run.open[parentId]?.parentSpanId ?? null
  }
  return ids
}
