/** What the oracle's reading of a request should be in our words: written against opentelemetry-proto, not our readers. */
import type { FullSpan } from '../../../collector/record.ts'
import { nanosToInstant } from '../../../contract/units.ts'
import { decode } from './oracle.ts'

type Message = { readonly [key: string]: unknown }
type ExpectedSpan = Omit<FullSpan, 'receivedAt' | 'seq' | 'stopReason' | 'repeatedEvery'>

/** Spans whose ids are valid, in the order of the request. */
export function expectSpans(body: Uint8Array): ExpectedSpan[] {
  return list(decode('TracesRequest', body)['resourceSpans']).flatMap((resourceSpans) =>
    list(resourceSpans['scopeSpans']).flatMap((scopeSpans) =>
      list(scopeSpans['spans'])
        .filter((span) => id(span['traceId'], 16) !== '' && id(span['spanId'], 8) !== '')
        .map((span) => spanOf(span, originOf(resourceSpans, scopeSpans))),
    ),
  )
}

/** Log records, without what Laststep reads into its own. */
export function expectLogs(body: Uint8Array): object[] {
  return list(decode('LogsRequest', body)['resourceLogs']).flatMap((resourceLogs) =>
    list(resourceLogs['scopeLogs']).flatMap((scopeLogs) =>
      list(scopeLogs['logRecords']).map((log) => logOf(log, originOf(resourceLogs, scopeLogs))),
    ),
  )
}

function originOf(resourceRecords: Message, scopeRecords: Message) {
  const resource = attributes(record(resourceRecords['resource'])['attributes'])
  const { name = '', version = '' } = record(scopeRecords['scope']) as { name?: string; version?: string }
  const said = (key: string): string | null => {
    const value = resource[key]
    return value === undefined || value === null || value === '' || typeof value === 'object' ? null : String(value)
  }
  const source = {
    service: said('service.name'),
    version: said('service.version'),
    environment: said('deployment.environment.name'),
    instance: said('service.instance.id'),
    workingDirectory: said('process.working_directory'),
    contract: said('laststep.contract'),
  }
  return { source, resource: resource as FullSpan['resource'], scope: { name, version } }
}

const KINDS = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const
const STATUSES = ['unset', 'ok', 'error'] as const

function spanOf(span: Message, origin: ReturnType<typeof originOf>): ExpectedSpan {
  const status = record(span['status'])
  const start = BigInt(String(span['startTimeUnixNano'] ?? 0))
  const end = BigInt(String(span['endTimeUnixNano'] ?? 0))
  return {
    ...origin,
    traceId: id(span['traceId'], 16),
    spanId: id(span['spanId'], 8),
    parentSpanId: id(span['parentSpanId'], 8) || null,
    name: text(span['name']),
    kind: KINDS[Number(span['kind'] ?? 0)] ?? 'unspecified',
    startedAt: nanosToInstant(start),
    // An Instant of today resolves a quarter of a microsecond: an end a few nanoseconds early is no end before the start.
    endedAt: end === 0n || nanosToInstant(end) < nanosToInstant(start) ? null : nanosToInstant(end),
    status: STATUSES[Number(status['code'] ?? 0)] ?? 'unset',
    statusMessage: text(status['message']) || null,
    attributes: attributes(span['attributes']) as FullSpan['attributes'],
    events: list(span['events']).map((event) => ({
      name: text(event['name']),
      at: nanosToInstant(BigInt(String(event['timeUnixNano'] ?? 0))),
      attributes: attributes(event['attributes']) as FullSpan['attributes'],
    })),
    links: list(span['links']).map((link) => ({
      traceId: id(link['traceId'], 16),
      spanId: id(link['spanId'], 8),
      attributes: attributes(link['attributes']) as FullSpan['attributes'],
    })),
  }
}

const SEVERITIES = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'] as const

function logOf(log: Message, origin: ReturnType<typeof originOf>): object {
  const severityNumber = Number(log['severityNumber'] ?? 0)
  const named = severityNumber > 0 ? (SEVERITIES[Math.floor((severityNumber - 1) / 4)] ?? '') : ''
  const happened = BigInt(String(log['timeUnixNano'] ?? 0))
  return {
    ...origin,
    at: nanosToInstant(happened === 0n ? BigInt(String(log['observedTimeUnixNano'] ?? 0)) : happened),
    severityNumber,
    severity: text(log['severityText']) || named,
    event: text(log['eventName']) || null,
    body: value(log['body']),
    traceId: id(log['traceId'], 16) || null,
    spanId: id(log['spanId'], 8) || null,
    attributes: attributes(log['attributes']),
  }
}

function attributes(pairs: unknown): Record<string, unknown> {
  return Object.fromEntries(list(pairs).map((pair) => [text(pair['key']), value(pair['value'])]))
}

/** protobufjs gives 64-bit integers as text and bytes as base64. */
function value(anyValue: unknown): unknown {
  const said = record(anyValue)
  if ('stringValue' in said) return said['stringValue']
  if ('boolValue' in said) return said['boolValue']
  if ('intValue' in said) {
    const exact = BigInt(String(said['intValue']))
    return Number.isSafeInteger(Number(exact)) ? Number(exact) : exact.toString()
  }
  if ('doubleValue' in said) {
    const number = Number(said['doubleValue'])
    return Number.isFinite(number) ? number : String(number)
  }
  if ('bytesValue' in said) return said['bytesValue']
  if ('arrayValue' in said) return list(record(said['arrayValue'])['values']).map(value)
  return 'kvlistValue' in said ? attributes(record(said['kvlistValue'])['values']) : null
}

function id(bytes: unknown, size: number): string {
  const hex = Buffer.from(text(bytes), 'base64').toString('hex')
  return hex.length === size * 2 && !/^0+$/.test(hex) ? hex : ''
}

function text(said: unknown): string {
  return typeof said === 'string' ? said : ''
}

function record(said: unknown): Message {
  return typeof said === 'object' && said !== null ? (said as Message) : {}
}

function list(said: unknown): readonly Message[] {
  return Array.isArray(said) ? (said as Message[]) : []
}
