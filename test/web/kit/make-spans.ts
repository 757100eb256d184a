/** The spans of a made run: the waterfall from its acceptance to the step where it stands. */
import type { SpanView } from '../../../contract/runs.ts'
import type { Status } from '../../../contract/statuses.ts'
import { toIso, type Instant } from '../../../contract/units.ts'
import type { RunWish } from './make-run.ts'

export interface Ids {
  readonly trace: string
  readonly root: string
  readonly step: string
}

/** Ids that differ per run and stay the same from one rev to the next. */
export function spanIds(id: string): Ids {
  let hash = 2166136261
  for (const char of id) hash = Math.imul(hash ^ char.charCodeAt(0), 16777619) >>> 0
  const hex = hash.toString(16).padStart(8, '0')
  return { trace: hex.repeat(4), root: `${hex}000000a1`, step: `${hex}000000b2` }
}

interface Course {
  readonly startedAt: Instant
  readonly endedAt: Instant | null
  readonly progressAt: Instant
  readonly status: Status
}

export function makeSpans(wish: RunWish, ids: Ids, course: Course): SpanView[] {
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
