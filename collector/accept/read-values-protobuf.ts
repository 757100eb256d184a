/** Attributes and values in full, and the walk from message to message. */
import type { AttributeValue, Attributes } from '../../contract/runs.ts'
import { keepFew, type Pair } from './keep-few.ts'
import { DEPTH_MAX, NAME_MAX, VALUE_MAX } from './limits.ts'
import { ANY_VALUE, KEY_VALUE, VALUES } from './otlp-tags.ts'
import { finite } from './plain-values.ts'
import type { ProtobufCursor } from './protobuf-cursor.ts'

export function readAttributes(cursor: ProtobufCursor, tag: number): Attributes {
  const pairs: Pair[] = []
  eachMessage(cursor, tag, () => pairs.push(readPair(cursor, 0)))
  return keepFew(pairs)
}

export function readPair(cursor: ProtobufCursor, depth: number): Pair {
  let key = ''
  let value: AttributeValue = null
  while (cursor.hasMore()) {
    const tag = cursor.tag()
    if (tag === KEY_VALUE.key) key = cursor.text(NAME_MAX)
    else if (tag === KEY_VALUE.value) value = inside(cursor, () => readValue(cursor, depth, VALUE_MAX))
    else cursor.skip()
  }
  return [key, value]
}

export function readValue(cursor: ProtobufCursor, depth: number, lengthMax: number): AttributeValue {
  let value: AttributeValue = null
  while (cursor.hasMore()) {
    switch (cursor.tag()) {
      case ANY_VALUE.string:
        value = cursor.text(lengthMax)
        break
      case ANY_VALUE.bool:
        value = cursor.varint() !== 0
        break
      case ANY_VALUE.int:
        value = cursor.int64()
        break
      case ANY_VALUE.double:
        value = finite(cursor.double())
        break
      case ANY_VALUE.bytes:
        value = cursor.base64(lengthMax)
        break
      case ANY_VALUE.array:
        value = inside(cursor, () => readArray(cursor, depth + 1))
        break
      case ANY_VALUE.list:
        value = inside(cursor, () => readList(cursor, depth + 1))
        break
      default:
        cursor.skip()
    }
  }
  return value
}

function readArray(cursor: ProtobufCursor, depth: number): AttributeValue {
  if (depth > DEPTH_MAX) return null
  const values: AttributeValue[] = []
  eachMessage(cursor, VALUES.values, () => values.push(readValue(cursor, depth, VALUE_MAX)))
  return values
}

function readList(cursor: ProtobufCursor, depth: number): AttributeValue {
  if (depth > DEPTH_MAX) return null
  const pairs: Pair[] = []
  eachMessage(cursor, VALUES.values, () => pairs.push(readPair(cursor, depth)))
  return keepFew(pairs)
}

// Messages.

/** Enters the message of the field just read, reads it, and leaves it whatever was left unread. */
export function inside<Result>(cursor: ProtobufCursor, read: () => Result): Result {
  const outer = cursor.enter()
  const result = read()
  cursor.leave(outer)
  return result
}

/** Reads every field `tag` of the present message; passes over the others. */
export function eachMessage(cursor: ProtobufCursor, tag: number, read: () => void): void {
  while (cursor.hasMore()) {
    if (cursor.tag() === tag) inside(cursor, read)
    else cursor.skip()
  }
}
