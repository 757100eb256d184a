/** The same for OTLP/JSON, over the objects it was parsed into. */
import { object, objects, type JsonObject } from './json-door.ts'
import { BODY_MAX, DEPTH_MAX, NAME_MAX, VALUE_MAX } from './limits.ts'
import { excessOfCounts, type Excess } from './find-excess.ts'

/** @param record a span or a log record */
export function excessOfRecord(record: JsonObject): Excess {
  const attributes = objects(record['attributes'])
  const events = objects(record['events'])
  return (
    excessOfCounts(attributes.length, events.length, objects(record['links']).length) ??
    first(attributes, (pair) => excessOfPair(pair, 0)) ??
    excessOfValue(record['body'], 0, BODY_MAX)
  )
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
    return first(objects(object(arrayValue)['values']), (value) => excessOfValue(value, depth + 1, VALUE_MAX))
  }
  const pairs = objects(object(kvlistValue)['values'])
  return excessOfCounts(pairs.length) ?? first(pairs, (pair) => excessOfPair(pair, depth + 1))
}

function first<Item>(items: readonly Item[], look: (item: Item) => Excess): Excess {
  for (const item of items) {
    const excess = look(item)
    if (excess !== null) return excess
  }
  return null
}
