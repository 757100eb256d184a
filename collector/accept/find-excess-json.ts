/** The same for OTLP/JSON, over the objects it was parsed into. */
import { object, type JsonObject } from './json-door.ts'
import { BODY_MAX, DEPTH_MAX, NAME_MAX, VALUE_MAX } from './limits.ts'
import { excessOfCounts, type Excess } from './find-excess.ts'

/** @param record a span or a log record */
export function excessOfRecord(record: JsonObject): Excess {
  const { attributes, events, links, body } = record
  return (
    excessOfCounts(lengthOf(attributes), lengthOf(events), lengthOf(links)) ??
    first(attributes, (pair) => excessOfPair(object(pair), 0)) ??
    excessOfValue(body, 0, BODY_MAX)
  )
}

function lengthOf(list: unknown): number {
  return Array.isArray(list) ? list.length : 0
}

function excessOfPair(pair: JsonObject, depth: number): Excess {
  const { key } = pair
  if (typeof key === 'string' && key.length > NAME_MAX) return `a key is longer than ${NAME_MAX}`
  return excessOfValue(pair['value'], depth, VALUE_MAX)
}

function excessOfValue(anyValue: unknown, depth: number, lengthMax: number): Excess {
  const { stringValue, arrayValue, kvlistValue } = object(anyValue)
  if (typeof stringValue === 'string')
    return stringValue.length > lengthMax ? `a value is longer than ${VALUE_MAX}` : null
  if (arrayValue === undefined && kvlistValue === undefined) return null
  if (depth >= DEPTH_MAX) return `an attribute is nested deeper than ${DEPTH_MAX}`
  if (arrayValue !== undefined) {
    return first(object(arrayValue)['values'], (value) => excessOfValue(value, depth + 1, VALUE_MAX))
  }
  const pairs = object(kvlistValue)['values']
  return excessOfCounts(lengthOf(pairs)) ?? first(pairs, (pair) => excessOfPair(object(pair), depth + 1))
}

function first(items: unknown, look: (item: unknown) => Excess): Excess {
  if (!Array.isArray(items)) return null
  for (const item of items) {
    const excess = look(item)
    if (excess !== null) return excess
  }
  return null
}
