/**
 * The fields of OTLP that Laststep reads: `field number << 3 | wire type`, from opentelemetry-proto 1.x. A field that
 * comes with another wire type is a field we do not know, as protobuf says, and is passed over.
 */

const varint = (field: number): number => field << 3
const fixed64 = (field: number): number => (field << 3) | 1
const bytes = (field: number): number => (field << 3) | 2

export const REQUEST = { resources: bytes(1) } as const

/** `ResourceSpans` and `ResourceLogs` share their numbers. */
export const RESOURCE_RECORDS = { resource: bytes(1), scopes: bytes(2) } as const
export const RESOURCE = { attributes: bytes(1) } as const

/** `ScopeSpans` and `ScopeLogs` share theirs. */
export const SCOPE_RECORDS = { scope: bytes(1), records: bytes(2) } as const
export const SCOPE = { name: bytes(1), version: bytes(2) } as const

export const SPAN = {
  traceId: bytes(1),
  spanId: bytes(2),
  parentSpanId: bytes(4),
  name: bytes(5),
  kind: varint(6),
  start: fixed64(7),
  end: fixed64(8),
  attributes: bytes(9),
  events: bytes(11),
  links: bytes(13),
  status: bytes(15),
} as const

export const STATUS = { message: bytes(2), code: varint(3) } as const
export const EVENT = { time: fixed64(1), name: bytes(2), attributes: bytes(3) } as const
export const LINK = { traceId: bytes(1), spanId: bytes(2), attributes: bytes(4) } as const

export const LOG = {
  time: fixed64(1),
  severityNumber: varint(2),
  severityText: bytes(3),
  body: bytes(5),
  attributes: bytes(6),
  traceId: bytes(9),
  spanId: bytes(10),
  observedTime: fixed64(11),
  eventName: bytes(12),
} as const

export const KEY_VALUE = { key: bytes(1), value: bytes(2) } as const

export const ANY_VALUE = {
  string: bytes(1),
  bool: varint(2),
  int: varint(3),
  double: fixed64(4),
  array: bytes(5),
  list: bytes(6),
  bytes: bytes(7),
} as const

/** `ArrayValue` and `KeyValueList`. */
export const VALUES = { values: bytes(1) } as const
