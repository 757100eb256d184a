/** Attributes of the hot path: the few whose keys are looked for, read without making a string of any other key. */
import { ANY_VALUE, KEY_VALUE } from './otlp-tags.ts'
import { finite } from './plain-values.ts'
import type { ProtobufCursor } from './protobuf-cursor.ts'

/** Keys by the length of their bytes: most attributes are passed over by looking at one number. */
export type KeyTable = readonly (readonly KeyBytes[])[]
export type KnownValues = Record<string, string | number | boolean>

export interface KeyBytes {
  readonly key: string
  readonly bytes: Uint8Array
}

export function byLength(keys: readonly string[]): KeyTable {
  const table: KeyBytes[][] = []
  for (const key of keys) {
    const bytes = Buffer.from(key)
    table[bytes.length] ??= []
    table[bytes.length]?.push({ key, bytes })
  }
  return Array.from(table, (choices) => choices ?? [])
}

/** Reads one `KeyValue` into `found` if its key is one of `keys` and its value a scalar. */
export function readKnown(cursor: ProtobufCursor, keys: KeyTable, found: KnownValues, lengthMax: number): void {
  if (cursor.isOther(KEY_VALUE.key, keys)) return
  const outer = cursor.enter()
  const start = cursor.at
  const key = findKey(cursor, keys)
  if (key !== null) {
    let value = findScalar(cursor, lengthMax)
    if (value === null) {
      // Fields may come in any order: perhaps the value stands before the key.
      cursor.backTo(start)
      value = findScalar(cursor, lengthMax)
    }
    if (value !== null) found[key] = value
  }
  cursor.leave(outer)
}

export function findKey(cursor: ProtobufCursor, keys: KeyTable): string | null {
  while (cursor.hasMore()) {
    if (cursor.tag() === KEY_VALUE.key) return cursor.choose(keys)?.key ?? null
    cursor.skip()
  }
  return null
}

function findScalar(cursor: ProtobufCursor, lengthMax: number): string | number | boolean | null {
  while (cursor.hasMore()) {
    if (cursor.tag() === KEY_VALUE.value) return readScalar(cursor, lengthMax)
    cursor.skip()
  }
  return null
}

function readScalar(cursor: ProtobufCursor, lengthMax: number): string | number | boolean | null {
  const outer = cursor.enter()
  let value: string | number | boolean | null = null
  while (cursor.hasMore()) {
    const tag = cursor.tag()
    if (tag === ANY_VALUE.string) value = cursor.text(lengthMax)
    else if (tag === ANY_VALUE.int) value = cursor.int64()
    else if (tag === ANY_VALUE.bool) value = cursor.varint() !== 0
    else if (tag === ANY_VALUE.double) value = finite(cursor.double())
    else if (tag === ANY_VALUE.bytes) value = cursor.base64(lengthMax)
    else cursor.skip()
  }
  cursor.leave(outer)
  return value
}
