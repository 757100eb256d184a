/** What the canary run sends: OTLP in JSON, as an agent's process would send it through the same door. */
import { ATTR, RECORD } from '../../contract/attributes.ts'
import type { TraceId } from '../../contract/ids.ts'
import type { Instant } from '../../contract/units.ts'
import { CANARY } from '../canary-run.ts'
import { attributes, nanosOf } from './otlp-json.ts'

/** Body for `/v1/logs`: the run has begun, and the tool it stands still in. */
export function canaryBegins(traceId: TraceId, now: Instant): string {
  const time = nanosOf(now)
  const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: spansOf(traceId, time, null) }] }] })
  const record = {
    timeUnixNano: time,
    eventName: RECORD.spanStart,
    body: { stringValue: body },
    attributes: attributes({ [ATTR.partialBodyType]: 'json/v1', [ATTR.seq]: 1 }),
  }
  return JSON.stringify({ resourceLogs: [{ resource: RESOURCE, scopeLogs: [{ logRecords: [record] }] }] })
}

/** Body for `/v1/traces`: both ended well. A run is named after its trace, so that one left behind can be ended as well. */
export function canaryEnds(traceId: TraceId, startedAt: Instant, now: Instant): string {
  const spans = spansOf(traceId, nanosOf(startedAt), nanosOf(now))
  return JSON.stringify({ resourceSpans: [{ resource: RESOURCE, scopeSpans: [{ spans }] }] })
}

function spansOf(traceId: TraceId, start: string, end: string | null): object[] {
  const runSpan = traceId.slice(0, 16)
  const times = { startTimeUnixNano: start, ...(end === null ? {} : { endTimeUnixNano: end, status: { code: 1 } }) }
  const run = { [ATTR.operation]: 'invoke_agent', [ATTR.agent]: CANARY.agent }
  const tool = { [ATTR.operation]: 'execute_tool', [ATTR.toolName]: CANARY.tool }
  return [
    { traceId, spanId: runSpan, name: `invoke_agent ${CANARY.agent}`, ...times, attributes: attributes(run) },
    {
      traceId,
      spanId: traceId.slice(16),
      parentSpanId: runSpan,
      name: `execute_tool ${CANARY.tool}`,
      ...times,
      attributes: attributes(tool),
    },
  ]
}

const RESOURCE = { attributes: attributes({ [ATTR.serviceName]: CANARY.service, [ATTR.contract]: CANARY.contract }) }
