/** Evidence lines: each a sentence that names moments, not ages, so that it stays true, and the record it quotes. */
import { toIso, type Instant, type Millis } from '../../contract/units.ts'
import type { CodeLocation, Evidence, GapReason, GapView, Limit } from '../../contract/runs.ts'
import { isStart } from '../open-pairs.ts'
import { isQueueing, ruleOf, type EventRule, type Progression } from '../progression.ts'
import type {
  EndedStep,
  EventFacts,
  FailingTool,
  InstanceFacts,
  MessageFacts,
  OpenSpan,
  RunFacts,
  StrayMessage,
  Terminal,
  ThrownException,
} from '../run.ts'

export const evidence = {
  openStep: (span: OpenSpan): Evidence => ({
    text:
      `span "${span.name}" open since ${toIso(span.openedAt)}` +
      (span.progressAt > span.openedAt ? `, last progress at ${toIso(span.progressAt)}` : ', no progress since') +
      (span.progress > 0 ? ` after ${span.progress} pieces` : '') +
      inCode(span.code),
    ref: `span:${span.spanId}`,
  }),
  inParallel: (others: readonly OpenSpan[]): Evidence => ({
    text:
      `in parallel with ${listed(others.map(({ name }) => `"${name}"`))}` +
      `, open since ${toIso(Math.min(...others.map(({ openedAt }) => openedAt)))}${others.length > 1 ? ' and later' : ''}`,
    ref: others[0] === undefined ? null : `span:${others[0].spanId}`,
  }),
  ended: (step: EndedStep): Evidence => ({
    text: `the last step to end was "${step.name}" at ${toIso(step.at)}${step.status === 'error' ? ', with an error' : ''}${inCode(step.code)}`,
    ref: `span:${step.spanId}`,
  }),
  nothingEnded: (run: RunFacts): Evidence => ({
    text: `no step of the run has begun since it was first heard of at ${toIso(run.firstHeardAt)}`,
    ref: refOfRun(run),
  }),
  thrown: (thrown: ThrownException): Evidence => ({
    text:
      `${thrown.type}${thrown.message === '' ? '' : `: ${thrown.message}`} was recorded on span "${thrown.spanName}"` +
      ` at ${toIso(thrown.at)}${inCode(thrown.code)}, and nothing was sent about it`,
    ref: `span:${thrown.spanId}`,
  }),
  runSpanEnded: (run: RunFacts, at: Instant): Evidence => ({
    text: `the run span ended at ${toIso(at)} with status ${run.spanStatus}, and no terminal message was emitted`,
    ref: refOfRun(run),
  }),
  recordEnded: (run: RunFacts, terminal: Terminal): Evidence => ({
    text: `a run record said ${terminal.outcome} at ${toIso(terminal.at)}, and no terminal message was emitted`,
    ref: refOfEnd(run, terminal),
  }),
  accepted: (run: RunFacts, at: Instant, progression: Progression): Evidence => {
    const message = Object.values(run.messages).find(({ event }) => ruleOf(progression, event)?.phase === 'accepted')
    const source = message === undefined ? 'a span or record' : `${message.event} (message ${message.seq})`
    const start = Object.values(progression.events).find(isStart)?.key ?? 'its start'
    return {
      text: `accepted at ${toIso(at)} by ${source}; ${start} has not been emitted`,
      ref: message === undefined ? (refOfWord(run, 'accepted') ?? refOfRun(run)) : `delivery:${message.seq}`,
    }
  },
  queued: (run: RunFacts, since: Instant, progression: Progression): Evidence => {
    const message = Object.values(run.messages).find(({ event }) => isQueueing(ruleOf(progression, event)))
    const source = message === undefined ? 'a record or span' : `${message.event} (message ${message.seq})`
    return {
      text: `waits for its turn since ${toIso(since)}, as ${source} says; nothing of it has begun`,
      ref: message === undefined ? (refOfWord(run, 'queued') ?? refOfRun(run)) : `delivery:${message.seq}`,
    }
  },
  thoughts: (run: RunFacts, progression: Progression, since: Instant): Evidence => {
    const [type, told] = Object.entries(run.events)
      .filter(([event]) => ruleOf(progression, event)?.thought)
      .reduce((a, b) => (a[1].lastSeq > b[1].lastSeq ? a : b))
    return {
      text:
        `nothing but thoughts has come since ${toIso(since)}: the last was ${type} (message ${told.lastSeq})` +
        ` at ${toIso(told.lastAt)}, number ${told.count} of the run`,
      ref: `delivery:${told.lastSeq}`,
    }
  },
  failing: ({ name, count, since, spanId }: FailingTool): Evidence => ({
    text: `${name} has failed ${count} times in a row since ${toIso(since)}, and no tool has gone well since`,
    ref: `span:${spanId}`,
  }),
  lastMessage: (message: MessageFacts): Evidence => ({
    text: `the last message about it was ${message.event} (message ${message.seq}), emitted at ${toIso(message.emittedAt)}`,
    ref: `delivery:${message.seq}`,
  }),
  terminal: (run: RunFacts, terminal: Terminal, rule: EventRule | null): Evidence => ({
    text:
      (terminal.event === null ? `a run record said ${terminal.outcome}` : `${terminal.event} was emitted`) +
      ` at ${toIso(terminal.at)}${terminal.reason === null ? '' : `: ${terminal.reason}`}` +
      (rule?.synthetic ? '; the runtime makes it up for a stream that broke off' : ''),
    ref: terminal.by === 'message' ? `delivery:${terminal.seq}` : refOfEnd(run, terminal),
  }),
  unknownTypes: (contract: string, counts: readonly (readonly [string, EventFacts])[]): Evidence => {
    const total = counts.reduce((sum, [, { count }]) => sum + count, 0)
    const listed = counts.slice(0, 5).map(([type, { count }]) => `${type} ×${count}`)
    const more = counts.length > 5 ? ` and ${counts.length - 5} more types` : ''
    return {
      text:
        `${total} ${total === 1 ? 'message of a type' : 'messages of types'} the contract ${contract} does not know: ` +
        `${listed.join(', ')}${more}`,
      ref: counts[0] === undefined ? null : `delivery:${counts[0][1].firstSeq}`,
    }
  },
  workAfterEnd: ({ event, seq }: Terminal, lastEvent: string, lastSeq: number): Evidence => ({
    text: `${event} (message ${seq}) was not its end: it went on to work, up to ${lastEvent} (message ${lastSeq})`,
    ref: `delivery:${lastSeq}`,
  }),
  stray: ({ runId, event, seq, at, spanId, spanName, code }: StrayMessage): Evidence => ({
    text:
      `messages are sent from inside it under another id, ${runId}, such as ${event} (message ${seq})` +
      ` at ${toIso(at)}, from span "${spanName}"${inCode(code)}`,
    ref: `span:${spanId}`,
  }),
  deferred: ({ spanId, name, at }: NonNullable<RunFacts['deferral']>): Evidence => ({
    text: `"${name}" ended at ${toIso(at)} because somebody has to decide first`,
    ref: `span:${spanId}`,
  }),
  writtenEnd: ({ spanId, name, by }: NonNullable<RunFacts['writtenEnd']>): Evidence => ({
    text: `the end of span "${name}" was written by ${by}, and not by the work`,
    ref: `span:${spanId}`,
  }),
  rootMissing: (run: RunFacts): Evidence => ({
    text: 'the span around its steps has never come: it is still open, or it is sent elsewhere, by another tracer provider',
    ref: refOfRun(run),
  }),
  takenUp: (run: RunFacts): Evidence => ({
    text: `what it waited for was taken up by run ${run.takenUpBy}, a later one of the same session`,
    ref: refOfRun(run),
  }),
  outcomeBySpan: (run: RunFacts): Evidence => ({
    text: run.spanEndsWellAnyhow
      ? `the run span ended with status ${run.spanStatus}, as all of this framework do; what happened inside decides`
      : `the run span ended with status ${run.spanStatus}; this source sends no messages or run records`,
    ref: refOfRun(run),
  }),
  pulseAlive: (instance: InstanceFacts): Evidence => ({
    text: `process ${instance.instance} was alive: it sends a pulse every ${inWords(instance.intervalMs)}`,
    ref: `pulse:${instance.instance}`,
  }),
  pulseStopped: (instance: InstanceFacts, progressAt: Instant): Evidence => ({
    text:
      `the last pulse of process ${instance.instance} was number ${instance.pulseSeq} at ${toIso(instance.pulseAt)};` +
      ` it sent one every ${inWords(instance.intervalMs)}` +
      (progressAt > instance.pulseAt ? `, and the run was last heard of at ${toIso(progressAt)}` : ''),
    ref: `pulse:${instance.instance}`,
  }),
  goodbye: (instance: InstanceFacts): Evidence => ({
    text: `process ${instance.instance} shut down in order at ${toIso(instance.pulseAt)} while the run was open`,
    ref: `pulse:${instance.instance}`,
  }),
  repeatsStopped: (span: OpenSpan, every: Millis): Evidence => ({
    text:
      `span "${span.name}" was last sent again at ${toIso(span.heardAt)};` +
      ` its process sends open spans every ${inWords(every)}, and no pulses`,
    ref: `span:${span.spanId}`,
  }),
  stoppedSpan: (span: OpenSpan): Evidence => ({
    text: `its process ended span "${span.name}" unfinished: ${span.stopReason ?? 'no reason given'}`,
    ref: `span:${span.spanId}`,
  }),
  blocked: (instance: InstanceFacts, since: Instant): Evidence => ({
    text:
      `the main thread of process ${instance.instance} has not turned since ${toIso(since)}:` +
      ` pulse ${instance.pulseSeq} says ${inWords(instance.loopBlockedMs)}`,
    ref: `pulse:${instance.instance}`,
  }),
  waiting: (run: RunFacts, since: Instant): Evidence => ({
    text: `the run has waited for a person or another run since ${toIso(since)}`,
    ref: (since === run.waitingAt ? refOfWord(run, 'waiting') : null) ?? refOfRun(run),
  }),
  endsOnly: (run: RunFacts): Evidence => ({
    text: 'this source sends spans only when they end, so the step that stands still cannot be seen',
    ref: refOfRun(run),
  }),
  logsOnly: (run: RunFacts): Evidence => ({
    text: 'this source sends logs and no spans, so the step that stands still cannot be seen',
    ref: refOfRun(run),
  }),
  unreported: (run: RunFacts): Evidence => ({
    text: 'its process no longer lists the run span as open, and the final record of it never came',
    ref: refOfRun(run),
  }),
  unheard: ({ from, to, reason }: GapView): Evidence => ({
    text:
      `Laststep did not hear from ${from} to ${to} (${GAP_WORDS[reason]}), and nothing has come of the run since:` +
      ' it may have gone on in that time',
    ref: `gap:${from}`,
  }),
  overrunning: (run: RunFacts, limit: Limit): Evidence => ({
    text: `the run has been open since ${toIso(run.firstHeardAt)}, longer than ${inWords(limit.ms)}`,
    ref: refOfRun(run),
  }),
}

const GAP_WORDS: Readonly<Record<GapReason, string>> = {
  down: 'it was not running',
  paused: 'its process stood still',
  refused: 'it could not keep what was sent to it',
}

/** `5 s`, `2.5 s`, `20 min`, `1 h`: the longest unit that keeps the number short. */
export function inWords(ms: Millis): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${tidy(ms / 1_000)} s`
  return ms < 3_600_000 ? `${tidy(ms / 60_000)} min` : `${tidy(ms / 3_600_000)} h`
}

/** `"a", "b", "c" and 4 more`. */
function listed(names: readonly string[]): string {
  const more = names.length > 3 ? ` and ${names.length - 3} more` : ''
  return names.slice(0, 3).join(', ') + more
}

/** The run's own span; without it what was heard of the run last: a step, a word of it, a message. */
function refOfRun(run: RunFacts): string | null {
  const spanId = run.spanId ?? run.lastEnded?.spanId ?? Object.keys(run.open)[0]
  if (spanId !== undefined) return `span:${spanId}`
  const [latest] = Object.entries(run.said).sort(([, a], [, b]) => b - a)
  if (latest !== undefined) return `log:${latest[0]}@${toIso(latest[1])}`
  const seqs = Object.values(run.messages).map(({ seq }) => seq)
  return seqs.length === 0 ? null : `delivery:${Math.max(...seqs)}`
}

/** The run's word that it ended; of several the first, and of answers the latest. */
function refOfEnd(run: RunFacts, { seq }: Terminal): string | null {
  return refOfWord(run, seq > 0 ? 'answered' : 'ended') ?? refOfRun(run)
}

/** What the run said of itself, outside any span. */
function refOfWord(run: RunFacts, state: keyof RunFacts['said']): string | null {
  const at = run.said[state]
  return at === undefined ? null : `log:${state}@${toIso(at)}`
}

function inCode(code: CodeLocation | null): string {
  return code === null ? '' : `, at ${code.file}${code.line === null ? '' : `:${code.line}`}`
}

const tidy = (value: number): number => Math.round(value * 10) / 10
