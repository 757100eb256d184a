/** The actors of a scenario: processes that pulse, runs with spans and messages, connections. Sentences in, signals out. */
import { ATTR } from '../../contract/attributes.ts'
import type { DeliveryState } from '../../contract/deliveries.ts'
import type { Outcome } from '../../contract/phases.ts'
import type { Instant, Millis } from '../../contract/units.ts'
import { lifecycleOf } from '../../collector/accept/lifecycle-logs.ts'
import {
  HEARSAY,
  type Known,
  type OpenSpanRef,
  type RunSignal,
  type Signal,
  type Source,
  type SpanSignal,
} from '../../collector/signal.ts'
import { cutAttributes } from './scenario-attributes.ts'
import { datedBy } from './scenario-clocks.ts'
import { connection, describe, readThrown, readTime } from './scenario-words.ts'

export interface Stage {
  /** @returns false when the sentence is not known. */
  act(sentence: string, at: Instant): boolean
  /** Let what is due up to and including `until` happen: the pulses of each process, the ends of crowds. */
  runPulses(until: Instant): void
  labelOf(runId: string): string
  /** One of a crowd: what happens to it need not be foretold. */
  crowdOf(runId: string): 'on time' | 'late' | null
}

interface Process {
  source: Source
  intervalMs: Millis
  nextPulseAt: Instant
  seq: number
  blockedSince: Instant | null
  isSilent: boolean
  /** How far its clock is ahead of ours. */
  clockOff: Millis
}

interface Message {
  readonly event: string
  readonly callId: string | null
  /** The span it was said in. */
  readonly spanId: string | null
  /** None when nobody was there. */
  readonly connectionIds: readonly string[]
}

interface Actor {
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

/** Begins the labels of runs that have no name in the play. */
const CROWD = { 'on time': 'one of a crowd ', late: 'one of a late crowd ' } as const
const NO_MESSAGE: Message = { event: '?', callId: null, spanId: null, connectionIds: [] }

export function openStage(heard: (signals: readonly Signal[], at: Instant) => void): Stage {
  const apply = (signals: readonly Signal[], at: Instant): void =>
    heard(
      signals.map((signal) => datedBy(signal, processes.get(signal.source.instance ?? '')?.clockOff ?? 0)),
      at,
    )
  const processes = new Map<string, Process>()
  const actors = new Map<string, Actor>()
  const ends: { readonly at: Instant; readonly happen: () => void }[] = []
  let spans = 0
  let having: Known = {} // by the sentence at hand

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
  function startCrowd(kind: keyof typeof CROWD, agent: string, count: number, what: string, at: Instant, took: Millis) {
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

  /** Every sentence there is: its form, and what happens. The first group is the actor. */
  const sentences: readonly (readonly [RegExp, (at: Instant, who: string, ...rest: (string | undefined)[]) => void])[] =
    [
      [
        /^(p\d+) pulses every (\d+)s$/,
        (at, who, every) => {
          Object.assign(processOf(who), { intervalMs: Number(every) * 1_000, nextPulseAt: at, isSilent: false })
        },
      ],
      [
        /^(p\d+)'s clock is (\w+) (fast|slow)$/,
        (_at, who, off, way) => void (processOf(who).clockOff = readTime(off ?? '') * (way === 'fast' ? 1 : -1)),
      ],
      [
        /^(p\d+) is of service (\S+)$/,
        (_at, who, service) => {
          const process = processOf(who)
          process.source = { ...process.source, service: service ?? null }
        },
      ],
      [/^(p\d+) falls silent$/, (_at, who) => void (processOf(who).isSilent = true)],
      [/^(p\d+) speaks again$/, (at, who) => void Object.assign(processOf(who), { isSilent: false, nextPulseAt: at })],
      [
        /^(p\d+) says goodbye$/,
        (at, who) => {
          processOf(who).isSilent = true
          pulse(who, at, true)
        },
      ],
      // A real pulse worker beats at once when the main thread stops or starts to turn.
      [
        /^(p\d+) is blocked since ([\d.]+)s ago$/,
        (at, who, ago) => {
          processOf(who).blockedSince = at - Number(ago) * 1_000
          pulse(who, at)
        },
      ],
      [
        /^(p\d+) turns again$/,
        (at, who) => {
          processOf(who).blockedSince = null
          pulse(who, at)
        },
      ],
      [/^(r\d+) lives on (p\d+)$/, (_at, who, process) => void (actorOf(who).process = process ?? 'p1')],
      [/^(r\d+) keeps to (\S+)$/, (_at, who, contract) => void (actorOf(who).contract = contract ?? null)],
      [/^(r\d+) is plain OpenTelemetry$/, (_at, who) => void (actorOf(who).isPlain = true)],
      [
        /^(r\d+) opens (.+?)((?: inside .+?)?(?: at \S+:\d+)?)$/,
        (at, who, what, options) => {
          apply([openSpan(actorOf(who), what ?? '', at, options ?? '')], at)
        },
      ],
      [
        /^(r\d+) silently opens (.+?)((?: inside .+?)?(?: at \S+:\d+)?)$/,
        (at, who, what, options) => {
          openSpan(actorOf(who), what ?? '', at, options ?? '')
        },
      ],
      [
        /^(r\d+) repeats (.+) every (\d+)s$/,
        (at, who, what, every) => {
          apply([{ ...spanOf(actorOf(who), what ?? ''), seq: at, repeatedEvery: Number(every) * 1_000 }], at)
        },
      ],
      [
        /^(r\d+) hears of (.+) from inside it$/,
        (at, who, what) => {
          apply([{ ...spanOf(actorOf(who), what ?? ''), seq: HEARSAY.ofDescendant, known: {} }], at)
        },
      ],
      [
        /^(r\d+) closes (.+?)(?: with (.+))?$/,
        (at, who, what, thrown) => {
          apply([closed(actorOf(who), what ?? '', at, thrown)], at)
        },
      ],
      [
        /^(r\d+) holds back the end of (.+)$/,
        (at, who, what) => {
          actorOf(who).heldBack.set(what ?? '', closed(actorOf(who), what ?? '', at, undefined))
        },
      ],
      [
        /^(r\d+) reports the end of (.+)$/,
        (at, who, what) => {
          const end = actorOf(who).heldBack.get(what ?? '')
          if (end === undefined) throw new Error(`${who} holds nothing back of "${what}"`)
          apply([end], at)
        },
      ],
      [
        /^(r\d+) reports (.+)$/,
        (at, who, what) => {
          apply([spanOf(actorOf(who), what ?? '')], at)
        },
      ],
      [/^(r\d+) loses the end of (.+)$/, (at, who, what) => void closed(actorOf(who), what ?? '', at, undefined)],
      [
        /^(r\d+) progresses in (.+) to (\d+)$/,
        (at, who, what, count) => {
          const span = spanOf(actorOf(who), what ?? '')
          const grown = { ...span, seq: Number(count), known: { ...span.known, [ATTR.progress]: Number(count) } }
          apply([grown], at)
        },
      ],
      [
        /^(\w+) has (\d+)( late)? runs? of (.+) taking (\S+)$/,
        (at, who, count, late, what, took) => {
          const kind = late === undefined ? 'on time' : 'late'
          startCrowd(kind, who, Number(count), what ?? '', at, readTime(took ?? ''))
        },
      ],
      [
        /^(r\d+) records (accepted|queued|started|waiting|resumed|ended)(?: (\w+))?$/,
        (at, who, state, outcome) => {
          const actor = actorOf(who)
          const common = {
            kind: 'run',
            source: sourceOf(actor),
            runId: who,
            traceId: actor.traceId,
            spanId: null,
          } as const
          const said = { state: state as RunSignal['state'], outcome: (outcome ?? null) as Outcome | null }
          apply(
            [{ ...common, ...said, reason: null, agent: null, userId: null, sessionId: null, at, owesEnd: true }],
            at,
          )
        },
      ],
      [
        /^(r\d+) logs (\S+)$/,
        (at, who, event) => {
          const attributes = { 'prompt.id': who, agent_id: who, 'conversation.id': who }
          const ids = { traceId: null, spanId: null }
          const log = { at, severityNumber: 9, severity: 'INFO', event: event ?? null, body: null, ...ids, attributes }
          const signal = lifecycleOf(log, sourceOf(actorOf(who)))
          if (signal === null) throw new Error(`${event} says nothing of a run`)
          apply([signal], at)
        },
      ],
      [
        /^(r\d+) emits (\S+) as (r\d+) inside (.+) to nobody$/,
        (at, who, event, as, inside) => {
          const actor = actorOf(who)
          const told = actorOf(as ?? '')
          told.messages.push({ ...NO_MESSAGE, event: event ?? '' })
          const ids = { traceId: actor.traceId, spanId: spanOf(actor, inside ?? '').spanId, runId: told.label }
          const dropped = { ...ids, reason: 'no-target', userId: null }
          apply([delivery(told, told.messages.length, null, ['emitted', 'routed', 'dropped'], at, dropped)], at)
        },
      ],
      [
        /^(r\d+) emits (\S+) to nobody$/,
        (at, who, event) => {
          const actor = actorOf(who)
          actor.messages.push({ ...NO_MESSAGE, event: event ?? '' })
          const dropped = { reason: 'no-target', userId: null }
          apply([delivery(actor, actor.messages.length, null, ['emitted', 'routed', 'dropped'], at, dropped)], at)
        },
      ],
      [
        /^(r\d+) emits (\S+)(?: of (\S+))?(?: inside (.+))? to (c\d+)(?: and (c\d+))?(, unwritten)?$/,
        (at, who, event, callId, inside, first, second, unwritten) => {
          const actor = actorOf(who)
          const connectionIds = [first, second].filter((id) => id !== undefined)
          const spanId = inside === undefined ? null : spanOf(actor, inside).spanId
          actor.messages.push({ event: event ?? '', callId: callId ?? null, spanId, connectionIds })
          const way = ['emitted', 'routed', 'queued', 'written'] as const
          const states = unwritten ? way.slice(0, 3) : way
          const seq = actor.messages.length
          apply(
            connectionIds.map((id) => delivery(actor, seq, id, states, at)),
            at,
          )
        },
      ],
      [
        /^(c\d+) (acks|pongs|is written what waited of) (r\d+)$/,
        (at, who, how, run) => {
          const actor = actorOf(run ?? '')
          const state = how === 'acks' ? 'received' : how === 'pongs' ? 'transported' : 'written'
          const seqs = actor.messages.flatMap(({ connectionIds }, index) =>
            connectionIds.includes(who) ? [index + 1] : [],
          )
          apply(
            seqs.map((seq) => delivery(actor, seq, who, [state], at)),
            at,
          )
        },
      ],
      [
        /^(c\d+) opens (with|without) acks for (\w+)$/,
        (at, who, acks, user) => {
          apply([connection(who, 'ready', at, { acks: acks === 'with', userId: user ?? null })], at)
        },
      ],
      [
        /^(c\d+) closes by (client|server|network) with (\d+)$/,
        (at, who, by, code) => {
          const closedBy = by as 'client' | 'server' | 'network'
          apply([connection(who, 'closed', at, { closeCode: Number(code), closedBy })], at)
        },
      ],
    ]

  function pulseUntil(until: Instant): void {
    for (let next = firstDue(processes); next !== null; next = firstDue(processes)) {
      const [name, process] = next
      if (process.nextPulseAt > until) return
      pulse(name, process.nextPulseAt)
      process.nextPulseAt += process.intervalMs
    }
  }

  const labelOf = (runId: string): string =>
    [...actors.values()].find((actor) => actor.traceId === runId)?.label ?? runId

  return {
    act(sentence, at) {
      const { said, attributes } = cutAttributes(sentence)
      having = attributes
      for (const [form, happen] of sentences) {
        const [, who, ...rest] = form.exec(said) ?? []
        if (who === undefined) continue
        happen(at, who, ...rest)
        return true
      }
      return false
    },
    runPulses(until) {
      for (let [end] = ends; end !== undefined && end.at <= until; [end] = ends) {
        ends.shift()
        pulseUntil(end.at)
        end.happen()
      }
      pulseUntil(until)
    },
    labelOf,
    crowdOf(runId) {
      const label = labelOf(runId)
      return label.startsWith(CROWD.late) ? 'late' : label.startsWith(CROWD['on time']) ? 'on time' : null
    },
  }
}

/** Of those that speak the one whose pulse is due first. */
function firstDue(processes: ReadonlyMap<string, Process>): readonly [string, Process] | null {
  const speaking = [...processes].filter(([, { isSilent }]) => !isSilent)
  return speaking.toSorted(([, a], [, b]) => a.nextPulseAt - b.nextPulseAt)[0] ?? null
}
