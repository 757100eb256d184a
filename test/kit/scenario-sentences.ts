/** The sentences of a scenario: what each makes its actor do. test/scenarios/README.txt explains them to who writes one. */
import { ATTR } from '../../contract/attributes.ts'
import type { Outcome } from '../../contract/phases.ts'
import type { Instant } from '../../contract/units.ts'
import { lifecycleOf } from '../../collector/accept/lifecycle-logs.ts'
import { HEARSAY, type RunSignal } from '../../collector/signal.ts'
import { NO_MESSAGE, type Cast } from './scenario-cast.ts'
import { connection, readTime, upTo } from './scenario-words.ts'

/** Its form, whose first group is the actor, and what happens. */
type Sentence = readonly [RegExp, (at: Instant, who: string, ...rest: (string | undefined)[]) => void]

/** Every sentence there is. */
export function sentencesOf(cast: Cast): readonly Sentence[] {
  const { apply, processOf, actorOf, sourceOf, openSpan, spanOf, closed, pulse, delivery, startCrowd } = cast
  return [
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
        apply([{ ...common, ...said, reason: null, agent: null, userId: null, sessionId: null, at, owesEnd: true }], at)
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
      /^(r\d+) emits (\S+)(?: of (\S+))?(?: inside (.+))? to (c\d+)(?: and (c\d+))?(, unwritten|, which is gone)?$/,
      (at, who, event, callId, inside, first, second, fate) => {
        const actor = actorOf(who)
        const connectionIds = [first, second].filter((id) => id !== undefined)
        const spanId = inside === undefined ? null : spanOf(actor, inside).spanId
        actor.messages.push({ event: event ?? '', callId: callId ?? null, spanId, connectionIds })
        const way = ['emitted', 'routed', 'queued', 'written'] as const
        const states = fate === ', unwritten' ? way.slice(0, 3) : way
        const seq = actor.messages.length
        apply(
          connectionIds.map((id) =>
            fate === ', which is gone'
              ? delivery(actor, seq, id, ['emitted', 'dropped'], at, { reason: 'closed' })
              : delivery(actor, seq, id, states, at),
          ),
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
      /^(c\d+) opens as a stream( with acks)? for (\w+)$/,
      (at, who, acks, user) => {
        const told = { stream: 'sse', acks: acks !== undefined, userId: user ?? null }
        apply([connection(who, 'ready', at, told)], at)
      },
    ],
    [
      /^(c\d+)(?: to c(\d+))? connects?(, offered subprotocols refused)?$/,
      (at, who, last, refused) => {
        const told = { isSubprotocolRefused: refused !== undefined }
        apply(
          upTo(who, last).map((id) => connection(id, 'opened', at, told)),
          at,
        )
      },
    ],
    [
      /^(c\d+)(?: to c(\d+))? (?:is|are) (authenticated|ready)$/,
      (at, who, last, state) => {
        apply(
          upTo(who, last).map((id) => connection(id, state as 'authenticated' | 'ready', at, {})),
          at,
        )
      },
    ],
    [
      /^(c\d+) to c(\d+) say that what they sent first never came$/,
      (at, who, last) => {
        apply(
          upTo(who, last).map((id) => connection(id, 'ready', at, { framesLost: 1 })),
          at,
        )
      },
    ],
    [
      /^(c\d+) to c(\d+) close by (client|server|network)(?: with (\d+))?$/,
      (at, who, last, by, code) => {
        const told = { closeCode: code === undefined ? null : Number(code), closedBy: by }
        apply(
          upTo(who, last).map((id) => connection(id, 'closed', at, told)),
          at,
        )
      },
    ],
    [
      /^(c\d+) closes by (client|server|network)(?: with (\d+))?$/,
      (at, who, by, code) => {
        const closedBy = by as 'client' | 'server' | 'network'
        apply([connection(who, 'closed', at, { closeCode: code === undefined ? null : Number(code), closedBy })], at)
      },
    ],
  ]
}
