/** The first thing a run page says: what is stuck, where, for how long, what was expected, why. */
import { SPAN_ATTR } from '../../contract/span-attributes.ts'
import type { CodeLocation, GapReason, Limit, Otherwise, RunDetail, SpanView } from '../../contract/runs.ts'
import { fromIso, seconds, type Instant } from '../../contract/units.ts'
import { capitalise, formatAge, formatCount, formatDuration, formatLimit, formatStep, formatTime } from './format.ts'
import { CAUSE_WORDS, CONFIDENCE_WORDS, STATUS_WORDS } from './words.ts'

export interface RunSentence {
  /** `Stalled in`, `Completed in`, … */
  readonly lead: string
  /** `tool › search_orders`; null when the run has no step to name. */
  readonly step: string | null
  /** `for 4 m 12 s`; ticks while the run is open. */
  readonly length: string
  /** Facts in order of use, each a short phrase. */
  readonly facts: readonly string[]
  /** Where in the code it stands; null for a run that ended. */
  readonly code: CodeLocation | null
}

export function writeSentence(run: RunDetail, now: Instant): RunSentence {
  const { verdict } = run
  const step = verdict.step ?? run.step
  return {
    ...headline(run, now),
    facts: [
      ...causeFacts(run),
      ...exceptionFacts(run),
      ...timeFacts(run, now),
      ...limitFacts(run),
      ...deliveryFacts(run),
      ...gapFacts(run, now),
      ...lateFacts(run),
    ],
    code: run.endedAt === null ? (step?.code ?? null) : null,
  }
}

/** One line of plain text, for titles and Markdown: `stalled in tool › search_orders (4 m 12 s)`. */
export function titleOf(run: RunDetail, now: Instant): string {
  const { lead, step, length } = headline(run, now)
  const tail = run.endedAt === null ? `(${length.replace('for ', '')})` : length
  return [lead.toLowerCase(), step, tail].filter(Boolean).join(' ')
}

/** The other explanation: `telemetry-lost: process p1 works on, …`; without a name where nothing is wrong then. */
export function writeOtherwise({ cause, text }: Otherwise): string {
  return cause === null ? text : `${cause}: ${text}`
}

function headline(run: RunDetail, now: Instant): Pick<RunSentence, 'lead' | 'step' | 'length'> {
  const word = STATUS_WORDS[run.status].long
  const step = run.verdict.step ?? run.step
  const name = step === null ? null : formatStep(step)
  const started = fromIso(run.startedAt)
  if (run.endedAt !== null) return endWords(run, formatDuration(fromIso(run.endedAt) - started))
  // A stall is counted from the last progress; the deadline has its own phrase.
  const since = step === null ? started : fromIso(step.since)
  const length = `for ${formatAge(now - since)}`
  if (step?.phase === 'terminal') return { lead: `${word} at its end`, step: null, length }
  const isSaid = name === null || (run.status === 'waiting' && step?.name === null)
  return isSaid ? { lead: word, step: null, length } : { lead: `${word} in`, step: name, length }
}

function endWords(run: RunDetail, took: string): Pick<RunSentence, 'lead' | 'step' | 'length'> {
  const step = run.verdict.step ?? run.step
  if (run.status === 'completed') return { lead: 'Completed', step: null, length: `in ${took}` }
  if (run.status === 'undelivered') return { lead: 'Completed', step: null, length: `in ${took}, but not delivered` }
  // Where a run stood when it failed is worth naming; that it stood at its end is not.
  const name = step === null || step.phase === 'terminal' ? null : formatStep(step)
  return { lead: STATUS_WORDS[run.status].long + (name === null ? '' : ' in'), step: name, length: `after ${took}` }
}

function causeFacts({ cause, verdict, confidence }: RunDetail): string[] {
  const because = verdict.cause ?? cause
  if (because === null) return []
  return [capitalise(CAUSE_WORDS[because]) + (confidence === 'T1' ? '' : ` (${CONFIDENCE_WORDS[confidence]})`)]
}

/** The exception itself, when one is to blame: the judged step's, else the last one recorded. */
function exceptionFacts({ cause, status, spans, verdict }: RunDetail): string[] {
  if (cause !== 'exception-swallowed' && status !== 'failed') return []
  const thrown = (span: SpanView) => span.events.filter((event) => event.name === 'exception')
  const judged = spans.filter((span) => span.spanId === verdict.step?.spanId).flatMap(thrown)
  const exception = (judged.length > 0 ? judged : spans.flatMap(thrown)).at(-1)
  if (!exception) return []
  const { [SPAN_ATTR.exceptionType]: type, [SPAN_ATTR.exceptionMessage]: message } = exception.attributes
  return [[type, message].filter((part) => typeof part === 'string' && part !== '').join(': ')]
}

function timeFacts(run: RunDetail, now: Instant): string[] {
  if (run.endedAt !== null)
    return [`started ${formatTime(fromIso(run.startedAt), now)}`, `ended ${formatTime(fromIso(run.endedAt), now)}`]
  const since = run.step?.since ?? run.lastProgressAt
  const quiet = run.status === 'running' || run.status === 'waiting'
  return [
    quiet
      ? `in this step since ${formatTime(fromIso(since), now)}`
      : `no progress since ${formatTime(fromIso(since), now)}`,
  ]
}

function limitFacts({ endedAt, verdict }: RunDetail): string[] {
  if (verdict.limit === null || endedAt !== null) return []
  return [`expected within ${formatLimit(verdict.limit.ms)} (${originOf(verdict.limit)})`]
}

/** Where a limit comes from, in words: `learned from 212 finished runs of this step, p99 4.2 s × 3`. */
export function originOf({ ms, from, learned }: Limit): string {
  if (!learned) return from
  const { samples, p99Ms, factor } = learned
  const times = p99Ms * factor
  // Limits are whole seconds, so more than one apart is a bound of the contract.
  const bound = ms - times > seconds(1) ? ', and no less' : times - ms > seconds(1) ? ', and no more' : ''
  return `learned from ${formatCount(samples)} finished runs of this step, p99 ${formatDuration(p99Ms)} × ${factor}${bound}`
}

function deliveryFacts({ status, delivery, deliveries }: RunDetail): string[] {
  // A run that tells of its messages, and over a one-way stream can tell no more.
  if (status === 'completed' && delivery.outcome === 'unknown' && deliveries.length > 0)
    return ['the answer was written, not confirmed']
  if (status !== 'undelivered') return []
  const missing = delivery.required - delivery.confirmed
  return [`${missing} of ${delivery.required} required messages not confirmed`]
}

const GAP_WORDS: Readonly<Record<GapReason, string>> = {
  down: 'was not running',
  paused: 'stood still',
  refused: 'could not keep what it was sent',
}

function gapFacts({ verdict }: RunDetail, now: Instant): string[] {
  if (verdict.unconfirmed === null) return []
  const { from, to, reason } = verdict.unconfirmed
  const between = `${formatTime(fromIso(from), now)} to ${formatTime(fromIso(to), now)}`
  return [`unconfirmed: nothing heard of it since Laststep ${GAP_WORDS[reason]}, ${between}`]
}

function lateFacts({ verdict }: RunDetail): string[] {
  return verdict.lateByMs === null ? [] : [`${formatDuration(verdict.lateByMs)} past its deadline`]
}
