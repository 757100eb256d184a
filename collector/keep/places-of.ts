import type { DatabaseSync } from 'node:sqlite'
import type { Place } from '../entry.ts'
import { keyOf } from './key-of.ts'

/** Where the log speaks of any of these keys (`piece-keys.ts`), in its order. */
export function placesOf(database: DatabaseSync, keys: readonly string[]): Place[] {
  const find = database.prepare(
    'SELECT DISTINCT segment, "offset", length FROM piece WHERE key IN (SELECT value FROM json_each(?)) ORDER BY segment, "offset"',
  )
  return find.all(JSON.stringify(keys.map(keyOf))).map((row) => ({
    segment: Number(row['segment']),
    offset: Number(row['offset']),
    length: Number(row['length']),
  }))
}
