/**
 * What is compared of a run: what had been said of it by the time it came to the step. A run that stands still has no
 * later spans, and that healthy ones have them says nothing of why.
 */
import type { ComparedStep } from '../../contract/compare.ts'
import type { AttributeValue, Attributes } from '../../contract/runs.ts'
import { fromIso, type Instant } from '../../contract/units.ts'
import type { DigestStep, Fact, FactValue, FullRun, RunDigest, StepSpan } from './run-digest.ts'

/** Longer ones are prompts and answers. */
const TEXT_CHARS_MAX = 120
/** A run of thousands of spans has a few dozen kinds of them. */
const FACTS_MAX = 1_000
const LOST = new Set(['dropped', 'failed', 'misrouted'])
const USER_AGENT = 'user_agent.original'
const INPUT_TOKENS = 'gen_ai.usage.input_tokens'
const OUTPUT_TOKENS = 'gen_ai.usage.output_tokens'
/** How records are numbered and carried, no property of what they tell of. */
const CARRIER = /^(partial\.|laststep\.(seq|progress|delivery\.|epoch))/

/** @param step where the runs are compared; null for runs as a whole @param now what "so far" is counted to */
export function digestRun(full: FullRun, step: ComparedStep | null, now: Instant): RunDigest {
  const { run, spans } = full
  const own = step === null ? null : findSpan(full, step)
  const until = own === null ? Infinity : fromIso(own.startedAt)
  const before = spans.filter((span) => span !== own && fromIso(span.startedAt) <= until)
  const facts = [
    ...ofRun(full, before, own),
    ...ofConnections(full),
    ...outcomeOf(full, own, now),
    ...ofResource(full.resource),
    ...ofSpans(before, own, until),
  ]
  return {
    id: run.row.id,
    facts: facts.slice(0, FACTS_MAX),
    passed: own === null ? null : stepOf(own),
    steps: outermost(spans).map(stepOf),
    endedAt: run.row.endedAt === null ? null : fromIso(run.row.endedAt),
  }
}

/** `tool › search_orders`, or the span's name when it is no step. */
export function labelOf({ phase, stepName, name }: Pick<StepSpan, 'phase' | 'stepName' | 'name'>): string {
  return phase === null ? name : writeStep({ phase, name: stepName })
}

export function writeStep({ phase, name }: ComparedStep): string {
  return name === null ? phase : `${phase} › ${name}`
}

/** Where a run stands, or stood still last. */
export function stepOfRun({ run }: Pick<FullRun, 'run'>): (ComparedStep & { readonly spanId: string | null }) | null {
  const step = run.verdict.step ?? run.pastStalls.at(-1)?.step ?? null
  return step === null ? null : { phase: step.phase, name: step.name, spanId: step.spanId }
}

function findSpan(full: FullRun, step: ComparedStep): StepSpan | null {
  const label = writeStep(step)
  const stood = [full.run.verdict.step, ...full.run.pastStalls.map((stall) => stall.step).toReversed()]
  const spanIds = stood.flatMap((one) =>
    one !== null && one.spanId !== null && writeStep(one) === label ? [one.spanId] : [],
  )
  const byId = spanIds.map((id) => full.spans.find(({ spanId }) => spanId === id)).find((span) => span !== undefined)
  return byId ?? full.spans.find((span) => labelOf(span) === label) ?? null
}

function stepOf(span: StepSpan): DigestStep {
  const { phase, startedAt, endedAt } = span
  return {
    step: labelOf(span),
    phase,
    startedAt: fromIso(startedAt),
    endedAt: endedAt === null ? null : fromIso(endedAt),
  }
}

/** Frameworks put a span around the span of the same call: the outer one stands for both. */
function outermost(spans: readonly StepSpan[]): StepSpan[] {
  const byId = new Map(spans.map((span) => [span.spanId, span]))
  return spans.filter((span) => {
    if (span.phase === null) return false
    const around = byId.get(span.parentSpanId ?? '')
    return around === undefined || around === span || labelOf(around) !== labelOf(span)
  })
}

function ofResource(resource: Attributes): Fact[] {
  return scalars(resource).map(([key, value]) => fact('resource', null, key, value))
}

/** Of several spans of one kind the latest begun; the step's own span stands for its kind. */
function ofSpans(before: readonly StepSpan[], own: StepSpan | null, until: Instant): Fact[] {
  const latest = new Map(before.map((span) => [labelOf(span), span]))
  if (own !== null) latest.set(labelOf(own), own)
  return [...latest].flatMap(([label, span]) => {
    const isOpen = span.endedAt === null
    const isRunning = span.endedAt === null || fromIso(span.endedAt) > until
    const exception = span.events.findLast(({ name }) => name === 'exception')?.attributes['exception.type']
    const said = new Map(scalars(span.attributes))
    said.delete(USER_AGENT)
    if (span.status !== 'unset' && !isRunning) said.set('span.status', span.status)
    if (typeof exception === 'string') said.set('exception.type', exception)
    return Array.from(said, ([key, value]) => ({ ...fact('span', label, key, value), isRunning, isOpen }))
  })
}

function ofRun({ run, spans }: FullRun, before: readonly StepSpan[], own: StepSpan | null): Fact[] {
  const steps = outermost(before)
  const models = [...steps, ...(own === null ? [] : [own])].filter(({ phase }) => phase === 'reasoning')
  const model = models.findLast(({ stepName }) => stepName !== null)?.stepName ?? null
  const tokens = before.flatMap(({ attributes }) => [attributes[INPUT_TOKENS], attributes[OUTPUT_TOKENS]])
  const counted = tokens.filter((count) => typeof count === 'number')
  const first = spans[0]
  const facts = [
    fact('run', null, 'agent', run.row.agent ?? ''),
    fact('run', null, 'model', model ?? ''),
    fact('run', null, 'steps before', steps.length),
    fact('run', null, 'failed steps before', steps.filter(({ status }) => status === 'error').length),
    ...(counted.length === 0
      ? []
      : [
          fact(
            'run',
            null,
            'tokens before',
            counted.reduce((sum, count) => sum + count, 0),
          ),
        ]),
    ...(own === null || first === undefined
      ? []
      : [time('run', 'time to the step', fromIso(own.startedAt) - fromIso(first.startedAt))]),
  ]
  return facts.filter(({ value }) => value !== '')
}

function ofConnections({ connections, spans }: FullRun): Fact[] {
  const [first] = connections
  const agent = spans.map(({ attributes }) => attributes[USER_AGENT]).find((value) => typeof value === 'string')
  const facts: Fact[] = []
  if (first !== undefined) {
    facts.push(fact('connection', null, 'protocol', first.stream ?? 'websocket'))
    facts.push(fact('connection', null, 'client sends acks', first.acks))
    facts.push(fact('connection', null, 'connections', connections.length))
  }
  if (typeof agent === 'string') facts.push(fact('client', null, USER_AGENT, cut(agent)))
  return facts
}

function outcomeOf({ run, deliveries, connections, spans }: FullRun, own: StepSpan | null, now: Instant): Fact[] {
  const { row } = run
  const { required, confirmed, outcome } = row.delivery
  const lengthTo = (from: string, to: string | null) => (to === null ? now : fromIso(to)) - fromIso(from)
  const closed = connections.findLast(({ closeCode }) => closeCode !== null)
  const facts = [
    fact('run', null, 'status', row.status),
    fact('run', null, 'cause', row.cause ?? ''),
    time('run', 'elapsed so far', lengthTo(row.startedAt, row.endedAt)),
    fact('run', null, 'steps so far', outermost(spans).length),
    ...(own === null ? [] : [time('run', 'time in the step so far', lengthTo(own.startedAt, own.endedAt))]),
    fact('delivery', null, 'outcome', outcome),
    ...(required === 0
      ? []
      : [fact('delivery', null, 'confirmed share', Math.round((confirmed / required) * 100) / 100)]),
    ...(deliveries.length === 0
      ? []
      : [
          fact(
            'delivery',
            null,
            'messages lost',
            deliveries.filter(({ states }) => states.some(({ state }) => LOST.has(state))).length,
          ),
        ]),
    ...(closed === undefined ? [] : [fact('connection', null, 'close code', String(closed.closeCode))]),
  ]
  return facts.filter(({ value }) => value !== '').map((one) => ({ ...one, isOutcome: true }))
}

function fact(of: Fact['of'], span: string | null, key: string, value: FactValue): Fact {
  return { of, span, key, value, unit: null, isOutcome: false, isRunning: false, isOpen: false }
}

function time(of: Fact['of'], key: string, ms: number): Fact {
  // Senders' clocks may disagree with ours about what is before what.
  return { ...fact(of, null, key, Math.max(0, Math.round(ms))), unit: 'ms' }
}

function scalars(attributes: Attributes): [string, FactValue][] {
  return Object.entries(attributes).flatMap(([key, value]): [string, FactValue][] => {
    if (CARRIER.test(key)) return []
    const said = scalarOf(value)
    return said === null ? [] : [[key, said]]
  })
}

function scalarOf(value: AttributeValue): FactValue | null {
  if (typeof value === 'string') return value === '' ? null : cut(value)
  if (typeof value === 'number' || typeof value === 'boolean') return value
  return value === null ? null : cut(JSON.stringify(value))
}

function cut(text: string): string {
  return text.length > TEXT_CHARS_MAX ? `${text.slice(0, TEXT_CHARS_MAX)}…` : text
}
