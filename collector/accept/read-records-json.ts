/** OTLP/JSON, every field of every record. What it does not know, snake_case keys included, it does not see. */
import { isSpanId, isTraceId } from '../../contract/ids.ts'
import type { AttributeValue, Attributes } from '../../contract/runs.ts'
import { nanosToInstant, type Instant } from '../../contract/units.ts'
import { SPAN_KINDS, type FullEvent, type FullLink } from '../record.ts'
import { excessOfRecord } from './find-excess-json.ts'
import { INTEGER, object, objects, parseJson, type JsonObject } from './json-door.ts'
import { keepFew, keepFewEvents, type Pair } from './keep-few.ts'
import { BODY_MAX, DEPTH_MAX, LINKS_MAX, NAME_MAX, VALUE_MAX } from './limits.ts'
import { finite, finishSpan, severityOf, sourceOf, STATUS_WORDS } from './plain-values.ts'
import { MalformedBody } from './protobuf-cursor.ts'
import type { LogRecord, Origin, RecordSink, SpanRecord } from './reading.ts'

/** What of a span's attributes and events is wanted. */
export interface Wanted {
  readonly attributes: ReadonlySet<string>
  /** By name. */
  readonly events: ReadonlySet<string>
}

/**
 * @param wanted leaves out of every span what nobody asked for, links included; null for everything
 * @throws MalformedBody when the body is not an OTLP/JSON request of this kind
 */
export function readRecordsJson(
  kind: 'traces' | 'logs',
  body: string,
  sink: RecordSink,
  wanted: Wanted | null = null,
): void {
  const request = parseJson(body)
  const [mine, records] = kind === 'traces' ? (['Spans', 'spans'] as const) : (['Logs', 'logRecords'] as const)
  const resources = request[`resource${mine}`]
  if (resources === undefined) refuseOther(kind, request)
  for (const resourceRecords of objects(resources)) {
    const resource = attributesOf(object(resourceRecords['resource'])['attributes'])
    const source = sourceOf(resource)
    for (const scopeRecords of objects(resourceRecords[`scope${mine}`])) {
      const scope = object(scopeRecords['scope'])
      const origin: Origin = {
        source,
        resource,
        scope: { name: text(scope['name'], NAME_MAX), version: text(scope['version'], NAME_MAX) },
      }
      for (const record of objects(scopeRecords[records])) {
        const excess = excessOfRecord(record)
        if (excess !== null) sink.cut(excess)
        if (kind === 'logs') sink.log(logOf(record), origin)
        else {
          const span = spanOf(record, wanted)
          if (span) sink.span(span, origin)
          else sink.refuse('a span needs a trace id of 32 hex digits and a span id of 16, not all zero')
        }
      }
    }
  }
}

function refuseOther(kind: 'traces' | 'logs', request: JsonObject): void {
  if (kind === 'traces' && 'resourceLogs' in request) {
    throw new MalformedBody('these are logs: send them to /v1/logs')
  }
  if (kind === 'logs' && 'resourceSpans' in request) {
    throw new MalformedBody('these are spans: send them to /v1/traces')
  }
}

function spanOf(span: JsonObject, wanted: Wanted | null): SpanRecord | null {
  const status = object(span['status'])
  return finishSpan({
    traceId: idOf(span['traceId'], 16),
    spanId: idOf(span['spanId'], 8),
    parentSpanId: idOf(span['parentSpanId'], 8),
    name: text(span['name'], NAME_MAX),
    kind: SPAN_KINDS[integer(span['kind'])] ?? 'unspecified',
    start: instantOf(span['startTimeUnixNano']),
    end: instantOf(span['endTimeUnixNano']),
    status: STATUS_WORDS[integer(status['code'])] ?? 'unset',
    statusMessage: text(status['message'], VALUE_MAX),
    attributes: wanted ? wantedAttributesOf(span['attributes'], wanted.attributes) : attributesOf(span['attributes']),
    events: wanted
      ? wantedEventsOf(span['events'], wanted.events)
      : keepFewEvents(objects(span['events']).map(eventOf)),
    links: wanted ? [] : objects(span['links']).slice(0, LINKS_MAX).map(linkOf),
  })
}

function wantedAttributesOf(list: unknown, wanted: ReadonlySet<string>): Attributes {
  const found: { [key: string]: AttributeValue } = {}
  if (!Array.isArray(list)) return found
  for (const each of list) {
    const { key, value } = object(each)
    if (typeof key === 'string' && wanted.has(key)) found[key] = valueOf(value, 0, VALUE_MAX)
  }
  return found
}

function wantedEventsOf(list: unknown, wanted: ReadonlySet<string>): readonly FullEvent[] {
  if (!Array.isArray(list)) return []
  return objects(list)
    .filter(({ name }) => typeof name === 'string' && wanted.has(name))
    .map(eventOf)
}

function eventOf(event: JsonObject): FullEvent {
  return {
    name: text(event['name'], NAME_MAX),
    at: instantOf(event['timeUnixNano']),
    attributes: attributesOf(event['attributes']),
  }
}

function linkOf(link: JsonObject): FullLink {
  return {
    traceId: idOf(link['traceId'], 16),
    spanId: idOf(link['spanId'], 8),
    attributes: attributesOf(link['attributes']),
  }
}

function logOf(log: JsonObject): LogRecord {
  const happened = instantOf(log['timeUnixNano'])
  const severityNumber = integer(log['severityNumber'])
  const event = text(log['eventName'], NAME_MAX)
  const traceId = idOf(log['traceId'], 16)
  const spanId = idOf(log['spanId'], 8)
  return {
    at: happened === 0 ? instantOf(log['observedTimeUnixNano']) : happened,
    severityNumber,
    severity: severityOf(text(log['severityText'], NAME_MAX), severityNumber),
    event: event === '' ? null : event,
    body: valueOf(log['body'], 0, BODY_MAX),
    traceId: traceId === '' ? null : traceId,
    spanId: spanId === '' ? null : spanId,
    attributes: attributesOf(log['attributes']),
  }
}

// Values.

function attributesOf(list: unknown, depth = 0): Attributes {
  return keepFew(
    objects(list).map((pair): Pair => [text(pair['key'], NAME_MAX), valueOf(pair['value'], depth, VALUE_MAX)]),
  )
}

function valueOf(anyValue: unknown, depth: number, lengthMax: number): AttributeValue {
  const value = object(anyValue)
  if (depth > DEPTH_MAX) return null
  if (typeof value['stringValue'] === 'string') return text(value['stringValue'], lengthMax)
  if (typeof value['boolValue'] === 'boolean') return value['boolValue']
  if (value['intValue'] !== undefined) return int64(value['intValue'])
  if (value['doubleValue'] !== undefined) return finite(Number(value['doubleValue']))
  if (typeof value['bytesValue'] === 'string') return text(value['bytesValue'], lengthMax)
  if (value['arrayValue'] !== undefined) {
    if (depth >= DEPTH_MAX) return null
    return objects(object(value['arrayValue'])['values']).map((value) => valueOf(value, depth + 1, VALUE_MAX))
  }
  if (value['kvlistValue'] !== undefined) {
    return depth >= DEPTH_MAX ? null : attributesOf(object(value['kvlistValue'])['values'], depth + 1)
  }
  return null
}

/** A number where a number holds it exactly, else its text. Not a number at all: null. */
function int64(value: unknown): number | string | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value !== 'string' || !INTEGER.test(value)) return null
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : BigInt(value).toString()
}

/** Hex of either case becomes lower case; what is no id becomes the empty text. */
function idOf(value: unknown, size: 8 | 16): string {
  if (typeof value !== 'string') return ''
  const hex = value.length === size * 2 ? value.toLowerCase() : fromBase64(value, size)
  return (size === 16 ? isTraceId(hex) : isSpanId(hex)) ? hex : ''
}

/** Some writers (protobuf's own JSON mapping) put base64 where OTLP wants hex: 24 or 12 characters. */
function fromBase64(value: string, size: 8 | 16): string {
  return value.length === Math.ceil(size / 3) * 4 ? Buffer.from(value, 'base64').toString('hex') : ''
}

function instantOf(value: unknown): Instant {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return nanosToInstant(BigInt(value))
  if (typeof value !== 'string' || value.length > 20 || !/^\d+$/.test(value)) return 0
  // Every time since 2001 has 19 digits: six are nanoseconds of a millisecond, and no bigint is needed to part them.
  if (value.length === 19) return Number(value.slice(0, 13)) + Number(value.slice(13)) / 1e6
  return nanosToInstant(BigInt.asUintN(64, BigInt(value)))
}

function integer(value: unknown): number {
  return typeof value === 'number' && Number.isInteger(value) ? value : 0
}

function text(value: unknown, lengthMax: number): string {
  if (typeof value !== 'string') return ''
  return value.length <= lengthMax ? value : value.slice(0, lengthMax)
}
