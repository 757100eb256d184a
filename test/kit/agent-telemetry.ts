/** An agent's process that sends OTLP in JSON through the real door: runs with one tool, opened and ended when a test says so. */
import { ATTR, RECORD } from '../../contract/attributes.ts'
import { instantToNanos, type Instant } from '../../contract/units.ts'

export interface AgentProcess {
  readonly service: string
  readonly version: string
  readonly environment: string
}

export interface AgentRun {
  /** 32 hexadecimal digits; the run is named after it. */
  readonly traceId: string
  readonly agent: string
  readonly tool: string
  readonly userId: string
  readonly sessionId?: string
  readonly startedAt: Instant
}

/** @throws an Error when the collector does not take it */
export async function beginRun(otlpHttp: string, process: AgentProcess, run: AgentRun): Promise<void> {
  const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: spansOf(run, null) }] }] })
  const record = {
    timeUnixNano: nanosOf(run.startedAt),
    eventName: RECORD.spanStart,
    body: { stringValue: body },
    attributes: attributes({ [ATTR.partialBodyType]: 'json/v1', [ATTR.seq]: 1 }),
  }
  await post(`${otlpHttp}/v1/logs`, {
    resourceLogs: [{ resource: resourceOf(process), scopeLogs: [{ logRecords: [record] }] }],
  })
}

/** It ended well. @throws an Error when the collector does not take it */
export async function endRun(otlpHttp: string, process: AgentProcess, run: AgentRun, endedAt: Instant): Promise<void> {
  await post(`${otlpHttp}/v1/traces`, {
    resourceSpans: [{ resource: resourceOf(process), scopeSpans: [{ spans: spansOf(run, endedAt) }] }],
  })
}

export async function post(url: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`)
}

function spansOf({ traceId, agent, tool, userId, sessionId, startedAt }: AgentRun, endedAt: Instant | null): object[] {
  const end = endedAt === null ? {} : { endTimeUnixNano: nanosOf(endedAt), status: { code: 1 } }
  const times = { startTimeUnixNano: nanosOf(startedAt), ...end }
  const root = traceId.slice(0, 16)
  const run = {
    [ATTR.operation]: 'invoke_agent',
    [ATTR.agent]: agent,
    [ATTR.userId]: userId,
    ...(sessionId === undefined ? {} : { [ATTR.sessionId]: sessionId }),
  }
  const code = { 'code.file.path': `src/tools/${tool}.ts`, 'code.line.number': 88 }
  const step = { [ATTR.operation]: 'execute_tool', [ATTR.toolName]: tool, ...code }
  return [
    { traceId, spanId: root, name: `invoke_agent ${agent}`, ...times, attributes: attributes(run) },
    {
      traceId,
      spanId: traceId.slice(16),
      parentSpanId: root,
      name: `execute_tool ${tool}`,
      ...times,
      attributes: attributes(step),
    },
  ]
}

export function resourceOf({ service, version, environment }: AgentProcess): object {
  const said = { [ATTR.serviceName]: service, 'service.version': version, 'deployment.environment.name': environment }
  return { attributes: attributes(said) }
}

export function attributes(values: Readonly<Record<string, string | number>>): object[] {
  return Object.entries(values).map(([key, value]) => ({
    key,
    value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value },
  }))
}

export function nanosOf(at: Instant): string {
  return String(instantToNanos(at))
}
