/**
 * What has been heard of one run by a moment, gathered from the first record on, every time anew. Slow and plain: it
 * shares nothing with `collector/assemble`, and knows one way to say each thing.
 */
import { ATTR } from '../../../contract/attributes.ts'
import type { Outcome, Phase } from '../../../contract/phases.ts'
import type { Instant, Millis } from '../../../contract/units.ts'
import type {
  ConnectionSignal,
  DeliverySignal,
  PulseSignal,
  RunSignal,
  Signal,
  SpanSignal,
} from '../../../collector/signal.ts'

/** A record and when it was received. */
export interface Heard {
  readonly at: Instant
  readonly signal: Signal
}

export interface HeardSpan {
  readonly id: string
  name: string
  parent: string | null
  /** Null for what is no step: plumbing, and the run itself. */
  phase: Phase | null
  step: string | null
  /** The agent it is the work of; null for spans that are no agent's. */
  agent: string | null
  isRun: boolean
  isWaiting: boolean
  /** It names its run. */
  isNamed: boolean
  readonly firstAt: Instant
  seq: number
  heardAt: Instant
  progressAt: Instant
  pieces: number
  /** Sender's clock. */
  startedAt: Instant
  endedAt: Instant | null
  /** Sender's clock. */
  finishedAt: Instant | null
  isError: boolean
  /** Its process's pulse does not list it any more. */
  isGone: boolean
  hasStopped: boolean
  repeatedEvery: Millis | null
}

export interface HeardMessage {
  readonly seq: number
  readonly event: string
  at: Instant
  readonly callId: string | null
  readonly sends: Map<string, Map<string, Instant>>
}

export interface HeardRun {
  readonly spans: Map<string, HeardSpan>
  readonly messages: Map<number, HeardMessage>
  readonly records: {
    readonly at: Instant
    readonly state: RunSignal['state']
    readonly outcome: Outcome | null
    readonly saidAt: Instant
  }[]
  firstAt: Instant
  /** When a message or record last brought news, or a span began, ended or grew. */
  progressAt: Instant
  heardAt: Instant
  instance: string | null
}

export interface HeardProcess {
  seq: number
  at: Instant
  every: Millis
  blockedSince: Instant | null
  blockedMs: Millis
  hasStopped: boolean
}

export interface HeardConnection {
  acks: boolean
  user: string | null
  closedAt: Instant | null
}

/** A pulse says more of a span than that it lives only after this time. */
const START_OVERDUE: Millis = 1_000
const LIVENESS = 'heartbeat'

export interface Scene {
  readonly run: HeardRun
  readonly process: HeardProcess | null
  readonly connections: ReadonlyMap<string, HeardConnection>
}

/**
 * @param ids the run's own id and its trace's
 * @returns null while nothing of the run has been heard
 */
export function hear(
  heard: readonly Heard[],
  until: Instant,
  ids: { readonly id: string; readonly traceId: string },
): Scene | null {
  const connections = new Map<string, HeardConnection>()
  const run: HeardRun = {
    spans: new Map(),
    messages: new Map(),
    records: [],
    firstAt: Infinity,
    progressAt: -Infinity,
    heardAt: -Infinity,
    instance: null,
  }
  const processes = new Map<string, HeardProcess>()
  for (const { at, signal } of heard) {
    if (at > until) break
    switch (signal.kind) {
      case 'span':
        if (signal.traceId === ids.traceId) hearSpan(run, signal, at)
        break
      case 'pulse':
        if (hearPulse(processes, signal, at)) hearPulseOfRun(run, signal, at, ids.traceId)
        break
      case 'run':
        if (signal.runId === ids.id) hearRecord(run, signal, at)
        break
      case 'delivery':
        if (signal.runId === ids.id) hearMessage(run, signal, at)
        break
      case 'connection':
        hearConnection(connections, signal, at)
        break
      case 'log':
        break
    }
  }
  // A request on its way somewhere is no run, and part of one only once that is heard of.
  const isRun = run.messages.size > 0 || run.records.length > 0 || [...run.spans.values()].some(isPart)
  run.progressAt = Math.max(run.progressAt, run.firstAt)
  return !isRun ? null : { run, process: processes.get(run.instance ?? '') ?? null, connections }
}

function hearConnection(connections: Map<string, HeardConnection>, signal: ConnectionSignal, at: Instant): void {
  const held = connections.get(signal.connectionId) ?? { acks: false, user: null, closedAt: null }
  held.acks ||= signal.acks === true
  held.user ??= signal.userId
  if (signal.state === 'closed') held.closedAt ??= at
  connections.set(signal.connectionId, held)
}

function hearSpan(run: HeardRun, signal: SpanSignal, at: Instant): void {
  const held = run.spans.get(signal.spanId)
  run.firstAt = Math.min(run.firstAt, at)
  run.instance = signal.source.instance
  const span = held ?? newSpan(signal, at)
  run.spans.set(span.id, span)
  const isOurs = belongs(run, span)
  if (held === undefined && isOurs) run.heardAt = at
  // What has ended stays as it ended.
  if (span.endedAt !== null) return
  const isFinal = signal.endedAt !== null
  const pieces = Number(signal.known[ATTR.progress] ?? 0)
  const before = span.pieces
  if (!isFinal && pieces > span.pieces) {
    span.pieces = pieces
    if (held !== undefined) span.progressAt = at
  }
  // A record that is here twice, or was overtaken, shows no life.
  const isNewer = held === undefined || isFinal || signal.seq > span.seq
  if (!isNewer && pieces <= before) return
  span.heardAt = at
  if (isOurs) run.heardAt = at
  span.seq = Math.max(span.seq, signal.seq)
  span.name = signal.name
  span.parent = signal.parentSpanId ?? span.parent
  span.isNamed ||= ATTR.runId in signal.known
  span.startedAt = Math.min(span.startedAt, signal.startedAt)
  Object.assign(span, describe(signal.name, signal.known))
  span.repeatedEvery = signal.repeatedEvery ?? span.repeatedEvery
  span.hasStopped ||= signal.stopReason !== null
  if (isFinal) {
    span.endedAt = at
    span.finishedAt = signal.endedAt
    span.isError = signal.status === 'error' || signal.exception !== null
    span.isGone = false
    span.hasStopped = false
    span.repeatedEvery = null
  }
  if (isPart(span)) run.progressAt = Math.max(run.progressAt, span.endedAt ?? span.progressAt, span.firstAt)
}

/** As far as we know. */
export const isOpen = (span: HeardSpan): boolean => span.endedAt === null && !span.isGone

/** A request is of the run once it is known to be inside of one. */
export function belongs(run: HeardRun, span: HeardSpan): boolean {
  if (isPart(span)) return true
  for (let above = run.spans.get(span.parent ?? ''); above !== undefined; above = run.spans.get(above.parent ?? ''))
    if (above.isRun || above.isNamed) return true
  return false
}

const isPart = (span: HeardSpan): boolean => span.phase !== null || span.isRun

function newSpan(signal: SpanSignal, at: Instant): HeardSpan {
  return {
    id: signal.spanId,
    name: signal.name,
    parent: signal.parentSpanId,
    ...describe(signal.name, signal.known),
    isNamed: ATTR.runId in signal.known,
    firstAt: at,
    seq: signal.seq,
    heardAt: at,
    progressAt: at,
    pieces: 0,
    startedAt: signal.startedAt,
    endedAt: null,
    finishedAt: null,
    isError: false,
    isGone: false,
    hasStopped: false,
    repeatedEvery: null,
  }
}

/** By its attributes, and by its name where these are not known yet. */
function describe(
  name: string,
  known: SpanSignal['known'],
): Pick<HeardSpan, 'phase' | 'step' | 'agent' | 'isRun' | 'isWaiting'> {
  const [word, ...rest] = name.split(' ')
  const about = rest.join(' ')
  const nothing = { phase: null, step: null, agent: null, isRun: false, isWaiting: false }
  if (word === 'invoke_agent') return { ...nothing, agent: about, isRun: true }
  if (word === 'chat') return { ...nothing, phase: 'reasoning', step: name }
  if (word === 'execute_tool') return { ...nothing, phase: 'tool', step: about }
  const phase = known[ATTR.phase]
  if (phase === 'started') return { ...nothing, phase, step: about }
  if (phase === 'waiting') return { ...nothing, phase, step: about, isWaiting: true }
  return phase === 'finalise' ? { ...nothing, phase } : nothing
}

/** @returns false when the pulse says nothing that is not known already: it came twice, or was overtaken */
function hearPulse(processes: Map<string, HeardProcess>, signal: PulseSignal, at: Instant): boolean {
  const id = signal.source.instance ?? ''
  const held = processes.get(id)
  if (held !== undefined && signal.seq <= held.seq) return false
  const isBlocked = signal.loopBlockedMs > 0
  processes.set(id, {
    seq: signal.seq,
    at,
    every: signal.intervalMs,
    blockedSince: isBlocked ? (held?.blockedSince ?? at - signal.loopBlockedMs) : null,
    blockedMs: signal.loopBlockedMs,
    hasStopped: signal.last,
  })
  return true
}

/** A pulse shows the spans that it lists, and that those it does not list have ended. */
function hearPulseOfRun(run: HeardRun, signal: PulseSignal, at: Instant, traceId: string): void {
  for (const ref of signal.open) {
    if (ref.traceId !== traceId) continue
    const held = run.spans.get(ref.spanId)
    if (held !== undefined) {
      if (held.endedAt !== null) continue
      held.heardAt = at
      run.heardAt = at
      held.isGone = false
      continue
    }
    // Its record may be on its way: the first pulse can overtake it.
    if (signal.loopBlockedMs === 0 && signal.at - ref.startedAt <= START_OVERDUE) continue
    const bare = {
      kind: 'span',
      source: signal.source,
      ...ref,
      endedAt: null,
      seq: -1,
      stopReason: null,
      repeatedEvery: null,
    } as const
    hearSpan(run, { ...bare, status: 'unset', statusMessage: null, known: {}, exception: null }, at)
  }
  if (signal.openNotListed > 0 || signal.source.instance !== run.instance) return
  const listed = new Set(signal.open.map(({ spanId }) => spanId))
  for (const span of run.spans.values())
    if (isOpen(span) && span.firstAt + signal.intervalMs <= at && !listed.has(span.id)) {
      // It has ended, as we learn now.
      span.isGone = true
      span.progressAt = at
      run.heardAt = at
      if (isPart(span)) run.progressAt = at
    }
}

function hearRecord(run: HeardRun, { state, outcome, at: saidAt, source }: RunSignal, at: Instant): void {
  run.firstAt = Math.min(run.firstAt, at)
  run.heardAt = at
  run.instance ??= source.instance
  // Said once, however often it comes.
  if (run.records.some((record) => record.state === state && record.saidAt === saidAt)) return
  run.records.push({ at, state, outcome, saidAt })
  run.progressAt = Math.max(run.progressAt, at)
}

function hearMessage(run: HeardRun, signal: DeliverySignal, at: Instant): void {
  run.firstAt = Math.min(run.firstAt, at)
  run.heardAt = at
  run.instance ??= signal.source.instance
  const { seq, event, toolCallId: callId } = signal
  const held = run.messages.get(seq)
  const message = held ?? { seq, event, at, callId, sends: new Map() }
  run.messages.set(seq, message)
  if (event !== LIVENESS) {
    if (held === undefined) run.progressAt = Math.max(run.progressAt, at)
    creditSteps(run, signal.spanId, at, held === undefined)
  }
  const send = message.sends.get(signal.connectionId ?? '') ?? new Map<string, Instant>()
  message.sends.set(signal.connectionId ?? '', send)
  for (const { state } of signal.states) if (!send.has(state)) send.set(state, at)
}

/** A message sent from inside a step is progress of that step and of those around it; its way to the user is none. */
function creditSteps(run: HeardRun, spanId: string | null, at: Instant, isNew: boolean): void {
  if (!isNew) return
  for (let span = run.spans.get(spanId ?? ''); span !== undefined; span = run.spans.get(span.parent ?? ''))
    if (span.endedAt === null) span.progressAt = Math.max(span.progressAt, at)
}
