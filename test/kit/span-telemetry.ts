/** Any spans a test thinks of, sent as OTLP in JSON: those with an end as traces, those without as records of open spans. */
import { ATTR, RECORD } from '../../contract/attributes.ts'
import type { Instant } from '../../contract/units.ts'
import { attributes, nanosOf, post, resourceOf, type AgentProcess } from './agent-telemetry.ts'

export interface SpanWish {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly startedAt: Instant
  /** Null for a span that is open. */
  readonly endedAt: Instant | null
  readonly isError?: boolean
  readonly attributes?: Readonly<Record<string, string | number>>
}

/** As many as one request should hold. */
const SPANS_PER_REQUEST = 2_000

/** @throws an Error when the collector does not take them */
export async function sendSpans(otlpHttp: string, process: AgentProcess, spans: readonly SpanWish[]): Promise<void> {
  const resource = resourceOf(process)
  const open = spans.filter(({ endedAt }) => endedAt === null)
  const logRecords = open.map((span) => ({
    timeUnixNano: nanosOf(span.startedAt),
    eventName: RECORD.spanStart,
    body: { stringValue: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [otlpOf(span)] }] }] }) },
    attributes: attributes({ [ATTR.partialBodyType]: 'json/v1', [ATTR.seq]: 1 }),
  }))
  if (open.length > 0) await post(`${otlpHttp}/v1/logs`, { resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] })
  const ended = spans.filter(({ endedAt }) => endedAt !== null)
  for (let at = 0; at < ended.length; at += SPANS_PER_REQUEST) {
    const some = ended.slice(at, at + SPANS_PER_REQUEST).map(otlpOf)
    await post(`${otlpHttp}/v1/traces`, { resourceSpans: [{ resource, scopeSpans: [{ spans: some }] }] })
  }
}

function otlpOf({ startedAt, endedAt, isError = false, attributes: said = {}, ...ids }: SpanWish): object {
  const end = endedAt === null ? {} : { endTimeUnixNano: nanosOf(endedAt) }
  const status = { code: isError ? 2 : 0 }
  return { ...ids, startTimeUnixNano: nanosOf(startedAt), ...end, status, attributes: attributes(said) }
}
