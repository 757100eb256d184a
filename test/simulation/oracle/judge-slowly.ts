/**
 * The other judge: DESIGN.md §5 once more, by somebody who has all the time in the world. Says what a run's status must be
 * at a moment, from everything heard until then.
 */
import type { Phase } from '../../../contract/phases.ts'
import type { Cause, Status } from '../../../contract/statuses.ts'
import type { Instant } from '../../../contract/units.ts'
import type { NotedGap } from '../replay.ts'
import { FLAGS, type State } from '../timeline.ts'
import { belongs, isOpen, type HeardRun, type HeardSpan, type Scene } from './hear.ts'
import { judgeMessages, outcomeOf, type Ending } from './judge-messages.ts'
import { dueAfter, OVERRUNNING, PATIENCE, PULSES_MISSED, REPEATS_MISSED, type Patience } from './limits.ts'
import { byStart, growthOf, hasBegun, isInnerAgent, rootOf, stepsOf, thrownSpan } from './spans.ts'
import { waitSince, wentOnAt } from './waits.ts'

/** Something owed by a moment. */
interface Debt {
  readonly status: Status
  readonly cause: Cause
  readonly step: string | null
  readonly suspectAt: Instant
  readonly dueAt: Instant
  readonly isWaiting: boolean
  /** Owed by the process, not by the run: shown only when it is overdue or suspect. */
  readonly isOfProcess: boolean
}

export interface Setting {
  readonly gaps: readonly NotedGap[]
  readonly now: Instant
  /** What was said a moment ago. */
  readonly before: State | null
}

export function judgeSlowly(scene: Scene, setting: Setting): State {
  const ending = outcomeOf(scene.run)
  const state = ending === null ? judgeGoingOn(scene, setting) : judgeEnded(scene, ending, setting)
  return keepsFlag(scene, setting, state) ? (setting.before ?? state) : state
}

function judgeEnded(scene: Scene, ending: Ending, { gaps, now }: Setting): State {
  const settled = { step: null, cause: null, deadline: null, since: null }
  if (ending.isContradicted) return { ...settled, status: 'failed', cause: 'contradictory-terminals' }
  if (ending.outcome === 'cancelled') return { ...settled, status: 'cancelled' }
  if (ending.outcome === 'failed')
    return { ...settled, status: 'failed', cause: ending.isRejection ? 'rejected' : null }
  if (ending.isByWord && thrownSpan(scene.run) !== null)
    return { ...settled, status: 'failed', cause: 'false-completion' }
  const undelivered = judgeMessages(scene, ending, gaps, now)
  if (undelivered === null) return { ...settled, status: 'completed' }
  const { cause, dueAt } = undelivered
  return { ...settled, status: 'undelivered', cause, deadline: dueAt, since: dueAt }
}

function judgeGoingOn(scene: Scene, setting: Setting): State {
  const { now, gaps } = setting
  const debts = [...debtsOfRun(scene, setting), ...debtsOfProcess(scene, setting)]
  const overdue = debts.filter(({ dueAt }) => dueAt <= now)
  const worst =
    soonest(
      overdue.filter(({ status }) => status === 'lost'),
      'dueAt',
    ) ?? soonest(overdue, 'dueAt')
  if (worst !== null) {
    const { status, step, dueAt } = worst
    return { status, step, cause: blockedInstead(scene, worst) ?? worst.cause, deadline: dueAt, since: dueAt }
  }
  const suspect = soonest(
    debts.filter(({ suspectAt }) => suspectAt <= now),
    'suspectAt',
  )
  if (suspect !== null) {
    const { step, cause, dueAt, suspectAt } = suspect
    return { status: 'slow', step, cause, deadline: dueAt, since: suspectAt }
  }
  const next = soonest(
    debts.filter(({ isOfProcess }) => !isOfProcess),
    'dueAt',
  )
  const shown = { step: next?.step ?? null, cause: null, deadline: next?.dueAt ?? null }
  if (next?.isWaiting) return { ...shown, status: 'waiting', since: null }
  const overrunAt = dueAfter(scene.run.firstAt, OVERRUNNING, gaps, now)
  if (overrunAt <= now) return { ...shown, status: 'slow', since: overrunAt }
  return { ...shown, status: 'running', since: null }
}

/** For the two seconds in which a stalled run that ended without a word may still say one. */
function keepsFlag({ run }: Scene, { before, gaps, now }: Setting, state: State): boolean {
  if (before === null || FLAGS.has(state.status)) return false
  if (before.status === 'stalled' && outcomeOf(run) === null && endedSilentlyAt(run) !== null) return true
  // Flagged while we sent telemetry away: that its deadline moved later does not speak for it.
  const since = before.since ?? 0
  const wasRefusing = gaps.some(
    ({ from, lengthMs, reason, knownAt }) =>
      reason === 'refused' && knownAt <= now && from <= since && since < from + lengthMs && run.heardAt <= from,
  )
  return FLAGS.has(before.status) && wasRefusing
}

function debtsOfRun(scene: Scene, setting: Setting): Debt[] {
  const { run } = scene
  const owe = (cause: Cause, step: string | null, since: Instant, patience: Patience, more: Partial<Debt> = {}): Debt =>
    debt(setting, cause, step, since, patience, more)
  const thrown = thrownSpan(run)
  const stepOfThrown = (span: HeardSpan) => nameOf(span.phase ?? placeOf(run).phase, span.step)
  const start: Debt[] = []
  const acceptedAt = acceptedOf(run)
  const steps = stepsOf(run)
  if (isTold(run) && !hasBegun(run) && acceptedAt !== null) {
    const inside = steps[0]
    const step = thrown !== null ? stepOfThrown(thrown) : inside === undefined ? placeOf(run).text : textOf(inside)
    // Its own time begins when it is at it: until then it may have waited for its turn.
    const turnAt = inside?.phase === 'started' ? Math.max(acceptedAt, inside.firstAt) : acceptedAt
    const since = Math.max(turnAt, wentOnAt(run))
    start.push(owe(thrown === null ? 'never-started' : 'exception-swallowed', step, since, PATIENCE.started))
  }
  const endedAt = endedSilentlyAt(run)
  if (endedAt !== null) {
    const missing = hasBegun(run) ? 'terminal' : placeOf(run).text
    const silence = hasBegun(run) ? 'terminal-skipped' : 'never-started'
    const cause = thrown === null ? silence : 'exception-swallowed'
    return [owe(cause, thrown === null ? missing : stepOfThrown(thrown), endedAt, PATIENCE.terminal), ...start]
  }
  const root = rootOf(run)
  const waitingSince = waitSince(run)
  const isAtWork = steps.length > 0 || waitingSince !== null
  if (root?.isGone === true && root.endedAt === null && !(isTold(run) && isAtWork))
    return [owe('telemetry-lost', placeOf(run).text, run.progressAt, PATIENCE.finalise, { status: 'lost' })]
  if (waitingSince !== null) {
    const span = steps.find(({ isWaiting }) => isWaiting)
    return [
      owe('waiting-too-long', span === undefined ? 'waiting' : textOf(span), waitingSince, PATIENCE.waiting, {
        isWaiting: true,
      }),
    ]
  }
  if (start.length > 0) return start
  const onlyAgents = steps.every(({ agent }) => agent !== null)
  if (steps.length > 0 && !(thrown !== null && onlyAgents))
    return steps.map((span) => {
      const phase = span.agent !== null ? 'tool' : (span.phase ?? 'tool')
      const since = Math.max(span.firstAt, span.agent === null ? growthOf(run, span) : run.progressAt, wentOnAt(run))
      const patience = patienceOf(span.isWaiting ? 'waiting' : phase)
      return owe(causeOf(span.isWaiting ? 'waiting' : phase), textOf(span), since, patience, {
        isWaiting: span.isWaiting,
      })
    })
  const told = toldStep(run)
  if (told !== null)
    return [owe(causeOf(told.phase), told.phase, Math.max(told.since, wentOnAt(run)), patienceOf(told.phase))]
  const known = [...run.spans.values()].filter((span) => belongs(run, span))
  const isSeen = known.some((span) => isOpen(span)) || (known.length === 0 && isTold(run))
  if (!isSeen) return [owe('unknown', placeOf(run).text, run.progressAt, PATIENCE.tool)]
  const cause = thrown === null ? 'between-steps' : 'exception-swallowed'
  return [owe(cause, thrown === null ? placeOf(run).text : stepOfThrown(thrown), run.progressAt, PATIENCE.between)]
}

function debtsOfProcess({ run, process }: Scene, setting: Setting): Debt[] {
  const step = textOfFirst(run)
  const lost = { status: 'lost', isOfProcess: true } as const
  const gone = (since: Instant, stalled: number) =>
    debt(setting, 'process-lost', step, since, { suspect: null, stalled }, lost)
  if (process === null) {
    const repeated = [...run.spans.values()].filter((span) => span.endedAt === null && span.repeatedEvery !== null)
    const debts = repeated.map((span) =>
      gone(Math.max(span.heardAt, run.progressAt), (span.repeatedEvery ?? 0) * REPEATS_MISSED),
    )
    const latest = debts.toSorted((a, b) => b.dueAt - a.dueAt).slice(0, 1)
    const hasStopped = [...run.spans.values()].some((span) => span.endedAt === null && span.hasStopped)
    return hasStopped ? [...latest, gone(run.heardAt, PATIENCE.terminal.stalled)] : latest
  }
  if (process.hasStopped) return [gone(process.at, PATIENCE.terminal.stalled)]
  // Pulses may be cut off while the run goes on.
  const beat = gone(Math.max(process.at, run.progressAt), process.every * PULSES_MISSED)
  if (process.blockedSince === null || process.blockedMs < PATIENCE.loop.suspect) return [beat]
  return [beat, debt(setting, 'loop-blocked', step, process.blockedSince, PATIENCE.loop, { isOfProcess: true })]
}

function debt(
  { gaps, now }: Setting,
  cause: Cause,
  step: string | null,
  since: Instant,
  { suspect, stalled }: Patience,
  more: Partial<Debt>,
): Debt {
  const suspectAt = suspect === null ? Infinity : dueAfter(since, suspect, gaps, now)
  const dueAt = dueAfter(since, stalled, gaps, now)
  return { status: 'stalled', cause, step, suspectAt, dueAt, isWaiting: false, isOfProcess: false, ...more }
}

/** A thread that did not turn when the deadline passed is the reason why nothing came. */
function blockedInstead({ process }: Scene, { cause, dueAt }: Debt): Cause | null {
  const explained: readonly Cause[] = [
    'never-started',
    'model-silent',
    'tool-silent',
    'between-steps',
    'terminal-skipped',
    'unknown',
  ]
  if (process === null || process.blockedSince === null || process.blockedMs < PATIENCE.loop.suspect) return null
  return process.blockedSince <= dueAt && explained.includes(cause) ? 'loop-blocked' : null
}

function isTold(run: HeardRun): boolean {
  return run.messages.size > 0 || run.records.length > 0
}

function acceptedOf(run: HeardRun): Instant | null {
  const said = [saidEvent(run, 'run_accepted')?.at, run.records.find(({ state }) => state === 'accepted')?.at]
  const first = Math.min(...said.map((at) => at ?? Infinity))
  return first < Infinity ? first : (rootOf(run)?.firstAt ?? null)
}

function saidEvent(run: HeardRun, event: string) {
  return [...run.messages.values()].find((message) => message.event === event)
}

/** Its work is over by its span or record, and it owes the user a word. */
function endedSilentlyAt(run: HeardRun): Instant | null {
  if (!isTold(run)) return null
  const record = run.records.find(({ state }) => state === 'ended')?.at ?? Infinity
  const first = Math.min(record, rootOf(run)?.endedAt ?? Infinity)
  return first < Infinity ? first : null
}

/** Where a run without an open step is. */
function placeOf(run: HeardRun): { readonly phase: Phase; readonly text: string } {
  const ended = [...run.spans.values()].filter(
    (span) => span.endedAt !== null && (span.phase !== null || isInnerAgent(run, span)),
  )
  const last = ended.sort(
    (a, b) => (b.endedAt ?? 0) - (a.endedAt ?? 0) || (b.finishedAt ?? 0) - (a.finishedAt ?? 0) || byStart(b, a),
  )[0]
  if (last !== undefined) {
    const phase = last.phase ?? 'tool'
    return { phase, text: `${phase} › after ${last.phase === null ? last.agent : (last.step ?? last.name)}` }
  }
  const isAccepted =
    saidEvent(run, 'run_accepted') !== undefined || run.records.some(({ state }) => state === 'accepted')
  const phase = isAccepted && !hasBegun(run) ? 'accepted' : 'started'
  return { phase, text: phase }
}

function textOf(span: HeardSpan): string {
  return span.agent !== null && span.phase === null
    ? nameOf('tool', span.agent)
    : nameOf(span.phase ?? 'tool', span.step)
}

function textOfFirst(run: HeardRun): string {
  const first = stepsOf(run)[0]
  return first === undefined ? placeOf(run).text : textOf(first)
}

function nameOf(phase: Phase, name: string | null): string {
  return name === null ? phase : `${phase} › ${name}`
}

/** The step that messages speak of, where no span does. */
function toldStep(run: HeardRun): { readonly phase: Phase; readonly since: Instant } | null {
  const known = [...run.messages.values()].filter(({ event }) => event !== 'heartbeat').sort((a, b) => a.seq - b.seq)
  const last = known.at(-1)
  if (last === undefined) return null
  const closed = new Set(
    known.filter(({ event }) => /^tool_(completed|error)$/.test(event)).map(({ callId }) => callId),
  )
  const calls = known.filter(
    ({ event, callId }) => event === 'agent_finalizing' || (event === 'tool_executing' && !closed.has(callId)),
  )
  const isPoint = last.event === 'agent_thinking' || last.event === 'progress_update'
  const opened = isPoint ? last : calls.at(-1)
  if (opened === undefined) return null
  const phase =
    opened.event === 'agent_thinking' ? 'reasoning' : opened.event === 'agent_finalizing' ? 'finalise' : 'tool'
  const spans = [...run.spans.values()]
  const steps = spans.filter((span) => span.phase !== null || isInnerAgent(run, span))
  const isSeen = spans.some((span) => span.phase === phase) || steps.some(({ endedAt }) => (endedAt ?? 0) >= opened.at)
  return isSeen ? null : { phase, since: last.at }
}

function patienceOf(phase: Phase): Patience {
  switch (phase) {
    case 'reasoning':
    case 'tool':
    case 'waiting':
    case 'finalise':
    case 'started':
      return PATIENCE[phase]
    case 'accepted':
      return PATIENCE.started
    case 'terminal':
      return PATIENCE.finalise
    case 'connect':
    case 'auth':
    case 'ready':
      return PATIENCE.ready
  }
}

function causeOf(phase: Phase): Cause {
  const causes: { readonly [phase in Phase]?: Cause } = {
    reasoning: 'model-silent',
    tool: 'tool-silent',
    waiting: 'waiting-too-long',
    accepted: 'never-started',
    started: 'never-started',
  }
  return causes[phase] ?? 'unknown'
}

function soonest(debts: readonly Debt[], by: 'dueAt' | 'suspectAt'): Debt | null {
  return debts.reduce<Debt | null>((first, each) => (first === null || each[by] < first[by] ? each : first), null)
}
