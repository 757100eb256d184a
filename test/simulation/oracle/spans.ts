/** What the spans of a run amount to: which is its own, which are open steps, which failed. */
import { isOpen, type HeardRun, type HeardSpan } from './hear.ts'
import type { Instant } from '../../../contract/units.ts'

/** The open steps with no open step inside them, the first to begin first. */
export function stepsOf(run: HeardRun): HeardSpan[] {
  const isStep = (span: HeardSpan) =>
    isOpen(span) && (span.phase === null ? isInnerAgent(run, span) : !(hasBegun(run) && span.phase === 'started'))
  const steps = [...run.spans.values()].filter(isStep)
  const around = new Set(steps.flatMap((step) => aboveOf(run, step).map(({ id }) => id)))
  return steps
    .filter(({ id }) => !around.has(id))
    .sort(byStart)
    .map((span) => (span.isRun ? span : { ...span, agent: null }))
}

export const byStart = (a: HeardSpan, b: HeardSpan): number => a.startedAt - b.startedAt || (a.id < b.id ? -1 : 1)

/** The outermost span of an agent. */
export function rootOf(run: HeardRun): HeardSpan | null {
  const runs = [...run.spans.values()].filter(({ isRun }) => isRun)
  return runs.find((span) => !aboveOf(run, span).some(({ isRun }) => isRun)) ?? null
}

export function isInnerAgent(run: HeardRun, span: HeardSpan): boolean {
  const root = rootOf(run)
  return span.isRun && root !== null && span !== root && span.agent !== root.agent
}

function aboveOf(run: HeardRun, span: HeardSpan): HeardSpan[] {
  const above: HeardSpan[] = []
  for (let next = run.spans.get(span.parent ?? ''); next !== undefined; next = run.spans.get(next.parent ?? ''))
    above.push(next)
  return above
}

/** What flows through the steps around a step has come out of it. */
export function growthOf(run: HeardRun, span: HeardSpan): Instant {
  const around = aboveOf(run, span).filter(
    (each) => each.endedAt === null && (each.phase === null ? isInnerAgent(run, each) : each.phase !== 'started'),
  )
  return Math.max(span.progressAt, ...around.map(({ progressAt }) => progressAt))
}

export function hasBegun(run: HeardRun): boolean {
  const isSaid =
    run.records.some(({ state }) => state === 'started') ||
    [...run.messages.values()].some(({ event }) => event === 'agent_started')
  return isSaid || [...run.spans.values()].some(({ phase }) => phase === 'reasoning' || phase === 'tool')
}

/** The first of the failures after which neither a model nor a tool began. */
export function thrownSpan(run: HeardRun): HeardSpan | null {
  const spans = [...run.spans.values()]
  const root = rootOf(run)
  const work = spans.filter(({ phase }) => phase === 'reasoning' || phase === 'tool')
  const latest = Math.max(-Infinity, ...work.map(({ startedAt }) => startedAt))
  const failed = spans.filter(
    (span) => span.isError && (span.phase !== null || span === root) && (span.finishedAt ?? 0) >= latest,
  )
  return failed.sort((a, b) => (a.finishedAt ?? 0) - (b.finishedAt ?? 0) || byStart(b, a))[0] ?? null
}
