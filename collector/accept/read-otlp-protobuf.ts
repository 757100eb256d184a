/**
 * The hot path: Signals straight from protobuf bytes. It touches what run state needs and makes no string of anything
 * else, which is five times faster than decoding every field (`bench/ingest.ts`).
 */
import { ATTR, RECORD } from '../../contract/attributes.ts'
import type { TraceId } from '../../contract/ids.ts'
import {
  KNOWN_KEYS,
  type ExceptionFacts,
  type Known,
  type Source,
  type SpanSignal,
  type SpanStatus,
} from '../signal.ts'
import { SPAN_KINDS } from '../record.ts'
import { PATH_KEYS } from '../vendor-attributes.ts'
import { eachRecord } from './each-record.ts'
import { excessOfAttribute, excessOfBody, excessOfCounts, type Excess } from './find-excess.ts'
import { KNOWN_VALUE_MAX, NAME_MAX, STACKTRACE_MAX } from './limits.ts'
import { EVENT, LOG, SPAN, STATUS } from './otlp-tags.ts'
import { EVENT_NAME, LIFECYCLE_NAMES } from './lifecycle-logs.ts'
import { MalformedBody, ProtobufCursor } from './protobuf-cursor.ts'
import { byLength, readKnown, type KnownList, type KnownValues } from './known-attributes.ts'
import { isOpen, STATUS_WORDS, textOf } from './plain-values.ts'
import { newReading, noteExcess, refuse, type Reading } from './reading.ts'
import { readLogRecord } from './read-records-protobuf.ts'
import { KNOWN_SCOPES } from './signal-from-span.ts'
import { signalsFromLog } from './signals-from-log.ts'
import { ancestorsOf, undoDisguise } from './undo-disguise.ts'

/** @throws MalformedBody when the bytes are not an `ExportTraceServiceRequest`. */
export function readTracesProtobuf(body: Uint8Array): Reading {
  const reading = newReading()
  const cursor = new ProtobufCursor(body)
  eachRecord(cursor, (source, scope) => {
    reading.records += 1
    readSpan(cursor, source, scope, reading)
  })
  return reading
}

/** @throws MalformedBody when the bytes are not an `ExportLogsServiceRequest`. */
export function readLogsProtobuf(body: Uint8Array): Reading {
  const reading = newReading()
  const cursor = new ProtobufCursor(body)
  eachRecord(cursor, (source) => {
    reading.records += 1
    readLog(cursor, source, reading)
  })
  return reading
}

// Spans.

const SPAN_KEYS = byLength(KNOWN_KEYS, PATH_KEYS)
const EXCEPTION_KEYS = byLength([ATTR.exceptionType, ATTR.exceptionMessage, ATTR.exceptionStacktrace])
const EXCEPTION_EVENT = Buffer.from('exception')

/** Fields of a log record that no span can have. */
const LOG_ONLY: ReadonlySet<number> = new Set([LOG.time, LOG.severityNumber, LOG.observedTime])

/** Reads the span the cursor has entered. */
function readSpan(cursor: ProtobufCursor, source: Source, scope: string, reading: Reading): void {
  let traceId: TraceId = ''
  let spanId = ''
  let parentSpanId = ''
  let name = ''
  let startedAt = 0
  let endedAt = 0
  let status: SpanStatus = 'unset'
  let statusMessage = ''
  let exception: ExceptionFacts | null = null
  let excess: Excess = null
  let attributes = 0
  let events = 0
  let links = 0
  let kind = 0
  const known: KnownValues = {}
  let list: KnownList | null = null
  let lists: Record<string, readonly string[]> | null = null
  while (cursor.hasMore()) {
    const tag = cursor.tag()
    switch (tag) {
      case SPAN.traceId:
        traceId = cursor.id(16)
        break
      case SPAN.kind:
        kind = cursor.varint()
        break
      case SPAN.spanId:
        spanId = cursor.id(8)
        break
      case SPAN.parentSpanId:
        parentSpanId = cursor.id(8)
        break
      case SPAN.name:
        name = cursor.text(NAME_MAX)
        break
      case SPAN.start:
        startedAt = cursor.instant()
        break
      case SPAN.end:
        endedAt = cursor.instant()
        break
      case SPAN.attributes:
        attributes += 1
        if (!cursor.isShort()) excess ??= excessOfAttribute(cursor)
        list = readKnown(cursor, SPAN_KEYS, known, KNOWN_VALUE_MAX)
        if (list !== null) (lists ??= {})[list.key] = list.list
        break
      case SPAN.events:
        events += 1
        exception = readException(cursor) ?? exception
        break
      case SPAN.links:
        links += 1
        cursor.skip()
        break
      case SPAN.status: {
        const outer = cursor.enter()
        while (cursor.hasMore()) {
          const tag = cursor.tag()
          if (tag === STATUS.message) statusMessage = cursor.text(KNOWN_VALUE_MAX)
          else if (tag === STATUS.code) status = STATUS_WORDS[cursor.varint()] ?? 'unset'
          else cursor.skip()
        }
        cursor.leave(outer)
        break
      }
      default:
        // Resource, scope and record have the same numbers in both requests: a log reads as a span without ids.
        if (traceId === '' && LOG_ONLY.has(tag)) throw new MalformedBody('these are logs: send them to /v1/logs')
        cursor.skip()
    }
  }
  if (traceId === '' || spanId === '') {
    refuse(reading, 'a span needs a trace id of 16 bytes and a span id of 8, not all zero')
    return
  }
  noteExcess(reading, excess ?? excessOfCounts(attributes, events, links))
  if (KNOWN_SCOPES.has(scope)) known[ATTR.scope] = scope
  const kindWord = SPAN_KINDS[kind]
  if (kindWord === 'server' || kindWord === 'consumer') known[ATTR.spanKind] = kindWord
  const plain: SpanSignal = {
    kind: 'span',
    source,
    traceId,
    spanId,
    parentSpanId: parentSpanId === '' ? null : parentSpanId,
    name,
    startedAt,
    endedAt: isOpen(startedAt, endedAt) ? null : endedAt,
    seq: 0,
    stopReason: null,
    repeatedEvery: null,
    status,
    statusMessage: statusMessage === '' ? null : statusMessage,
    known: known as Known,
    exception,
  }
  const signal = undoDisguise(plain, known)
  if (signal === null) return
  reading.signals.push(signal)
  if (lists !== null) for (const ancestor of ancestorsOf(signal, lists)) reading.signals.push(ancestor)
}

function readException(cursor: ProtobufCursor): ExceptionFacts | null {
  const outer = cursor.enter()
  const start = cursor.at
  let isException = false
  while (cursor.hasMore()) {
    if (cursor.tag() === EVENT.name) isException = cursor.bytesAre(EXCEPTION_EVENT)
    else cursor.skip()
  }
  const found: KnownValues = {}
  if (isException) {
    cursor.backTo(start)
    while (cursor.hasMore()) {
      if (cursor.tag() === EVENT.attributes) readKnown(cursor, EXCEPTION_KEYS, found, STACKTRACE_MAX)
      else cursor.skip()
    }
  }
  cursor.leave(outer)
  if (!isException) return null
  return {
    type: textOf(found[ATTR.exceptionType])?.slice(0, KNOWN_VALUE_MAX) ?? '',
    message: textOf(found[ATTR.exceptionMessage])?.slice(0, KNOWN_VALUE_MAX) ?? '',
    stacktrace: textOf(found[ATTR.exceptionStacktrace]),
  }
}

// Logs.

const LOG_EVENTS = byLength([...Object.values(RECORD), ...LIFECYCLE_NAMES])
const LOG_KEYS = byLength([ATTR.partialEvent, EVENT_NAME])

/** Reads the log record the cursor has entered: in full when it tells of spans or runs, else only whose trace it belongs to. */
function readLog(cursor: ProtobufCursor, source: Source, reading: Reading): void {
  const start = cursor.at
  let traceId = ''
  let spanId = ''
  let isTold = false
  const known: KnownValues = {}
  let excess: Excess = null
  let attributes = 0
  while (cursor.hasMore()) {
    const tag = cursor.tag()
    switch (tag) {
      case LOG.traceId:
        traceId = cursor.id(16)
        break
      case LOG.spanId:
        spanId = cursor.id(8)
        break
      case LOG.eventName:
        isTold = cursor.choose(LOG_EVENTS) !== null || isTold
        break
      case LOG.body:
        excess = excessOfBody(cursor) ?? excess
        break
      case LOG.attributes: {
        attributes += 1
        if (!cursor.isShort()) excess ??= excessOfAttribute(cursor)
        readKnown(cursor, LOG_KEYS, known, NAME_MAX)
        break
      }
      case SPAN.traceId:
      case SPAN.spanId:
        throw new MalformedBody('these are spans: send them to /v1/traces')
      default:
        cursor.skip()
    }
  }
  noteExcess(reading, excess ?? excessOfCounts(attributes))
  isTold ||= ATTR.partialEvent in known || LIFECYCLE_NAMES.has(String(known[EVENT_NAME]))
  if (isTold) {
    cursor.backTo(start)
    signalsFromLog(readLogRecord(cursor), source, reading)
  } else if (traceId !== '') {
    reading.signals.push({ kind: 'log', source, traceId, spanId: spanId === '' ? null : spanId })
  }
}
