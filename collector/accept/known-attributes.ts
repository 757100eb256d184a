/** Attributes of the hot path: the few whose keys are looked for, read without making a string of any other key. */
import { NAME_MAX, PATH_MAX } from './limits.ts'
import { ANY_VALUE, KEY_VALUE, VALUES } from './otlp-tags.ts'
import { finite } from './plain-values.ts'
import type { ProtobufCursor } from './protobuf-cursor.ts'

/** Keys by the length of their bytes: most attributes are passed over by looking at one number. */
export type KeyTable = readonly (readonly KeyBytes[])[]
export type KnownValues = Record<string, string | number | boolean>

export interface KeyBytes {
  readonly key: string
  readonly bytes: Uint8Array
  /** Its value is a list of texts. */
  readonly isList: boolean
}

export function byLength(keys: readonly string[], lists: readonly string[] = []): KeyTable {
  const table: KeyBytes[][] = []
  for (const key of [...keys, ...lists]) {
    const bytes = Buffer.from(key)
    table[bytes.length] ??= []
    table[bytes.length]?.push({ key, bytes, isList: lists.includes(key) })
  }
  return Array.from(table, (choices) => choices ?? [])
}

export interface KnownList {
  readonly key: string
  readonly list: readonly string[]
}

/**
 * Reads one `KeyValue` into `found` if its key is one of `keys` and its value a scalar.
 * @returns the value when it is a list that was asked for, which few spans have
 */
export function readKnown(
  cursor: ProtobufCursor,
  keys: KeyTable,
  found: KnownValues,
  lengthMax: number,
): KnownList | null {
  if (cursor.isOther(KEY_VALUE.key, keys)) return null
  const outer = cursor.enter()
  const start = cursor.at
  const chosen = findChosen(cursor, keys)
  let list: readonly string[] | null = null
  if (chosen?.isList) {
    cursor.backTo(start)
    list = findList(cursor)
  } else if (chosen !== null) {
    let value = findScalar(cursor, lengthMax)
    if (value === null) {
      // Fields may come in any order: perhaps the value stands before the key.
      cursor.backTo(start)
      value = findScalar(cursor, lengthMax)
    }
    if (value !== null) found[chosen.key] = value
  }
  cursor.leave(outer)
  return list === null || chosen === null ? null : { key: chosen.key, list }
}

export function findKey(cursor: ProtobufCursor, keys: KeyTable): string | null {
  return findChosen(cursor, keys)?.key ?? null
}

function findChosen(cursor: ProtobufCursor, keys: KeyTable): KeyBytes | null {
  while (cursor.hasMore()) {
    if (cursor.tag() === KEY_VALUE.key) return cursor.choose(keys)
    cursor.skip()
  }
  return null
}

function findList(cursor: ProtobufCursor): readonly string[] | null {
  let list: string[] | null = null
  while (cursor.hasMore()) {
    if (cursor.tag() !== KEY_VALUE.value) {
      cursor.skip()
      continue
    }
    const outer = cursor.enter()
    while (cursor.hasMore()) {
      if (cursor.tag() === ANY_VALUE.array) list = readTexts(cursor)
      else cursor.skip()
    }
    cursor.leave(outer)
  }
  return list
}

/** Elements beyond `PATH_MAX`, and those that are no text, are passed over. */
function readTexts(cursor: ProtobufCursor): string[] {
  const texts: string[] = []
  let seen = 0
  const outer = cursor.enter()
  while (cursor.hasMore()) {
    if (cursor.tag() !== VALUES.values || seen >= PATH_MAX) {
      cursor.skip()
      continue
    }
    seen += 1
    const value = readScalar(cursor, NAME_MAX)
    if (typeof value === 'string') texts.push(value)
  }
  cursor.leave(outer)
  return texts
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
