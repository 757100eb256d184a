/** Who plays in a scenario: processes that pulse, runs with spans and messages. What they do becomes signals. */
import { ATTR } from '../../contract/attributes.ts'
import type { DeliveryState } from '../../contract/deliveries.ts'
import type { Instant, Millis } from '../../contract/units.ts'
import type { Known, OpenSpanRef, Signal, Source, SpanSignal } from '../../collector/signal.ts'
import { datedBy } from './scenario-clocks.ts'
import { describe, readThrown } from './scenario-words.ts'

export interface Process {
  source: Source
  intervalMs: Millis
  nextPulseAt: Instant
  seq: number
  blockedSince: Instant | null
  isSilent: boolean
  /** How far its clock is ahead of ours. */
  clockOff: Millis
}

export interface Message {
  readonly event: string
  readonly callId: string | null
  /** The span it was said in. */
  readonly spanId: string | null
  /** None when nobody was there. */
  readonly connectionIds: readonly string[]
}

export interface Actor {
  readonly label: string
  readonly traceId: string
  process: string
  contract: string | null
  isPlain: boolean
  readonly open: Map<string, SpanSignal>
  /** Finished spans whose records are still on their way. */
  readonly heldBack: Map<string, SpanSignal>
  readonly messages: Message[]
}

export interface Cast {
  /** Tell the collector, by the clock of whoever speaks. */
  apply(signals: readonly Signal[], at: Instant): void
  /** The attributes that the sentence at hand gives to its span. */
  give(attributes: Known): void
  processOf(name: string): Process
  actorOf(label: string): Actor
  sourceOf(actor: Actor): Source
  openSpan(actor: Actor, what: string, at: Instant, options: string): SpanSignal
  /** @throws Error when it is not open */
  spanOf(actor: Actor, what: string): SpanSignal
  closed(actor: Actor, what: string, at: Instant, thrown: string | undefined): SpanSignal
  pulse(name: string, at: Instant, last?: boolean): void
  delivery(
    actor: Actor,
    seq: number,
    connectionId: string | null,
    states: readonly DeliveryState[],
    at: Instant,
    more?: object,
  ): Signal
  /** Runs of one step, begun now and ended together. */
  startCrowd(kind: CrowdKind, agent: string, count: number, what: string, at: Instant, took: Millis): void
  /** Let what is due up to and including `until` happen: the pulses of each process, the ends of crowds. */
  goOn(until: Instant): void
  labelOf(runId: string): string
}

export type CrowdKind = 'on time' | 'late'

/** Begins the labels of runs that have no name in the play. */
export const CROWD: Readonly<Record<CrowdKind, string>> = { 'on time': 'one of a crowd ', late: 'one of a late crowd ' }
export const NO_MESSAGE: Message = { event: '?', callId: null, spanId: null, connectionIds: [] }

export function openCast(heard: (signals: readonly Signal[], at: Instant) => void): Cast {
  const apply = (signals: readonly Signal[], at: Instant): void =>
    heard(
      signals.map((signal) => datedBy(signal, processes.get(signal.source.instance ?? '')?.clockOff ?? 0)),
      at,
    )
  const processes = new Map<string, Process>()
  const actors = new Map<string, Actor>()
  const ends: { readonly at: Instant; readonly happen: () => void }[] = []
  let spans = 0
  let having: Known = {}

  const processOf = (name: string): Process => {
    const source = {
      service: 'agents',
      version: '1.0',
      environment: 'test',
      instance: name,
      workingDirectory: '/srv/app',
      contract: null,
    }
    const fresh = {
      source,
      intervalMs: 0,
      nextPulseAt: Infinity,
      seq: 0,
      blockedSince: null,
      isSilent: true,
      clockOff: 0,
    }
    const held = processes.get(name) ?? fresh
    processes.set(name, held)
    return held
  }
  const actorOf = (label: string): Actor => {
    const traceId = `${actors.size + 1}`.padStart(32, '0')
    const held = actors.get(label) ?? {
      label,
      traceId,
      process: 'p1',
      contract: null,
      isPlain: false,
      open: new Map<string, SpanSignal>(),
      heldBack: new Map<string, SpanSignal>(),
      messages: [],
    }
    actors.set(label, held)
    return held
  }
  const sourceOf = (actor: Actor): Source => ({ ...processOf(actor.process).source, contract: actor.contract })

  function openSpan(actor: Actor, what: string, at: Instant, options: string): SpanSignal {
    const parentName = / inside (.+?)(?= at |$)/.exec(options)?.[1] ?? 'run'
    const parent = actor.open.get(parentName) ?? [...actor.open].find(([name]) => name.startsWith('run'))?.[1]
    const [, file, line] = / at (\S+):(\d+)/.exec(options) ?? []
    const span: SpanSignal = {
      kind: 'span',
      source: sourceOf(actor),
      traceId: actor.traceId,
      spanId: `${++spans}`.padStart(16, '0'),
      parentSpanId: parent?.spanId ?? null,
      ...describe(actor, what),
      startedAt: at,
      endedAt: null,
      seq: 0,
      stopReason: null,
      repeatedEvery: null,
      status: 'unset',
      statusMessage: null,
      exception: null,
    }
    const code = file === undefined ? {} : { [ATTR.codeFile]: file, [ATTR.codeLine]: Number(line) }
    const opened = { ...span, known: { ...span.known, ...code, ...having } }
    actor.open.set(what.startsWith('run') ? 'run' : what, opened)
    return opened
  }

  function spanOf(actor: Actor, what: string): SpanSignal {
    const span = actor.open.get(what.startsWith('run') ? 'run' : what)
    if (span === undefined) throw new Error(`${actor.label} has no open span "${what}"`)
    return span
  }

  function closed(actor: Actor, what: string, at: Instant, thrown: string | undefined): SpanSignal {
    const span = spanOf(actor, what)
    actor.open.delete(what.startsWith('run') ? 'run' : what)
    const exception = thrown === undefined ? null : readThrown(thrown)
    const known = { ...span.known, ...having }
    return { ...span, known, endedAt: at, status: exception === null ? 'ok' : 'error', exception }
  }

  function refs(name: string): OpenSpanRef[] {
    return [...actors.values()]
      .filter((actor) => actor.process === name)
      .flatMap((actor) => [...actor.open.values()])
      .map(({ traceId, spanId, parentSpanId, name: spanName, startedAt }) => {
        return { traceId, spanId, parentSpanId, name: spanName, startedAt }
      })
  }

  function pulse(name: string, at: Instant, last = false): void {
    const process = processOf(name)
    const { source, intervalMs, blockedSince } = process
    const loopBlockedMs = blockedSince === null ? 0 : at - blockedSince
    const seq = ++process.seq
    const open = refs(name)
    apply(
      [{ kind: 'pulse', source, at, seq, intervalMs, open, openNotListed: 0, loopDelayMs: 1, loopBlockedMs, last }],
      at,
    )
  }

  function delivery(
    actor: Actor,
    seq: number,
    connectionId: string | null,
    states: readonly DeliveryState[],
    at: Instant,
    more: object = {},
  ): Signal {
    const { event, callId, spanId, connectionIds } = actor.messages[seq - 1] ?? NO_MESSAGE
    return {
      kind: 'delivery',
      source: sourceOf(actor),
      runId: actor.label,
      traceId: actor.isPlain ? null : actor.traceId,
      spanId,
      seq,
      epoch: actor.process,
      event,
      toolCallId: callId,
      connectionId,
      attempt: 1,
      states: states.map((state) => ({ state, at })),
      targets: connectionIds.length,
      bytes: 100,
      reason: null,
      ...more,
    }
  }

  /** Runs of one step, begun now and ended together. */
  function startCrowd(kind: CrowdKind, agent: string, count: number, what: string, at: Instant, took: Millis) {
    const crowd = Array.from({ length: count }, () => actorOf(`${CROWD[kind]}${actors.size}`))
    apply(
      crowd.flatMap((actor) => [openSpan(actor, `run ${agent}`, at, ''), openSpan(actor, what, at, '')]),
      at,
    )
    const end = at + took
    const happen = () =>
      apply(
        crowd.flatMap((actor) => [closed(actor, what, end, undefined), closed(actor, 'run', end, undefined)]),
        end,
      )
    ends.push({ at: end, happen })
    ends.sort((a, b) => a.at - b.at)
  }

  function pulseUntil(until: Instant): void {
    for (let next = firstDue(processes); next !== null; next = firstDue(processes)) {
      const [name, process] = next
      if (process.nextPulseAt > until) return
      pulse(name, process.nextPulseAt)
      process.nextPulseAt += process.intervalMs
    }
  }

  function goOn(until: Instant): void {
    for (let [end] = ends; end !== undefined && end.at <= until; [end] = ends) {
      ends.shift()
      pulseUntil(end.at)
      end.happen()
    }
    pulseUntil(until)
  }

  return {
    apply,
    give: (attributes) => void (having = attributes),
    processOf,
    actorOf,
    sourceOf,
    openSpan,
    spanOf,
    closed,
    pulse,
    delivery,
    startCrowd,
    goOn,
    labelOf: (runId) => [...actors.values()].find((actor) => actor.traceId === runId)?.label ?? runId,
  }
}

/** Of those that speak the one whose pulse is due first. */
function firstDue(processes: ReadonlyMap<string, Process>): readonly [string, Process] | null {
  const speaking = [...processes].filter(([, { isSilent }]) => !isSilent)
  return speaking.toSorted(([, a], [, b]) => a.nextPulseAt - b.nextPulseAt)[0] ?? null
}
