/**
 * What the steps of a run amount to together, which no span says by itself: that one is the third attempt, that the work
 * was handed over, that a run goes in a circle.
 */
import { ATTR } from '../../contract/attributes.ts'
import type { SpanId } from '../../contract/ids.ts'
import type { Evidence, SpanView } from '../../contract/runs.ts'
import { compareStarts } from './compare-starts.ts'

/** An agent that looks something up a few times works; one that does the same over and over may be in a loop. */
const ROUNDS_MIN = 5
/** A model, a tool, and a tool that checks: longer circles are not told apart from a plan. */
const ROUND_MAX = 3
/** More would bury the verdict's own lines. */
const LINES_MAX = 8

/** @param agents the agents inside the run, by the span of each: what each does is a sequence of its own */
export function findPatterns(views: readonly SpanView[], agents: ReadonlyMap<SpanId, string>): Evidence[] {
  const byStart = views.toSorted(compareStarts)
  const lines = [
    ...sequences(byStart, agents).flatMap((steps) => [...findAttempts(steps), ...findLoops(steps)]),
    ...byStart.flatMap(handOver),
  ]
  return lines.slice(0, LINES_MAX)
}

/** The model and tool steps of each agent, those that hold further steps left out. */
function sequences(byStart: readonly SpanView[], agents: ReadonlyMap<SpanId, string>): SpanView[][] {
  const byId = new Map(byStart.map((view) => [view.spanId, view]))
  const isStep = (view: SpanView) => view.phase === 'reasoning' || view.phase === 'tool'
  const around = new Set<SpanView>()
  const found = new Map<SpanId | null, SpanView[]>()
  for (const view of byStart.filter(isStep).toReversed()) {
    const passed = new Set<SpanView>()
    let up = byId.get(view.parentSpanId ?? '')
    for (; up !== undefined && !agents.has(up.spanId) && !passed.has(up); up = byId.get(up.parentSpanId ?? '')) {
      passed.add(up)
      around.add(up)
    }
    const agent = up !== undefined && agents.has(up.spanId) ? up.spanId : null
    const steps = found.get(agent)
    if (steps === undefined) found.set(agent, [view])
    else steps.push(view)
  }
  return [...found.values()].map((steps) => steps.filter((step) => !around.has(step)).toReversed()).toReversed()
}

/** A step begun anew, under the same name, after it had failed. */
function findAttempts(steps: readonly SpanView[]): Evidence[] {
  const lines: Evidence[] = []
  let failed: SpanView[] = []
  for (const [index, step] of steps.entries()) {
    const before = failed.at(-1)
    const isNext = before !== undefined && before.name === step.name && (before.endedAt ?? '') <= step.startedAt
    if (!isNext) failed = []
    if (step.status === 'error' && step.endedAt !== null) failed.push(step)
    const attempt = failed.includes(step) ? failed.length : failed.length + 1
    const isLast = !failed.includes(step) || steps[index + 1]?.name !== step.name
    if (attempt === 1 || !isLast) continue
    const others = attempt === 2 ? 'the one before failed' : `the ${attempt - 1} before failed`
    const end = step.openState === null ? '' : ', still open'
    const text = failed.includes(step)
      ? `all ${attempt} attempts of ${step.name} failed`
      : `attempt ${attempt} of ${step.name}${end}; ${others}`
    lines.push({ text, ref: `span:${step.spanId}` })
    failed = []
  }
  return lines
}

/** The same one to three steps, again and again. Attempts after failures are no loop. */
function findLoops(steps: readonly SpanView[]): Evidence[] {
  const sound = steps.filter((step) => step.status !== 'error')
  const lines: Evidence[] = []
  for (let from = 0; from < sound.length;) {
    const loop = loopAt(sound, from)
    if (loop === null) {
      from++
      continue
    }
    const names = sound.slice(from, from + loop.length).map((step) => step.name)
    from += loop.length * loop.rounds
    lines.push({
      text: `the same again and again: ${names.join(' → ')} ×${loop.rounds}`,
      ref: `span:${sound[from - 1]?.spanId ?? ''}`,
    })
  }
  return lines
}

function loopAt(steps: readonly SpanView[], from: number): { readonly length: number; readonly rounds: number } | null {
  for (let length = 1; length <= ROUND_MAX; length++) {
    let same = length
    while (from + same < steps.length && follows(steps, from + same, length)) same++
    const rounds = Math.floor(same / length)
    const isOne = new Set(steps.slice(from, from + length).map((step) => step.name)).size === 1
    if (rounds >= ROUNDS_MIN && isOne === (length === 1)) return { length, rounds }
  }
  return null
}

/** Whether a step is the one a round before, done again after that had ended: steps side by side are no loop. */
function follows(steps: readonly SpanView[], at: number, length: number): boolean {
  const [step, before] = [steps[at], steps[at - length]]
  if (step === undefined || before === undefined || before.endedAt === null) return false
  return before.name === step.name && before.endedAt <= step.startedAt
}

/** How frameworks write it: OpenInference and OpenAI Agents, OpenLLMetry, tools that transfer. */
const HANDED_TO: readonly RegExp[] = [
  /^hand-?off (?:to )?(.+)$/i,
  /→ (.+)\.handoff$/,
  /^(?:execute_tool |running tool )?transfer_to_(.+)$/,
]

function handOver({ name, spanId, startedAt, attributes }: SpanView): Evidence[] {
  const byName = HANDED_TO.map((pattern) => pattern.exec(name)?.[1]).find((to) => to !== undefined)
  const to = byName ?? (attributes[ATTR.operation] === 'handoff' ? name : undefined)
  return to === undefined ? [] : [{ text: `handed over to ${to} at ${startedAt}`, ref: `span:${spanId}` }]
}
