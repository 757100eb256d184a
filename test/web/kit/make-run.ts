/** Runs as the collector would tell them, in the states a person meets. Every field is real in form; ids are seeded. */
import { CRITICAL_EVENTS, type CriticalEvent } from '../../../contract/events.ts'
import type { Phase } from '../../../contract/phases.ts'
import type {
  ChecklistItem,
  DeliveryView,
  Evidence,
  LogView,
  RunDetail,
  RunRow,
  SpanView,
  Step,
} from '../../../contract/runs.ts'
import type { Cause, Confidence, Status } from '../../../contract/statuses.ts'
import { OPEN_STATUSES } from '../../../contract/statuses.ts'
import { minutes, seconds, toIso, type Instant, type Millis } from '../../../contract/units.ts'

export interface RunWish {
  readonly id: string
  readonly status?: Status
  /** Where it stands; a stalled run defaults to its tool. */
  readonly phase?: Phase
  readonly agent?: string
  readonly userId?: string
  readonly version?: string
  /** How long ago it began. */
  readonly age?: Millis
  /** How long ago its present step last made progress. */
  readonly quiet?: Millis
  /** How long ago it ended; only for settled runs. */
  readonly endedAgo?: Millis
  readonly rev?: number
  /** The finding about its process. */
  readonly explainedBy?: string
  /** Extra finished child spans under the tool, for long waterfalls. */
  readonly extraSpans?: number
  readonly now: Instant
}

const CAUSES: Readonly<Partial<Record<Status, Cause>>> = {
  stalled: 'tool-silent',
  failed: 'exception-swallowed',
  lost: 'process-lost',
  undelivered: 'unreceived',
  slow: 'model-silent',
}
const LIMIT_MS: Millis = seconds(20)

export function makeRun(wish: RunWish): RunDetail {
  const status = wish.status ?? 'running'
  const isOpen = OPEN_STATUSES.has(status)
  const startedAt = wish.now - (wish.age ?? minutes(1))
  const endedAt = isOpen ? null : wish.now - (wish.endedAgo ?? seconds(30))
  const progressAt = endedAt ?? wish.now - (wish.quiet ?? seconds(4))
  const phase = wish.phase ?? (isOpen ? (status === 'waiting' ? 'waiting' : 'tool') : 'terminal')
  const cause = CAUSES[status] ?? null
  const confidence: Confidence = status === 'lost' ? 'T2' : 'T1'
  const ids = spanIds(wish.id)
  const step = makeStep(phase, ids.step, progressAt, isOpen)
  const spans = makeSpans(wish, ids, { startedAt, endedAt, progressAt, phase, status })
  const deliveries = makeDeliveries(startedAt, endedAt ?? progressAt, status, ids.root)
  const deadline = isOpen ? progressAt + LIMIT_MS : null
  return {
    id: wish.id,
    rev: wish.rev ?? 1,
    traceId: ids.trace,
    agent: wish.agent ?? 'support',
    service: 'agent-runtime',
    version: wish.version ?? '1.4.2',
    environment: 'staging',
    userId: wish.userId ?? 'u_8812',
    sessionId: 'session_77',
    status,
    step,
    cause,
    confidence,
    explainedBy: wish.explainedBy ?? null,
    isUnconfirmed: false,
    startedAt: toIso(startedAt),
    lastProgressAt: toIso(progressAt),
    endedAt: endedAt === null ? null : toIso(endedAt),
    events: deliveries.length,
    delivery: {
      required: 5,
      confirmed: status === 'undelivered' ? 4 : isOpen ? 3 : 5,
      outcome: status === 'undelivered' ? 'partial' : isOpen ? 'pending' : 'delivered',
    },
    outcome: status === 'failed' ? 'failed' : isOpen ? null : status === 'cancelled' ? 'cancelled' : 'succeeded',
    verdict: {
      status,
      step,
      cause,
      since: toIso(deadline ?? progressAt),
      deadline: deadline === null ? null : toIso(deadline),
      limit: isOpen ? { ms: LIMIT_MS, from: 'contract › tool', learned: null } : null,
      confidence,
      explainedBy: wish.explainedBy ?? null,
      evidence: makeEvidence(status, ids.step, toIso(startedAt + 5)),
      otherwise:
        status === 'lost'
          ? {
              cause: 'telemetry-lost',
              text: 'agent-runtime-7f9c works on, and its telemetry does not arrive',
              decidedBy: 'any record from agent-runtime-7f9c, or a look at its host',
            }
          : null,
      unconfirmed: null,
      lateByMs: null,
    },
    pastStalls: [],
    checklist: makeChecklist(deliveries, isOpen, status),
    spans,
    spansTotal: spans.length,
    subAgents: [],
    patterns: [],
    deliveries,
    connections: [
      {
        id: 'conn_9f2k',
        userId: wish.userId ?? 'u_8812',
        acks: true,
        states: [
          { state: 'opened', at: toIso(startedAt - 400) },
          { state: 'authenticated', at: toIso(startedAt - 310) },
          { state: 'ready', at: toIso(startedAt - 305) },
        ],
        closeCode: null,
        clientCloseCode: null,
        closeReason: null,
        closedBy: null,
      },
    ],
    logs: makeLogs(startedAt, progressAt, ids, status),
    process: {
      id: 'agent-runtime-7f9c',
      lastPulseAt: toIso(progressAt),
      pulses: 61,
      intervalMs: 5_000,
      blockedSince: null,
      loopDelayMs: 4,
      stopped: false,
    },
    fingerprint: status === 'stalled' ? '4f2a09c1d2e3f405' : null,
    gaps: [],
    contract: { name: 'laststep', hash: '6b1f0c9a55d2e8417c30' },
  }
}

/** A detail without what only the run page needs. */
export function toRow(run: RunDetail): RunRow {
  const { id, rev, traceId, agent, service, version, environment, userId, sessionId } = run
  const { status, step, cause, confidence, isUnconfirmed, explainedBy } = run
  const { startedAt, lastProgressAt, endedAt, events, delivery } = run
  const who = { id, rev, traceId, agent, service, version, environment, userId, sessionId }
  return {
    ...who,
    status,
    step,
    cause,
    confidence,
    isUnconfirmed,
    explainedBy,
    startedAt,
    lastProgressAt,
    endedAt,
    events,
    delivery,
  }
}

interface Ids {
  readonly trace: string
  readonly root: string
  readonly step: string
}

/** Ids that differ per run and stay the same from one rev to the next. */
function spanIds(id: string): Ids {
  let hash = 2166136261
  for (const char of id) hash = Math.imul(hash ^ char.charCodeAt(0), 16777619) >>> 0
  const hex = hash.toString(16).padStart(8, '0')
  return { trace: hex.repeat(4), root: `${hex}000000a1`, step: `${hex}000000b2` }
}

function makeStep(phase: Phase, spanId: string, since: Instant, isOpen: boolean): Step {
  const names: Partial<Record<Phase, string>> = { tool: 'search_orders', reasoning: 'chat gpt-5' }
  const lines: Partial<Record<Phase, [string, number]>> = {
    tool: ['src/tools/search.ts', 88],
    reasoning: ['src/agent/loop.ts', 141],
  }
  const place = lines[phase]
  return {
    phase,
    name: names[phase] ?? null,
    spanId: isOpen ? spanId : null,
    since: toIso(since),
    code: place ? { file: place[0], line: place[1], function: 'execute' } : null,
  }
}

interface Course {
  readonly startedAt: Instant
  readonly endedAt: Instant | null
  readonly progressAt: Instant
  readonly phase: Phase
  readonly status: Status
}

function makeSpans(wish: RunWish, ids: Ids, course: Course): SpanView[] {
  const { startedAt, endedAt, progressAt, status } = course
  const length = (endedAt ?? progressAt) - startedAt
  const span = (over: Partial<SpanView> & { spanId: string; name: string; startedAt: string }): SpanView => ({
    traceId: ids.trace,
    parentSpanId: ids.root,
    phase: null,
    endedAt: null,
    lastHeardAt: over.endedAt ?? toIso(progressAt),
    openState: over.endedAt ? null : 'open',
    status: 'unset',
    statusMessage: null,
    code: null,
    attributes: {},
    events: [],
    ...over,
  })
  const at = (share: number) => toIso(startedAt + length * share)
  const child = (suffix: string) => `${ids.root.slice(0, 8)}${suffix.padStart(8, '0')}`
  const end = endedAt === null ? null : toIso(endedAt)
  const spans = [
    span({
      spanId: ids.root,
      parentSpanId: null,
      name: `invoke_agent ${wish.agent ?? 'support'}`,
      startedAt: toIso(startedAt),
      endedAt: end,
      attributes: { 'gen_ai.operation.name': 'invoke_agent', 'laststep.run.id': wish.id, 'user.id': 'u_8812' },
    }),
    span({ spanId: child('1'), name: 'accept', phase: 'accepted', startedAt: at(0), endedAt: at(0.02) }),
    span({ spanId: child('2'), name: 'create orchestrator', phase: 'started', startedAt: at(0.02), endedAt: at(0.08) }),
    span({
      spanId: child('3'),
      name: 'chat gpt-5',
      phase: 'reasoning',
      startedAt: at(0.08),
      endedAt: at(0.46),
      attributes: { 'gen_ai.request.model': 'gpt-5', 'gen_ai.usage.output_tokens': 412 },
    }),
    span({
      spanId: ids.step,
      name: 'execute_tool search_orders',
      phase: 'tool',
      startedAt: at(0.47),
      endedAt: end === null ? null : at(0.9),
      lastHeardAt: end === null ? toIso(progressAt) : at(0.9),
      status: status === 'failed' ? 'error' : 'unset',
      statusMessage: status === 'failed' ? "'orchestrator'" : null,
      code: { file: 'src/tools/search.ts', line: 88, function: 'execute' },
      attributes: {
        'gen_ai.tool.name': 'search_orders',
        'gen_ai.tool.call.id': 'call_7Hq2',
        'laststep.phase': 'tool',
        'server.address': 'orders-db-2',
        arguments: { query: 'late orders', limit: 50 },
      },
      events:
        status === 'failed'
          ? [
              {
                name: 'exception',
                at: at(0.88),
                attributes: {
                  'exception.type': 'KeyError',
                  'exception.message': "'orchestrator'",
                  'exception.stacktrace':
                    'Traceback (most recent call last):\n  File "agent_service_core.py", line 539, in handle\n    self.factory["orchestrator"]\nKeyError: \'orchestrator\'',
                },
              },
            ]
          : [],
    }),
    span({
      spanId: child('5'),
      parentSpanId: ids.step,
      name: 'GET orders-db-2',
      startedAt: at(0.5),
      endedAt: end === null ? null : at(0.88),
      lastHeardAt: at(0.55),
      attributes: { 'http.request.method': 'GET', 'server.address': 'orders-db-2' },
    }),
  ]
  for (let index = 0; index < (wish.extraSpans ?? 0); index++)
    spans.push(
      span({
        spanId: child((4096 + index).toString(16)),
        parentSpanId: index % 7 === 0 ? ids.step : child('5'),
        name: `query shard ${index}`,
        startedAt: at(0.5 + (0.4 * index) / (wish.extraSpans ?? 1)),
        endedAt: at(0.5 + (0.4 * index) / (wish.extraSpans ?? 1) + 0.04),
      }),
    )
  return spans
}

function makeDeliveries(startedAt: Instant, until: Instant, status: Status, spanId: string): DeliveryView[] {
  const isOpen = OPEN_STATUSES.has(status)
  const events = ['run_accepted', 'agent_started', 'agent_thinking']
  for (let index = 0; index < 40; index++) events.push('progress_update')
  events.push('tool_executing')
  if (!isOpen) events.push('tool_completed', 'agent_completed')
  return events.map((event, index) => {
    const at = startedAt + ((until - startedAt) * (index + 0.5)) / events.length
    const isLost = status === 'undelivered' && (index === events.length - 1 || index === 20)
    return {
      seq: index + 1,
      event,
      connectionId: 'conn_9f2k',
      attempt: 1,
      spanId,
      bytes: 180 + ((index * 37) % 400),
      targets: 1,
      states: [
        { state: 'emitted' as const, at: toIso(at) },
        { state: 'routed' as const, at: toIso(at + 1) },
        { state: 'written' as const, at: toIso(at + 3) },
        ...(isLost
          ? [{ state: 'dropped' as const, at: toIso(at + 2_000) }]
          : isOpen && index === events.length - 1
            ? []
            : [{ state: 'received' as const, at: toIso(at + 40) }]),
      ],
      reason: isLost ? 'backpressure' : null,
    }
  })
}

function makeChecklist(deliveries: readonly DeliveryView[], isOpen: boolean, status: Status): ChecklistItem[] {
  return CRITICAL_EVENTS.map((event: CriticalEvent) => {
    const sent = deliveries.filter((delivery) => delivery.event === event)
    const [first] = sent
    const last = first?.states.at(-1)?.state ?? null
    const missing = isOpen ? (status === 'stalled' && event === 'tool_completed' ? 'overdue' : 'pending') : 'skipped'
    return {
      event,
      state: first ? ('done' as const) : missing,
      at: first?.states[0]?.at ?? null,
      count: sent.length,
      delivery: last,
      seq: first?.seq ?? null,
    }
  })
}

function makeEvidence(status: Status, spanId: string, acceptedAt: string): Evidence[] {
  switch (status) {
    case 'stalled':
      return [
        {
          text: 'span execute_tool search_orders is open and its process lists it in every pulse',
          ref: `span:${spanId}`,
        },
        { text: 'tool_executing was sent (seq 44), no tool_completed followed', ref: 'delivery:44' },
        { text: 'the last pulse of agent-runtime-7f9c came 3 s ago, loop delay 4 ms', ref: 'pulse:agent-runtime-7f9c' },
        { text: 'accepted by a run record', ref: `log:accepted@${acceptedAt}` },
      ]
    case 'failed':
      return [{ text: "KeyError: 'orchestrator' at agent_service_core.py:539", ref: `span:${spanId}` }]
    case 'lost':
      return [
        {
          text: 'span execute_tool search_orders is open; its process has sent no pulse for 40 s',
          ref: `span:${spanId}`,
        },
        { text: 'the last pulse of agent-runtime-7f9c did not say goodbye', ref: 'pulse:agent-runtime-7f9c' },
      ]
    case 'slow':
      return [{ text: 'no chunk for 50 s; suspect after 45 s, stalled after 3 m', ref: `span:${spanId}` }]
    case 'undelivered':
      return [
        { text: 'agent_completed (seq 46) was written, never acknowledged', ref: 'delivery:46' },
        { text: 'connection conn_9f2k is open and acknowledged seq 45', ref: 'connection:conn_9f2k' },
      ]
    default:
      return []
  }
}

function makeLogs(startedAt: Instant, progressAt: Instant, ids: Ids, status: Status): LogView[] {
  const log = (at: Instant, severity: string, body: string): LogView => ({
    at: toIso(at),
    severity,
    event: null,
    body,
    spanId: ids.step,
    attributes: {},
  })
  return [
    { ...log(startedAt + 5, 'INFO', 'run accepted'), event: 'laststep.run' },
    log(startedAt + 20, 'INFO', 'request accepted'),
    log(startedAt + 900, 'INFO', 'orchestrator created for user u_8812'),
    log(progressAt - 10, 'WARN', 'waiting for orders-db-2: no free connection in the pool'),
    ...(status === 'failed' ? [log(progressAt, 'ERROR', "KeyError: 'orchestrator'")] : []),
  ]
}
