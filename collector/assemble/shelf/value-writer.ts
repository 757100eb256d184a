/**
 * Plain values as few bytes: the form in which quiet runs are held. Read back by `ValueReader`.
 *
 * One byte says what follows. Small numbers and what the same record said before take that byte alone; ids are half as
 * long as their text; texts that many records say are numbers of the pool; a list whose values are mostly blank says
 * which are not.
 */
import type { StringPool } from './string-pool.ts'

/** The first byte of a value. Below `REPEATED` it is a number, below `NULL` what was said before. */
export const TAG = {
  REPEATED: 0x40,
  NULL: 0x80,
  FALSE: 0x81,
  TRUE: 0x82,
  REPEATED_FAR: 0x83,
  DOUBLE: 0x84,
  INTEGER: 0x85,
  NEGATIVE: 0x86,
  POOLED: 0x87,
  TEXT: 0x88,
  HEX: 0x89,
  LIST: 0x8a,
  OBJECT: 0x8b,
} as const

export type Plain = null | boolean | number | string | readonly Plain[] | { readonly [key: string]: Plain | undefined }

const START_BYTES = 4_096
/** No varint is longer, and no fixed part. */
const ROOM = 16

export class ValueWriter {
  readonly #pool: StringPool
  /** What the record at hand has said in full, in order. */
  readonly #said = new Map<string | number, number>()
  #bytes = Buffer.allocUnsafe(START_BYTES)
  #at = 0

  constructor(pool: StringPool) {
    this.#pool = pool
  }

  /** The bytes written since the last `take`. They are good until the next value is written. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.#at)
    this.#at = 0
    this.#said.clear()
    return taken
  }

  value(value: Plain | undefined): void {
    this.#reserve(ROOM)
    switch (typeof value) {
      case 'number':
        return this.#number(value)
      case 'string':
        return this.#text(value)
      case 'boolean':
        return this.#byte(value ? TAG.TRUE : TAG.FALSE)
      case 'object':
        if (value === null) return this.#byte(TAG.NULL)
        if (Array.isArray(value)) return this.#list(value as readonly Plain[])
        return this.#object(value as { readonly [key: string]: Plain })
      default:
        return this.#byte(TAG.NULL)
    }
  }

  /** A whole number from 0 to 2^53, without a tag. */
  count(count: number): void {
    this.#reserve(ROOM)
    this.#varint(count)
  }

  /** Values beside their blanks, as long as these: what is blank takes a bit. */
  sparse(values: readonly Plain[], blanks: readonly Plain[]): void {
    const marksAt = this.#at
    const markBytes = (blanks.length + 7) >> 3
    this.#reserve(markBytes)
    this.#bytes.fill(0, marksAt, marksAt + markBytes)
    this.#at += markBytes
    for (let index = 0; index < blanks.length; index++) {
      const value = values[index]
      if (value === undefined || isBlank(value, blanks[index])) continue
      const markAt = marksAt + (index >> 3)
      this.#bytes[markAt] = (this.#bytes[markAt] ?? 0) | (1 << (index & 7))
      this.value(value)
    }
  }

  #number(value: number): void {
    const isWhole = Number.isInteger(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER && !Object.is(value, -0)
    if (isWhole && value >= 0 && value < TAG.REPEATED) return this.#byte(value)
    if (this.#repeats(value)) return
    this.#said.set(value, this.#said.size)
    if (isWhole && Math.abs(value) < 2 ** 35) {
      this.#byte(value < 0 ? TAG.NEGATIVE : TAG.INTEGER)
      return this.#varint(Math.abs(value))
    }
    this.#byte(TAG.DOUBLE)
    this.#at = this.#bytes.writeDoubleLE(value, this.#at)
  }

  #text(text: string): void {
    if (this.#repeats(text)) return
    const number = this.#pool.numberOf(text)
    if (number !== null) {
      this.#byte(TAG.POOLED)
      return this.#varint(number)
    }
    this.#said.set(text, this.#said.size)
    if (isHex(text)) {
      this.#reserve(text.length)
      this.#byte(TAG.HEX)
      this.#varint(text.length >> 1)
      this.#at += this.#bytes.write(text, this.#at, 'hex')
      return
    }
    const length = Buffer.byteLength(text)
    this.#reserve(ROOM + length)
    this.#byte(TAG.TEXT)
    this.#varint(length)
    this.#at += this.#bytes.write(text, this.#at, 'utf8')
  }

  /** What the record said before is said by its place. */
  #repeats(value: string | number): boolean {
    const place = this.#said.get(value)
    if (place === undefined) return false
    if (place < TAG.NULL - TAG.REPEATED) this.#byte(TAG.REPEATED + place)
    else {
      this.#byte(TAG.REPEATED_FAR)
      this.#varint(place)
    }
    return true
  }

  #list(list: readonly Plain[]): void {
    this.#byte(TAG.LIST)
    this.#varint(list.length)
    for (const item of list) this.value(item)
  }

  /** A key without a value is left out, as in JSON. */
  #object(object: { readonly [key: string]: Plain | undefined }): void {
    this.#byte(TAG.OBJECT)
    let count = 0
    for (const key in object) if (object[key] !== undefined) count++
    this.#varint(count)
    for (const key in object) {
      const value = object[key]
      if (value === undefined) continue
      this.#reserve(ROOM)
      this.#text(key)
      this.value(value)
    }
  }

  #byte(byte: number): void {
    this.#bytes[this.#at++] = byte
  }

  #varint(count: number): void {
    let rest = count
    while (rest >= 0x80) {
      this.#bytes[this.#at++] = (rest % 0x80) | 0x80
      rest = Math.floor(rest / 0x80)
    }
    this.#bytes[this.#at++] = rest
  }

  #reserve(room: number): void {
    if (this.#at + room <= this.#bytes.length) return
    const larger = Buffer.allocUnsafe(2 * (this.#at + room))
    this.#bytes.copy(larger, 0, 0, this.#at)
    this.#bytes = larger
  }
}

/** Lists and objects are blank when they are empty, as their blanks are. */
function isBlank(value: Plain, blank: Plain | undefined): boolean {
  if (Object.is(value, blank)) return true
  if (typeof value !== 'object' || value === null || typeof blank !== 'object' || blank === null) return false
  return Array.isArray(value) === Array.isArray(blank) && isEmpty(value)
}

function isEmpty(object: object): boolean {
  for (const key in object) if (Object.hasOwn(object, key)) return false
  return true
}

/** Ids of spans and traces, and UUIDs without their dashes. */
function isHex(text: string): boolean {
  if (text.length !== 16 && text.length !== 32) return false
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (!((code >= 48 && code <= 57) || (code >= 97 && code <= 102))) return false
  }
  return true
}
