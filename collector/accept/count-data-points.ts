import type { Encoding } from '../entry.ts'
import { ProtobufCursor } from './protobuf-cursor.ts'
import { utf8 } from './read-entry.ts'
import { object, objects, parseJson } from './json-door.ts'

/**
 * How many data points a metrics request holds: the sender is told that none of them was kept.
 * @throws MalformedBody
 */
export function countDataPoints(encoding: Encoding, body: Uint8Array): number {
  return encoding === 'json' ? countInJson(body) : countInProtobuf(new ProtobufCursor(body), 0)
}

const bytes = (field: number): number => (field << 3) | 2

/** Tags from the request down: resource_metrics, scope_metrics, metrics, the five kinds of data, data_points. */
const LEVELS: readonly (readonly number[])[] = [
  [bytes(1)],
  [bytes(2)],
  [bytes(2)],
  [bytes(5), bytes(7), bytes(9), bytes(10), bytes(11)],
  [bytes(1)],
]

function countInProtobuf(cursor: ProtobufCursor, level: number): number {
  const tags = LEVELS[level]
  if (!tags) return 1
  let count = 0
  while (cursor.hasMore()) {
    if (!tags.includes(cursor.tag())) {
      cursor.skip()
      continue
    }
    const outer = cursor.enter()
    count += countInProtobuf(cursor, level + 1)
    cursor.leave(outer)
  }
  return count
}

const DATA = ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary'] as const

function countInJson(body: Uint8Array): number {
  let count = 0
  for (const resource of objects(parseJson(utf8(body))['resourceMetrics'])) {
    for (const scope of objects(resource['scopeMetrics'])) {
      for (const metric of objects(scope['metrics'])) {
        for (const kind of DATA) count += objects(object(metric[kind])['dataPoints']).length
      }
    }
  }
  return count
}
