/** Runs as the collector would tell them, in the states a person meets. Every field is real in form; ids are seeded. */
import type { Phase } from '../../../contract/phases.ts'
import type { RunDetail, RunRow, Step } from '../../../contract/runs.ts'
import { OPEN_STATUSES, type Cause, type Confidence, type Status } from '../../../contract/statuses.ts'
import { minutes, seconds, toIso, type Instant, type Millis } from '../../../contract/units.ts'
import { makeChecklist, makeDeliveries, makeEvidence, makeLogs } from './make-records.ts'
import { makeSpans, spanIds } from './make-spans.ts'

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
  const spans = makeSpans(wish, ids, { startedAt, endedAt, progressAt, status })
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
    leftOut: [],
    subAgents: [],
    patterns: [],
    deliveries,
    connections: [
      {
        id: 'conn_9f2k',
        userId: wish.userId ?? 'u_8812',
        acks: true,
        stream: null,
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
      clockBehindMs: 12,
      stopped: false,
    },
    fingerprint: status === 'stalled' ? '4f2a09c1d2e3f405' : null,
    gaps: [],
    contract: { name: 'laststep', hash: '6b1f0c9a55d2e8417c30' },
    asOf: null,
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
