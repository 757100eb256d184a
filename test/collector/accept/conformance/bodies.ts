/** Small good requests, in each encoding, and what answers say. */
import { decode, encode } from '../oracle.ts'
import type { GrpcAnswer, HttpAnswer } from './target.ts'

export const PROTOBUF = 'application/x-protobuf'
export const JSON_TYPE = 'application/json'

export const TRACE = '5b8efff798038103d269b633813fc60c'
export const SPAN = 'eee19b7ec3c1b174'
const NANOS = '1544712660300000001'

const origin = { resource: { attributes: [{ key: 'service.name', value: { stringValue: 'conformance' } }] } }
const times = { startTimeUnixNano: NANOS, endTimeUnixNano: '1544712661300000001' }
const asBytes = { traceId: Buffer.from(TRACE, 'hex'), spanId: Buffer.from(SPAN, 'hex') }
const record = { timeUnixNano: NANOS, severityNumber: 9, body: { stringValue: 'hello' } }

export const spansProtobuf = spanRequest({})
export const logsProtobuf = encode('LogsRequest', {
  resourceLogs: [{ ...origin, scopeLogs: [{ logRecords: [{ ...record, ...asBytes }] }] }],
})
export const metricsProtobuf = encode('MetricsRequest', {
  resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'm', gauge: { dataPoints: [{ timeUnixNano: NANOS }] } }] }] }],
})
export const spansJson = spanJson({})
export const logsJson = JSON.stringify({
  resourceLogs: [{ ...origin, scopeLogs: [{ logRecords: [{ ...record, traceId: TRACE, spanId: SPAN }] }] }],
})
export const metricsJson = JSON.stringify({
  resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'm', gauge: { dataPoints: [{ timeUnixNano: NANOS }] } }] }] }],
})

/** A request with one good span, its fields replaced by `fields`. */
export function spanRequest(fields: object, more: readonly object[] = []): Buffer {
  const span = { name: 'chat', ...asBytes, ...times, ...fields }
  return encode('TracesRequest', { resourceSpans: [{ ...origin, scopeSpans: [{ spans: [span, ...more] }] }] })
}

/** The same in JSON. `raw` is put in as it is, for what JSON.stringify would not write. */
export function spanJson(fields: object, raw = ''): string {
  const span = JSON.stringify({ name: 'chat', traceId: TRACE, spanId: SPAN, ...times, ...fields })
  const spans = raw === '' ? span : `${span.slice(0, -1)},${raw}}`
  return `{"resourceSpans":[{"resource":${JSON.stringify(origin.resource)},"scopeSpans":[{"spans":[${spans}]}]}]}`
}

// What answers say. Each returns null when it is as asked, else what was seen.

/** 200 (or OK), the request's own type, `partial_success` unset. */
export function fullSuccess(answer: HttpAnswer): string | null {
  if (answer.status !== 200) return `${answer.status}: ${answer.body.toString().slice(0, 80)}`
  const partial = partialOf(answer)
  return partial === null ? null : `partial_success is set: ${JSON.stringify(partial)}`
}

/** 200 with `partial_success`, so many records refused. */
export function partialSuccess(answer: HttpAnswer, rejected: number): string | null {
  if (answer.status !== 200) return `${answer.status}`
  const partial = partialOf(answer)
  if (partial === null) return 'partial_success is not set'
  const told = Number(
    partial['rejected'] ?? Object.entries(partial).find(([key]) => key.startsWith('rejected'))?.[1] ?? 0,
  )
  if (told !== rejected) return `${told} rejected, not ${rejected}`
  return partial['errorMessage'] ? null : 'error_message is empty'
}

function partialOf(answer: HttpAnswer): Record<string, unknown> | null {
  const said = isJson(answer) ? JSON.parse(answer.body.toString()) : decode('ExportResponse', answer.body)
  return (said as { partialSuccess?: Record<string, unknown> }).partialSuccess ?? null
}

/** An error of this status whose body is a `google.rpc.Status` in the type of the request. */
export function refusal(answer: HttpAnswer, status: number, type = PROTOBUF): string | null {
  if (answer.status !== status) return `${answer.status}: ${answer.body.toString().slice(0, 80)}`
  if (typeOf(answer) !== type) return `content-type ${typeOf(answer)}, not ${type}`
  try {
    const said = isJson(answer) ? JSON.parse(answer.body.toString()) : decode('RpcStatus', answer.body)
    const message: unknown = (said as { message?: unknown }).message
    return typeof message === 'string' && message !== '' ? null : 'no message in the google.rpc.Status'
  } catch {
    return 'the body is no google.rpc.Status'
  }
}

export function grpcCode(answer: GrpcAnswer, code: number): string | null {
  return answer.code === code ? null : `${answer.code}: ${answer.message}`
}

export function typeOf(answer: HttpAnswer): string {
  return answer.headers['content-type']?.split(';')[0] ?? 'none'
}

function isJson(answer: HttpAnswer): boolean {
  return typeOf(answer) === JSON_TYPE
}
