import type { Step } from '../../contract/runs.ts'
import { toIso, type Instant } from '../../contract/units.ts'
import type { Progression } from '../progression.ts'
import type { MessageFacts, OpenSpan, RunFacts } from '../run.ts'

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
  const phase = run.acceptedAt !== null && !hasBegun(run) ? 'accepted' : 'started'
  return { phase, name: null, spanId: run.spanId, since, code: root?.code ?? null }
}

/** A step known from messages alone, for runtimes whose steps have no spans. */
export interface ToldStep {
  readonly step: Step
  readonly message: MessageFacts
  readonly since: Instant
}

/**
 * The step that the latest message about one opened, if no span of its phase was ever seen. A `close` of the same pair
 * leaves none.
 */
export function findToldStep(run: RunFacts, events: Progression['events']): ToldStep | null {
  const messages = Object.values(run.messages).sort((a, b) => b.seq - a.seq)
  const closed = new Set<string>()
  for (const message of messages) {
    const rule = events[message.event]
    if (rule === undefined || rule.phase === 'accepted' || rule.outcome !== null) continue
    const pair = `${rule.phase} ${rule.pair === null ? '' : message.toolCallId}`
    if (rule.edge === 'close') closed.add(pair)
    if (rule.edge === 'close' || (rule.edge === 'open' && closed.has(pair))) continue
    const isSpanned = run.steps[rule.phase] !== undefined || (run.lastEnded?.at ?? 0) >= message.emittedAt
    if (isSpanned || rule.phase === 'started') return null
    // A point event after the last close belongs to work that may be over: only an open pair outlives later messages.
    if (rule.edge === 'point' && message !== messages[0]) return null
    const since = messages[0]?.emittedAt ?? message.emittedAt
    const step = { phase: rule.phase, name: null, spanId: message.spanId, since: toIso(since), code: null }
    return { step, message, since }
  }
  return null
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
