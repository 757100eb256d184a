/**
 * The API's answers as zod schemas: from these the OpenAPI document is made. They say what `contract/` says, and the
 * compiler holds them to it: `satisfies z.ZodType<RunRow>` fails when a field is missing or of another type here.
 */
import { z } from 'zod'
import { CONNECTION_STATES, DELIVERY_STATES } from '../../contract/deliveries.ts'
import { FINDING_STATES, type Finding, type FindingList } from '../../contract/findings.ts'
import { HTTP_STATUS, type ApiError, type ErrorCode } from '../../contract/errors.ts'
import { PHASES } from '../../contract/phases.ts'
import type {
  AttributeValue,
  Evidence,
  GapView,
  RunDetail,
  RunList,
  RunRow,
  SubAgent,
  Verdict,
} from '../../contract/runs.ts'
import { CAUSES, STATUSES } from '../../contract/statuses.ts'
import type { ServiceStatus } from './serve-settings.ts'

const time = z.iso.datetime({ precision: 3 }).meta({ description: 'ISO-8601, UTC, milliseconds' })
const text = z.string()
const count = z.int().nonnegative()

const attributeValue: z.ZodType<AttributeValue> = z.lazy(() =>
  z.union([
    z.string(),
    z.number(),
    z.boolean(),
    z.null(),
    z.array(attributeValue),
    z.record(z.string(), attributeValue),
  ]),
)
const attributes = z.record(z.string(), attributeValue)

const codeLocation = z.object({ file: text, line: z.int().nullable(), function: text.nullable() })

const step = z.object({
  phase: z.enum(PHASES),
  name: text.nullable(),
  spanId: text.nullable(),
  since: time,
  code: codeLocation.nullable(),
})

const limit = z.object({ ms: z.number(), from: text })
const outcome = z.enum(['succeeded', 'failed', 'cancelled'])
const confidence = z.enum(['T1', 'T2', 'T3', 'T4'])
const explainedBy = text.nullable().meta({ description: 'the id of the finding about its process that explains it' })

const gap = z.object({
  from: time,
  to: time,
  reason: z.enum(['down', 'paused', 'refused']),
}) satisfies z.ZodType<GapView>

const runRow = z.object({
  id: text,
  rev: count,
  traceId: text.nullable(),
  agent: text.nullable(),
  service: text.nullable(),
  version: text.nullable(),
  environment: text.nullable(),
  userId: text.nullable(),
  sessionId: text.nullable(),
  status: z.enum(STATUSES),
  step: step.nullable(),
  cause: z.enum(CAUSES).nullable(),
  confidence,
  explainedBy,
  isUnconfirmed: z.boolean(),
  startedAt: time,
  lastProgressAt: time,
  endedAt: time.nullable(),
  events: count,
  delivery: z.object({
    required: count,
    confirmed: count,
    outcome: z.enum(['pending', 'delivered', 'partial', 'undelivered', 'unknown']),
  }),
}) satisfies z.ZodType<RunRow>

const evidence = z.object({ text, ref: text.nullable() }) satisfies z.ZodType<Evidence>

const verdict = z.object({
  status: z.enum(STATUSES),
  step: step.nullable(),
  cause: z.enum(CAUSES).nullable(),
  since: time,
  deadline: time.nullable(),
  limit: limit.nullable(),
  confidence,
  evidence: z.array(evidence),
  explainedBy,
  unconfirmed: gap.nullable(),
  lateByMs: z.number().nullable(),
}) satisfies z.ZodType<Verdict>

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
  states: z.array(z.object({ state: z.enum(CONNECTION_STATES), at: time })),
  closeCode: z.int().nullable(),
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

const checklistItem = z.object({
  event: text,
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
  checklist: z.array(checklistItem),
  spans: z.array(spanView),
  spansTotal: count,
  subAgents: z.array(subAgent),
  patterns: z.array(evidence),
  deliveries: z.array(deliveryView),
  connections: z.array(connectionView),
  logs: z.array(logView),
  contract: z.object({ name: text, hash: text }),
}) satisfies z.ZodType<RunDetail>

const runList = z.object({ runs: z.array(runRow), next: text.nullable() }) satisfies z.ZodType<RunList>

const finding = z.object({
  id: text,
  kind: z.literal('source-silent'),
  rev: count,
  state: z.enum(FINDING_STATES),
  name: text,
  since: time,
  lastHeardAt: time,
  endedAt: time.nullable(),
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
}) satisfies z.ZodType<Finding>

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

/** Every schema with a name of its own in the OpenAPI document. */
export const API_SCHEMAS = {
  AttributeValue: attributeValue,
  CodeLocation: codeLocation,
  Step: step,
  RunRow: runRow,
  RunList: runList,
  Verdict: verdict,
  SpanView: spanView,
  SubAgent: subAgent,
  DeliveryView: deliveryView,
  ConnectionView: connectionView,
  LogView: logView,
  ChecklistItem: checklistItem,
  RunDetail: runDetail,
  Finding: finding,
  FindingList: findingList,
  ServiceStatus: serviceStatus,
  ApiError: apiError,
} as const
