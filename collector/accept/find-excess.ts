/**
 * In what a record is more than Laststep reads of it, found without reading it: the sender is warned, once a request.
 * Of nearly every attribute this looks at one byte.
 */
import { ATTRIBUTES_MAX, BODY_MAX, DEPTH_MAX, EVENTS_MAX, LINKS_MAX, NAME_MAX, VALUE_MAX } from './limits.ts'
import { ANY_VALUE, KEY_VALUE, VALUES } from './otlp-tags.ts'
import type { ProtobufCursor } from './protobuf-cursor.ts'

/** The end of a sentence; null when there is no excess. */
export type Excess = string | null

const TOO_DEEP = `an attribute is nested deeper than ${DEPTH_MAX}`
const TOO_LONG = `a value is longer than ${VALUE_MAX}`

export function excessOfCounts(attributes: number, events = 0, links = 0): Excess {
  if (attributes > ATTRIBUTES_MAX) return `more than ${ATTRIBUTES_MAX} attributes`
  if (events > EVENTS_MAX) return `more than ${EVENTS_MAX} events`
  return links > LINKS_MAX ? `more than ${LINKS_MAX} links` : null
}

/**
 * Looks at the `KeyValue` before the cursor, which stays where it is. Short ones need not be looked at: below 128 bytes
 * nothing is too long, and a level of nesting takes four bytes.
 */
export function excessOfAttribute(cursor: ProtobufCursor): Excess {
  const start = cursor.at
  const excess = excessOfPair(cursor, 0)
  cursor.backTo(start)
  return excess
}

/** Looks at the `AnyValue` of a log's body before the cursor, and passes over it. */
export function excessOfBody(cursor: ProtobufCursor): Excess {
  if (!cursor.isShort()) return excessOfValue(cursor, 0, BODY_MAX)
  cursor.skip()
  return null
}

function excessOfPair(cursor: ProtobufCursor, depth: number): Excess {
  let excess: Excess = null
  const outer = cursor.enter()
  while (cursor.hasMore()) {
    const tag = cursor.tag()
    if (tag === KEY_VALUE.key) excess = cursor.isLongerThan(NAME_MAX) ? `a key is longer than ${NAME_MAX}` : excess
    else if (tag === KEY_VALUE.value) excess = excessOfValue(cursor, depth, VALUE_MAX) ?? excess
    else cursor.skip()
  }
  cursor.leave(outer)
  return excess
}

function excessOfValue(cursor: ProtobufCursor, depth: number, lengthMax: number): Excess {
  let excess: Excess = null
  const outer = cursor.enter()
  while (cursor.hasMore() && excess === null) {
    const tag = cursor.tag()
    if (tag === ANY_VALUE.string) excess = cursor.isLongerThan(lengthMax) ? TOO_LONG : null
    else if (tag === ANY_VALUE.array) excess = excessOfValues(cursor, depth + 1, excessOfElement)
    else if (tag === ANY_VALUE.list) excess = excessOfValues(cursor, depth + 1, excessOfPair)
    else cursor.skip()
  }
  cursor.leave(outer)
  return excess
}

function excessOfElement(cursor: ProtobufCursor, depth: number): Excess {
  return excessOfValue(cursor, depth, VALUE_MAX)
}

type Look = (cursor: ProtobufCursor, depth: number) => Excess

function excessOfValues(cursor: ProtobufCursor, depth: number, look: Look): Excess {
  if (depth > DEPTH_MAX) return TOO_DEEP
  let excess: Excess = null
  const outer = cursor.enter()
  let count = 0
  while (cursor.hasMore() && excess === null) {
    if (cursor.tag() === VALUES.values) {
      excess = look(cursor, depth)
      count += 1
    } else cursor.skip()
  }
  cursor.leave(outer)
  return excess ?? (look === excessOfPair ? excessOfCounts(count) : null)
}
