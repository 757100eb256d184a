/**
 * OTLP's JSON encoding (opentelemetry-proto, docs/specification.md "JSON Protobuf Encoding"): ids in hex, enums as
 * integers, 64-bit integers as decimal strings, names in lowerCamelCase.
 *
 * Written as text rather than as objects for `JSON.stringify`, which takes twice as long; it still quotes the strings.
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
  return `{"attributes":${encodeAttributes(attributes)}}`
}

/** Body of a request to `/v1/logs`. */
export function encodeLogs(resource: ResourceJson, records: readonly string[]): string {
  return `{"resourceLogs":[{"resource":${resource},"scopeLogs":[{"scope":${SCOPE},"logRecords":[${records.join(',')}]}]}]}`
}

/** Body of a request to `/v1/traces`, and of every span record. Each part is one `encodeScopeSpans`. */
export function encodeTraces(resource: ResourceJson, scopeSpans: readonly string[]): string {
  return `{"resourceSpans":[{"resource":${resource},"scopeSpans":[${scopeSpans.join(',')}]}]}`
}

export function encodeLogRecord({ event, at, traceId, spanId, attributes, body }: LogRecord): string {
  const time = instantToNanos(at)
  return (
    `{"timeUnixNano":"${time}","observedTimeUnixNano":"${time}","severityNumber":${SEVERITY_INFO}` +
    `,"eventName":${quote(event)}${body === undefined ? '' : `,"body":{"stringValue":${quote(body)}}`}` +
    `,"attributes":${encodeAttributes(attributes)}` +
    `${traceId === undefined ? '' : `,"traceId":${quote(traceId)}`}` +
    `${spanId === undefined ? '' : `,"spanId":${quote(spanId)}`}}`
  )
}

/** One span inside its scope. The end of an open span is left out: it has none, and none is made up. */
export function encodeScopeSpans(span: ReadableSpan, limits: Limits = SNAPSHOT): string {
  const { traceId, spanId, traceFlags } = span.spanContext()
  const parent = span.parentSpanContext
  const { name, version } = span.instrumentationScope
  const { code, message } = span.status
  return (
    `{"scope":{"name":${quote(name)}${version === undefined ? '' : `,"version":${quote(version)}`}},"spans":[` +
    `{"traceId":${quote(traceId)},"spanId":${quote(spanId)}` +
    `${parent === undefined ? '' : `,"parentSpanId":${quote(parent.spanId)}`}` +
    `,"flags":${encodeFlags(traceFlags, parent?.isRemote)},"name":${quote(cut(String(span.name), limits))}` +
    // The API counts kinds from 0, the protocol keeps 0 for "unspecified".
    `,"kind":${span.kind + 1},"startTimeUnixNano":"${encodeTime(span.startTime)}"` +
    `${span.ended ? `,"endTimeUnixNano":"${encodeTime(span.endTime)}"` : ''}` +
    `,"attributes":${encodeAttributes(span.attributes, limits)}` +
    `,"events":${encodeList(span.events.slice(-limits.listedMax), encodeEvent, limits)}` +
    `,"links":${encodeList(span.links.slice(-limits.listedMax), encodeLink, limits)}` +
    `,"status":{"code":${code}${message === undefined ? '' : `,"message":${quote(message)}`}}` +
    `,"droppedAttributesCount":${span.droppedAttributesCount},"droppedEventsCount":${span.droppedEventsCount}` +
    `,"droppedLinksCount":${span.droppedLinksCount}}]}`
  )
}

function encodeEvent({ name, time, attributes }: ReadableSpan['events'][number], limits: Limits): string {
  return `{"timeUnixNano":"${encodeTime(time)}","name":${quote(name)},"attributes":${encodeAttributes(attributes, limits)}}`
}

function encodeLink({ context, attributes }: ReadableSpan['links'][number], limits: Limits): string {
  const { traceId, spanId, traceFlags, isRemote } = context
  const flags = encodeFlags(traceFlags, isRemote)
  return `{"traceId":${quote(traceId)},"spanId":${quote(spanId)},"flags":${flags},"attributes":${encodeAttributes(attributes, limits)}}`
}

/** Seconds and nanoseconds since 1970 as one decimal number of nanoseconds. */
export function encodeTime([seconds, nanos]: SpanTime): string {
  return `${seconds}${String(Math.floor(nanos)).padStart(9, '0')}`
}

/** A span's own trace flags, and whether the other span, its parent or the linked one, is in another process. */
function encodeFlags(traceFlags: number, isRemote = false): number {
  return (traceFlags & 0xff) | HAS_IS_REMOTE | (isRemote ? IS_REMOTE : 0)
}

function encodeAttributes(attributes: Readonly<Record<string, unknown>> = {}, limits: Limits = SNAPSHOT): string {
  let text = ''
  let left = limits.attributesMax
  for (const key of Object.keys(attributes)) {
    const value = attributes[key]
    if (value === undefined || value === null) continue
    if (left-- <= 0) break
    text += `${text === '' ? '' : ','}${encodeKey(key)}${encodeValue(value, limits)}}`
  }
  return `[${text}]`
}

/** The beginning of an attribute, up to its value. A program uses few keys, many times. */
function encodeKey(key: string): string {
  const known = KEYS.get(key)
  if (known !== undefined) return known
  const encoded = `{"key":${quote(key)},"value":`
  if (KEYS.size < KEYS_MAX) KEYS.set(key, encoded)
  return encoded
}

const KEYS = new Map<string, string>()
/** Beyond, as in a program that makes keys up, each is encoded anew. */
const KEYS_MAX = 1_000

function encodeValue(value: unknown, limits: Limits): string {
  switch (typeof value) {
    case 'string':
      return `{"stringValue":${quote(cut(value, limits))}}`
    case 'boolean':
      return `{"boolValue":${value}}`
    case 'bigint':
      return `{"intValue":"${value}"}`
    case 'number':
      if (Number.isSafeInteger(value)) return `{"intValue":"${value}"}`
      // JSON has no NaN or Infinity; the protocol writes them as text.
      return Number.isFinite(value) ? `{"doubleValue":${value}}` : `{"doubleValue":"${value}"}`
    case 'object':
      if (value === null) return '{}'
      if (Array.isArray(value)) return `{"arrayValue":{"values":${encodeList(value, encodeValue, limits)}}}`
      if (value instanceof Uint8Array) return `{"bytesValue":"${Buffer.from(value).toString('base64')}"}`
      return `{"kvlistValue":{"values":${encodeAttributes({ ...value }, limits)}}}`
    default:
      return '{}'
  }
}

function encodeList<Item>(
  list: readonly Item[],
  encodeItem: (item: Item, limits: Limits) => string,
  limits: Limits,
): string {
  let text = ''
  for (const item of list) text += `${text === '' ? '' : ','}${encodeItem(item, limits)}`
  return `[${text}]`
}

function cut(text: string, { textMax }: Limits): string {
  return text.length <= textMax ? text : `${text.slice(0, textMax)}…`
}

function quote(text: string): string {
  return JSON.stringify(text)
}
