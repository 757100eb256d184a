/** The cold path over protobuf bytes: every field of every record. Shares the cursor with the hot path. */
import type { AttributeValue, Attributes } from '../../contract/runs.ts'
import type { Instant } from '../../contract/units.ts'
import { SPAN_KINDS, type FullEvent, type FullLink, type Scope } from '../record.ts'
import type { SpanStatus } from '../signal.ts'
import { keepFew, keepFewEvents, type Pair } from './keep-few.ts'
import { BODY_MAX, LINKS_MAX, NAME_MAX, VALUE_MAX } from './limits.ts'
import {
  EVENT,
  LINK,
  LOG,
  REQUEST,
  RESOURCE,
  RESOURCE_RECORDS,
  SCOPE,
  SCOPE_RECORDS,
  SPAN,
  STATUS,
} from './otlp-tags.ts'
import type { ProtobufCursor } from './protobuf-cursor.ts'
import { finishSpan, severityOf, sourceOf, STATUS_WORDS } from './plain-values.ts'
import { eachMessage, inside, readAttributes, readPair, readValue } from './read-values-protobuf.ts'
import type { LogRecord, Origin, SpanRecord } from './reading.ts'

/**
 * Calls `read` with the cursor inside each record, to be read by `readSpanRecord` or `readLogRecord`.
 * @throws MalformedBody
 */
export function eachFullRecord(cursor: ProtobufCursor, read: (origin: Origin) => void): void {
  eachMessage(cursor, REQUEST.resources, () => {
    const start = cursor.at
    let resource: Attributes = {}
    eachMessage(cursor, RESOURCE_RECORDS.resource, () => (resource = readAttributes(cursor, RESOURCE.attributes)))
    cursor.backTo(start)
    const source = sourceOf(resource)
    eachMessage(cursor, RESOURCE_RECORDS.scopes, () => {
      const start = cursor.at
      let scope: Scope = { name: '', version: '' }
      eachMessage(cursor, SCOPE_RECORDS.scope, () => (scope = readScope(cursor)))
      cursor.backTo(start)
      eachMessage(cursor, SCOPE_RECORDS.records, () => read({ source, resource, scope }))
    })
  })
}

/** Null when its ids are no ids. */
export function readSpanRecord(cursor: ProtobufCursor): SpanRecord | null {
  const pairs: Pair[] = []
  const events: FullEvent[] = []
  const links: FullLink[] = []
  const ids = { traceId: '', spanId: '', parentSpanId: '' }
  const times = { start: 0, end: 0 }
  let name = ''
  let kind = 0
  let status: SpanStatus = 'unset'
  let statusMessage = ''
  while (cursor.hasMore()) {
    switch (cursor.tag()) {
      case SPAN.traceId:
        ids.traceId = cursor.id(16)
        break
      case SPAN.spanId:
        ids.spanId = cursor.id(8)
        break
      case SPAN.parentSpanId:
        ids.parentSpanId = cursor.id(8)
        break
      case SPAN.name:
        name = cursor.text(NAME_MAX)
        break
      case SPAN.kind:
        kind = cursor.varint()
        break
      case SPAN.start:
        times.start = cursor.instant()
        break
      case SPAN.end:
        times.end = cursor.instant()
        break
      case SPAN.attributes:
        pairs.push(inside(cursor, () => readPair(cursor, 0)))
        break
      case SPAN.events:
        events.push(inside(cursor, () => readEvent(cursor)))
        break
      case SPAN.links:
        links.push(inside(cursor, () => readLink(cursor)))
        break
      case SPAN.status:
        inside(cursor, () => {
          while (cursor.hasMore()) {
            const tag = cursor.tag()
            if (tag === STATUS.message) statusMessage = cursor.text(VALUE_MAX)
            else if (tag === STATUS.code) status = STATUS_WORDS[cursor.varint()] ?? 'unset'
            else cursor.skip()
          }
        })
        break
      default:
        cursor.skip()
    }
  }
  const attributes = keepFew(pairs)
  const kindWord = SPAN_KINDS[kind] ?? 'unspecified'
  return finishSpan({
    ...ids,
    ...times,
    name,
    kind: kindWord,
    status,
    statusMessage,
    attributes,
    events: keepFewEvents(events),
    links: links.slice(0, LINKS_MAX),
  })
}

export function readLogRecord(cursor: ProtobufCursor): LogRecord {
  const pairs: Pair[] = []
  const times: { happened: Instant; observed: Instant } = { happened: 0, observed: 0 }
  let severityNumber = 0
  let severityText = ''
  let body: AttributeValue = null
  let event = ''
  let traceId = ''
  let spanId = ''
  while (cursor.hasMore()) {
    switch (cursor.tag()) {
      case LOG.time:
        times.happened = cursor.instant()
        break
      case LOG.observedTime:
        times.observed = cursor.instant()
        break
      case LOG.severityNumber:
        severityNumber = cursor.varint()
        break
      case LOG.severityText:
        severityText = cursor.text(NAME_MAX)
        break
      case LOG.body:
        body = inside(cursor, () => readValue(cursor, 0, BODY_MAX))
        break
      case LOG.attributes:
        pairs.push(inside(cursor, () => readPair(cursor, 0)))
        break
      case LOG.traceId:
        traceId = cursor.id(16)
        break
      case LOG.spanId:
        spanId = cursor.id(8)
        break
      case LOG.eventName:
        event = cursor.text(NAME_MAX)
        break
      default:
        cursor.skip()
    }
  }
  return {
    at: times.happened === 0 ? times.observed : times.happened,
    severityNumber,
    severity: severityOf(severityText, severityNumber),
    event: event === '' ? null : event,
    body,
    traceId: traceId === '' ? null : traceId,
    spanId: spanId === '' ? null : spanId,
    attributes: keepFew(pairs),
  }
}

function readEvent(cursor: ProtobufCursor): FullEvent {
  const pairs: Pair[] = []
  let at = 0
  let name = ''
  while (cursor.hasMore()) {
    const tag = cursor.tag()
    if (tag === EVENT.time) at = cursor.instant()
    else if (tag === EVENT.name) name = cursor.text(NAME_MAX)
    else if (tag === EVENT.attributes) pairs.push(inside(cursor, () => readPair(cursor, 0)))
    else cursor.skip()
  }
  return { name, at, attributes: keepFew(pairs) }
}

function readLink(cursor: ProtobufCursor): FullLink {
  const pairs: Pair[] = []
  let traceId = ''
  let spanId = ''
  while (cursor.hasMore()) {
    const tag = cursor.tag()
    if (tag === LINK.traceId) traceId = cursor.id(16)
    else if (tag === LINK.spanId) spanId = cursor.id(8)
    else if (tag === LINK.attributes) pairs.push(inside(cursor, () => readPair(cursor, 0)))
    else cursor.skip()
  }
  return { traceId, spanId, attributes: keepFew(pairs) }
}

function readScope(cursor: ProtobufCursor): Scope {
  let name = ''
  let version = ''
  while (cursor.hasMore()) {
    const tag = cursor.tag()
    if (tag === SCOPE.name) name = cursor.text(NAME_MAX)
    else if (tag === SCOPE.version) version = cursor.text(NAME_MAX)
    else cursor.skip()
  }
  return { name, version }
}
