/**
 * The API's answers as zod schemas: from these the OpenAPI document is made. They say what `contract/` says, and the
 * compiler holds them to it: `satisfies z.ZodType<RunRow>` fails when a field is missing or of another type here.
 */
import { z } from 'zod'
import { CONNECTION_STATES, DELIVERY_STATES, STREAM_KINDS } from '../../contract/deliveries.ts'
import {
  CONNECTION_FAILURES,
  FINDING_STATES,
  type FailingFinding,
  type Finding,
  type FindingList,
  type SilentFinding,
} from '../../contract/findings.ts'
import { HTTP_STATUS, type ApiError, type ErrorCode } from '../../contract/errors.ts'
import { CANARY_OUTCOMES, CHECKS, type Health, type Readiness } from '../../contract/health.ts'
import { PHASES } from '../../contract/phases.ts'
import {
  STALL_ENDINGS,
  type Evidence,
  type LeftOut,
  type Otherwise,
  type PastStall,
  type ProcessView,
  type RunDetail,
  type RunList,
  type SubAgent,
  type Verdict,
} from '../../contract/runs.ts'
import { CAUSES, STATUSES } from '../../contract/statuses.ts'
import type { ServiceStatus } from './serve-settings.ts'
import {
  time,
  text,
  count,
  attributeValue,
  attributes,
  codeLocation,
  step,
  limit,
  outcome,
  confidence,
  explainedBy,
  gap,
  runRow,
  ms,
} from './base-schemas.ts'
import { deploy, deployAnnouncement, deployAnswer, deployEffect, deployEffects, deployList } from './deploy-schemas.ts'
import { inFlightHistory, setup, testRunAnswer } from './setup-schemas.ts'
import { incidentHistory } from './incident-life-schemas.ts'
import { incident, incidentList, stall, incidentDetail, trends } from './incident-schemas.ts'
import { COMPARE_SCHEMAS } from './compare-schemas.ts'
import { INVESTIGATION_SCHEMAS } from './investigation-schemas.ts'
import { hit, resolution, searchLine, valueList } from './search-schemas.ts'

const evidence = z.object({
  text,
  ref: text.nullable().meta({
    description:
      'the record that the line quotes, in this same answer: span:<spanId>, delivery:<seq>, connection:<id>, ' +
      'pulse:<process.id>, log:<state>@<at> for the log whose body is "run <state>", or gap:<verdict.unconfirmed.from>',
  }),
}) satisfies z.ZodType<Evidence>

const otherwise = z.object({
  cause: z.enum(CAUSES).nullable(),
  text,
  decidedBy: text,
}) satisfies z.ZodType<Otherwise>

const verdict = z.object({
  status: z.enum(STATUSES),
  step: step.nullable(),
  cause: z.enum(CAUSES).nullable(),
  since: time,
  deadline: time.nullable(),
  limit: limit.nullable(),
  confidence,
  evidence: z.array(evidence),
  otherwise: otherwise
    .nullable()
    .meta({ description: 'another explanation that the same facts allow, and what would decide' }),
  explainedBy,
  unconfirmed: gap.nullable(),
  lateByMs: z.number().nullable(),
}) satisfies z.ZodType<Verdict>

const pastStall = z.object({
  status: z.enum(['stalled', 'lost', 'undelivered']),
  step: step.nullable(),
  cause: z.enum(CAUSES).nullable(),
  since: time,
  deadline: time.nullable(),
  endedAt: time,
  ending: z.enum(STALL_ENDINGS).meta({
    description: 'withdrawn: nothing was heard, but a gap in our own hearing, or another contract, moved the deadline',
  }),
  lateByMs: z.number().nullable(),
}) satisfies z.ZodType<PastStall>

const spanView = z.object({
  traceId: text,
  spanId: text,
  parentSpanId: text.nullable(),
  name: text,
  phase: z.enum(PHASES).nullable(),
  startedAt: time,
  endedAt: time.nullable().meta({ description: 'null while the span is open; never invented' }),
  lastHeardAt: time,
  openState: z.enum(['open', 'stopped', 'unreported']).nullable(),
  status: z.enum(['unset', 'ok', 'error']),
  statusMessage: text.nullable(),
  code: codeLocation.nullable(),
  attributes,
  events: z.array(z.object({ name: text, at: time, attributes })),
})

const subAgent = z.object({
  spanId: text,
  agent: text,
  status: z.enum(['open', 'ended', 'failed']),
  startedAt: time,
  endedAt: time.nullable(),
  steps: count,
}) satisfies z.ZodType<SubAgent>

const deliveryView = z.object({
  seq: count,
  event: text,
  connectionId: text.nullable(),
  attempt: count,
  spanId: text.nullable(),
  bytes: count.nullable(),
  targets: count.nullable(),
  states: z.array(z.object({ state: z.enum(DELIVERY_STATES), at: time })),
  reason: text.nullable(),
})

const connectionView = z.object({
  id: text,
  userId: text.nullable(),
  acks: z.boolean(),
  stream: z.enum(STREAM_KINDS).nullable(),
  states: z.array(z.object({ state: z.enum(CONNECTION_STATES), at: time })),
  closeCode: z.int().nullable(),
  clientCloseCode: z.int().nullable(),
  closeReason: text.nullable(),
  closedBy: z.enum(['client', 'server', 'network']).nullable(),
})

const logView = z.object({
  at: time,
  severity: text,
  event: text.nullable(),
  body: text,
  spanId: text.nullable(),
  attributes,
})

const processView = z.object({
  id: text,
  lastPulseAt: time,
  pulses: count,
  intervalMs: z.number(),
  blockedSince: time.nullable(),
  loopDelayMs: z.number().nullable(),
  clockBehindMs: z.number(),
  stopped: z.boolean(),
}) satisfies z.ZodType<ProcessView>

const checklistItem = z.object({
  event: text,
  phase: z.enum(PHASES),
  state: z.enum(['done', 'pending', 'overdue', 'skipped', 'optional']),
  at: time.nullable(),
  count,
  delivery: z.enum(DELIVERY_STATES).nullable(),
  seq: count.nullable(),
})

const runDetail = z.object({
  ...runRow.shape,
  outcome: outcome.nullable(),
  verdict,
  pastStalls: z.array(pastStall),
  checklist: z.array(checklistItem),
  spans: z.array(spanView),
  spansTotal: count,
  leftOut: z.array(
    z.object({
      parentSpanId: text.nullable(),
      name: text,
      count,
      p95Ms: z.number().nullable(),
    }) satisfies z.ZodType<LeftOut>,
  ),
  subAgents: z.array(subAgent),
  patterns: z.array(evidence),
  deliveries: z.array(deliveryView),
  connections: z.array(connectionView),
  logs: z.array(logView),
  process: processView.nullable(),
  fingerprint: text.nullable().meta({ description: 'of the incident its stall belongs to' }),
  gaps: z.array(gap).meta({ description: 'when Laststep itself did not hear while the run went on, of the last day' }),
  contract: z.object({ name: text, hash: text }),
  asOf: z
    .object({ at: time, isBehind: z.boolean(), status: z.enum(STATUSES), endedAt: time.nullable() })
    .nullable()
    .describe('The moment it was asked for, when it was not now, and how it is now'),
}) satisfies z.ZodType<RunDetail>

const runList = z.object({ runs: z.array(runRow), next: text.nullable() }) satisfies z.ZodType<RunList>

const told = { id: text, rev: count, state: z.enum(FINDING_STATES), name: text, since: time, endedAt: time.nullable() }

const silentFinding = z.object({
  ...told,
  kind: z.literal('source-silent'),
  lastHeardAt: time,
  openRuns: count.meta({ description: 'open runs it explains; their rows say so by `explainedBy`' }),
  limit,
  sources: z.array(
    z.object({
      instance: text,
      service: text.nullable(),
      environment: text.nullable(),
      lastHeardAt: time,
      openRuns: count,
      backAt: time.nullable(),
    }),
  ),
  sourcesTotal: count,
}) satisfies z.ZodType<SilentFinding>

const failingFinding = z.object({
  ...told,
  kind: z.literal('connections-failing'),
  service: text.nullable(),
  environment: text.nullable(),
  failure: z.enum(CONNECTION_FAILURES),
  closeCode: count.nullable(),
  closeReason: text.nullable(),
  trouble: text.meta({ description: 'what becomes of them, in words: `are refused with 4401`' }),
  connections: count.meta({ description: 'how many failed since it began' }),
  lastFailedAt: time,
  openConnections: count.meta({ description: 'ready and open when it began' }),
  limit: limit.nullable(),
  instances: z.array(text),
}) satisfies z.ZodType<FailingFinding>

const finding = z.discriminatedUnion('kind', [silentFinding, failingFinding]) satisfies z.ZodType<Finding>

const findingList = z.object({ findings: z.array(finding) }) satisfies z.ZodType<FindingList>

const errorCodes = Object.keys(HTTP_STATUS) as [ErrorCode, ...ErrorCode[]]
const apiError = z.object({
  error: z.object({ code: z.enum(errorCodes), message: text }),
}) satisfies z.ZodType<ApiError>

const serviceStatus = z.object({
  version: text,
  startedAt: time,
  uptimeMs: z.number(),
  openRuns: count,
  lagMs: z.number(),
  liveClients: count,
  dropped: z.record(z.string(), count),
  unknownEvents: z.record(z.string(), count),
  unknownContracts: z.array(text),
  gaps: z.array(gap),
}) satisfies z.ZodType<ServiceStatus>

const check = z.object({ name: z.enum(CHECKS), ok: z.boolean(), since: time.nullable(), says: text })
const readiness = z.object({ ready: z.boolean(), checks: z.array(check) }) satisfies z.ZodType<Readiness>

const health = z.object({
  ...readiness.shape,
  evaluator: z.object({ deadlines: count, madeP99Ms: ms.nullable(), storedP99Ms: ms.nullable() }),
  watermarkLagMs: ms,
  loopDelayP99Ms: ms.nullable(),
  blind: z.object({ gaps: count, ms }),
  retractions: z.object({ count, since: time }),
  clocks: z.object({
    processes: count,
    off: count,
    worst: z.object({ instance: text, behindMs: z.number() }).nullable(),
  }),
  canary: z.object({ outcome: z.enum(CANARY_OUTCOMES), sentAt: time, lateMs: ms.nullable() }).nullable(),
  deadMan: z.object({ pingedAt: time.nullable(), error: text.nullable() }).nullable(),
}) satisfies z.ZodType<Health>

/** Every schema with a name of its own in the OpenAPI document. */
export const API_SCHEMAS = {
  AttributeValue: attributeValue,
  CodeLocation: codeLocation,
  Step: step,
  RunRow: runRow,
  RunList: runList,
  Verdict: verdict,
  PastStall: pastStall,
  SpanView: spanView,
  SubAgent: subAgent,
  DeliveryView: deliveryView,
  ConnectionView: connectionView,
  LogView: logView,
  ProcessView: processView,
  ChecklistItem: checklistItem,
  RunDetail: runDetail,
  Finding: finding,
  FindingList: findingList,
  Deploy: deploy,
  DeployAnnouncement: deployAnnouncement,
  DeployAnswer: deployAnswer,
  DeployList: deployList,
  DeployEffect: deployEffect,
  DeployEffects: deployEffects,
  Incident: incident,
  IncidentList: incidentList,
  IncidentDetail: incidentDetail,
  Stall: stall,
  IncidentHistory: incidentHistory,
  Trends: trends,
  ...COMPARE_SCHEMAS,
  ...INVESTIGATION_SCHEMAS,
  Hit: hit,
  Resolution: resolution,
  SearchLine: searchLine,
  ValueList: valueList,
  ServiceStatus: serviceStatus,
  Check: check,
  Readiness: readiness,
  Health: health,
  InFlightHistory: inFlightHistory,
  Setup: setup,
  TestRunAnswer: testRunAnswer,
  ApiError: apiError,
} as const
