/** A run worth looking at, told to a collector as OTLP: steps, a failed tool, one that hangs, and many queries. */
import { ATTR } from '../../../contract/attributes.ts'
import { seconds, type Instant } from '../../../contract/units.ts'
import { attributes, nanosOf, post, resourceOf } from '../../kit/agent-telemetry.ts'
import { sendSpans, type SpanWish } from '../../kit/span-telemetry.ts'

const SHOP = { service: 'shop', version: '1.4.2', environment: 'staging' }
export const TRACE = 'c0ffee00c0ffee00c0ffee00c0ffee01'
/** Spans by what they are in the run. */
export const SPAN = { root: id(1), chat: id(2), failed: id(3), request: id(4), hanging: id(5) }

export interface RunWish {
  readonly now: Instant
  /** Queries below the failed tool's request, each its own name. */
  readonly queries?: number
  /** They all have this name. */
  readonly queryName?: string
  readonly isEnded?: boolean
}

/** Began 100 s ago: 10 s of thought, a tool that failed after 30 s, and one that hangs since. */
export async function sendRun(otlpHttp: string, { now, queries = 0, queryName, isEnded = false }: RunWish) {
  const start = now - seconds(100)
  const at = (second: number): Instant => start + seconds(second)
  const span = (
    spanId: string,
    name: string,
    [from, to]: readonly [number, number | null],
    more: Partial<SpanWish> = {},
  ): SpanWish => ({
    traceId: TRACE,
    spanId,
    ...(spanId === SPAN.root ? {} : { parentSpanId: SPAN.root }),
    name,
    startedAt: at(from),
    endedAt: to === null ? null : at(to),
    ...more,
  })
  const tool = (name: string) => ({ [ATTR.operation]: 'execute_tool', [ATTR.toolName]: name })
  await sendSpans(otlpHttp, SHOP, [
    span(SPAN.root, 'invoke_agent support', [0, isEnded ? 100 : null], {
      attributes: { [ATTR.operation]: 'invoke_agent', [ATTR.agent]: 'support', [ATTR.userId]: 'u_1' },
    }),
    span(SPAN.chat, 'chat gpt-5', [1, 11], { attributes: { [ATTR.operation]: 'chat' } }),
    span(SPAN.failed, 'execute_tool search_orders', [12, 42], { isError: true, attributes: tool('search_orders') }),
    span(SPAN.request, 'GET orders', [13, 41], { parentSpanId: SPAN.failed }),
    span(SPAN.hanging, 'execute_tool ship_order', [60, isEnded ? 99 : null], { attributes: tool('ship_order') }),
    ...Array.from({ length: queries }, (_, index) => {
      const from = 13 + (27 * index) / queries
      const where = { parentSpanId: SPAN.request }
      return span(id(1000 + index), queryName ?? `query ${index}`, [from, from + 0.5], where)
    }),
  ])
  await sendLogs(otlpHttp, [
    [at(2), 'asking the model', SPAN.chat],
    [at(41), 'orders did not answer', SPAN.failed],
    [at(61), 'shipping', SPAN.hanging],
  ])
  return { start, at }
}

async function sendLogs(otlpHttp: string, lines: readonly (readonly [Instant, string, string])[]): Promise<void> {
  const logRecords = lines.map(([at, body, spanId]) => ({
    timeUnixNano: nanosOf(at),
    severityNumber: 9,
    severityText: 'INFO',
    body: { stringValue: body },
    traceId: TRACE,
    spanId,
    attributes: attributes({ 'log.logger': 'shop' }),
  }))
  await post(`${otlpHttp}/v1/logs`, {
    resourceLogs: [{ resource: resourceOf(SHOP), scopeLogs: [{ logRecords }] }],
  })
}

export function id(number: number): string {
  return number.toString(16).padStart(16, '0')
}
