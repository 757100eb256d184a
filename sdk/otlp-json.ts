/**
 * OTLP's JSON encoding (opentelemetry-proto, docs/specification.md "JSON Protobuf Encoding"): ids in hex, enums as
 * integers, 64-bit integers as decimal strings, names in lowerCamelCase.
 */
import type { SpanId, TraceId } from '../contract/ids.ts'
import type { Instant } from '../contract/units.ts'
import type { ReadableSpan, SpanTime } from './readable-span.ts'
import { instantToNanos } from '../contract/units.ts'

/** A log record before encoding. */
export interface LogRecord {
  /** One of `RECORD`. */
  readonly event: string
  readonly at: Instant
  readonly traceId?: TraceId | undefined
  readonly spanId?: SpanId | undefined
  /** Undefined values are left out. */
  readonly attributes: Readonly<Record<string, unknown>>
  readonly body?: string
}

/** What an envelope says about its sender, already encoded. */
export type ResourceJson = string

/** How much of a span is sent. */
export interface Limits {
  /** Longer texts are cut. */
  readonly textMax: number
  readonly attributesMax: number
  /** Events and links: the newest count. */
  readonly listedMax: number
}

/** A snapshot says where a span is, not everything it saw. */
export const SNAPSHOT: Limits = { textMax: 4_096, attributesMax: 128, listedMax: 32 }
/** A finished span is sent as its SDK kept it: the SDK has limits of its own. */
export const WHOLE: Limits = { textMax: Infinity, attributesMax: Infinity, listedMax: Infinity }

const SEVERITY_INFO = 9
/** opentelemetry-proto, `SpanFlags`: bits 8 and 9 say whether the parent is in another process. */
const HAS_IS_REMOTE = 0x100
const IS_REMOTE = 0x200

const SCOPE = '{"name":"@laststep/sdk"}'

export function encodeResource(attributes: Readonly<Record<string, unknown>>): ResourceJson {
  return JSON.stringify({ attributes: encodeAttributes(attributes) })
}

/** Body of a request to `/v1/logs`. */
export function encodeLogs(resource: ResourceJson, records: readonly string[]): string {
  return `{"resourceLogs":[{"resource":${resource},"scopeLogs":[{"scope":${SCOPE},"logRecords":[${records.join(',')}]}]}]}`
}

/** Body of a request to `/v1/traces`, and of every span record. Each part is one `encodeScopeSpans`. */
export function encodeTraces(resource: ResourceJson, scopeSpans: readonly string[]): string {
  return `{"resourceSpans":[{"resource":${resource},"scopeSpans":[${scopeSpans.join(',')}]}]}`
}

export function encodeLogRecord(record: LogRecord): string {
  const at = String(instantToNanos(record.at))
  return JSON.stringify({
    timeUnixNano: at,
    observedTimeUnixNano: at,
    severityNumber: SEVERITY_INFO,
    eventName: record.event,
    ...(record.body === undefined ? {} : { body: { stringValue: record.body } }),
    attributes: encodeAttributes(record.attributes),
    ...(record.traceId === undefined ? {} : { traceId: record.traceId }),
    ...(record.spanId === undefined ? {} : { spanId: record.spanId }),
  })
}

/** One span inside its scope. The end of an open span is left out: it has none, and none is made up. */
export function encodeScopeSpans(span: ReadableSpan, limits: Limits = SNAPSHOT): string {
  const context = span.spanContext()
  const parent = span.parentSpanContext
  const { name, version } = span.instrumentationScope
  return JSON.stringify({
    scope: version === undefined ? { name } : { name, version },
    spans: [
      {
        traceId: context.traceId,
        spanId: context.spanId,
        ...(parent === undefined ? {} : { parentSpanId: parent.spanId }),
        flags: encodeFlags({ ...parent, traceFlags: context.traceFlags }),
        name: cut(span.name, limits),
        // The API counts kinds from 0, the protocol keeps 0 for "unspecified".
        kind: span.kind + 1,
        startTimeUnixNano: encodeTime(span.startTime),
        ...(span.ended ? { endTimeUnixNano: encodeTime(span.endTime) } : {}),
        attributes: encodeAttributes(span.attributes, limits),
        events: span.events.slice(-limits.listedMax).map((event) => ({
          timeUnixNano: encodeTime(event.time),
          name: event.name,
          attributes: encodeAttributes(event.attributes ?? {}, limits),
        })),
        links: span.links.slice(-limits.listedMax).map((link) => ({
          traceId: link.context.traceId,
          spanId: link.context.spanId,
          flags: encodeFlags(link.context),
          attributes: encodeAttributes(link.attributes ?? {}, limits),
        })),
        status: span.status.message === undefined ? { code: span.status.code } : span.status,
        droppedAttributesCount: span.droppedAttributesCount,
        droppedEventsCount: span.droppedEventsCount,
        droppedLinksCount: span.droppedLinksCount,
      },
    ],
  })
}

/** Seconds and nanoseconds since 1970 as one decimal number of nanoseconds. */
export function encodeTime([seconds, nanos]: SpanTime): string {
  return `${seconds}${String(Math.floor(nanos)).padStart(9, '0')}`
}

/** A span's own trace flags, and whether the other span, its parent or the linked one, is in another process. */
function encodeFlags({ traceFlags, isRemote }: { readonly traceFlags: number; readonly isRemote?: boolean }): number {
  return (traceFlags & 0xff) | HAS_IS_REMOTE | (isRemote === true ? IS_REMOTE : 0)
}

type Encoded = Readonly<Record<string, unknown>>

export function encodeAttributes(attributes: Readonly<Record<string, unknown>>, limits: Limits = SNAPSHOT): Encoded[] {
  const encoded: Encoded[] = []
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null) continue
    if (encoded.length >= limits.attributesMax) break
    encoded.push({ key, value: encodeValue(value, limits) })
  }
  return encoded
}

function encodeValue(value: unknown, limits: Limits): Encoded {
  switch (typeof value) {
    case 'string':
      return { stringValue: cut(value, limits) }
    case 'boolean':
      return { boolValue: value }
    case 'bigint':
      return { intValue: String(value) }
    case 'number':
      if (Number.isSafeInteger(value)) return { intValue: String(value) }
      // JSON has no NaN or Infinity; the protocol writes them as text.
      return { doubleValue: Number.isFinite(value) ? value : String(value) }
    case 'object':
      if (value === null) return {}
      if (Array.isArray(value)) return { arrayValue: { values: value.map((item) => encodeValue(item, limits)) } }
      if (value instanceof Uint8Array) return { bytesValue: Buffer.from(value).toString('base64') }
      return { kvlistValue: { values: encodeAttributes({ ...value }, limits) } }
    default:
      return {}
  }
}

function cut(text: string, { textMax }: Limits): string {
  return text.length <= textMax ? text : `${text.slice(0, textMax)}…`
}
