/** Reads what `ValueWriter` wrote, record by record. */
import type { StringPool } from './string-pool.ts'
import { TAG, type Plain } from './value-writer.ts'

export class ValueReader {
  readonly #pool: StringPool
  readonly #bytes: Buffer
  #said: (string | number)[] = []
  #at: number

  /** @param at where the record begins */
  constructor(bytes: Buffer, at: number, pool: StringPool) {
    this.#bytes = bytes
    this.#at = at
    this.#pool = pool
  }

  value(): Plain {
    const tag = this.#byte()
    if (tag < TAG.REPEATED) return tag
    if (tag < TAG.NULL) return this.#repeated(tag - TAG.REPEATED)
    switch (tag) {
      case TAG.NULL:
        return null
      case TAG.FALSE:
        return false
      case TAG.TRUE:
        return true
      case TAG.REPEATED_FAR:
        return this.#repeated(this.count())
      case TAG.DOUBLE:
        this.#at += 8
        return this.#say(this.#bytes.readDoubleLE(this.#at - 8))
      case TAG.INTEGER:
        return this.#say(this.count())
      case TAG.NEGATIVE:
        return this.#say(-this.count())
      case TAG.POOLED:
        return this.#pool.textOf(this.count())
      case TAG.TEXT:
        return this.#say(this.#slice('utf8'))
      case TAG.HEX:
        return this.#say(this.#slice('hex'))
      case TAG.LIST:
        return Array.from({ length: this.count() }, () => this.value())
      case TAG.OBJECT:
        return this.#object()
      default:
        throw new RangeError(`expected a value, found the byte ${tag}`)
    }
  }

  count(): number {
    let count = 0
    for (let unit = 1; ; unit *= 0x80) {
      const byte = this.#byte()
      count += (byte & 0x7f) * unit
      if (byte < 0x80) return count
    }
  }

  /** As many values as there are blanks. Lists and objects are new ones. */
  sparse(blanks: readonly Plain[]): Plain[] {
    const marksAt = this.#at
    this.#at += (blanks.length + 7) >> 3
    const values: Plain[] = []
    for (let index = 0; index < blanks.length; index++) {
      const isSet = ((this.#bytes[marksAt + (index >> 3)] ?? 0) >> (index & 7)) & 1
      values.push(isSet ? this.value() : emptied(blanks[index] ?? null))
    }
    return values
  }

  #object(): Plain {
    const object: { [key: string]: Plain } = {}
    for (let count = this.count(); count > 0; count--) setOwn(object, String(this.value()), this.value())
    return object
  }

  #repeated(place: number): string | number {
    const value = this.#said[place]
    if (value === undefined) throw new RangeError(`expected value ${place} of ${this.#said.length} said before`)
    return value
  }

  #say<Value extends string | number>(value: Value): Value {
    this.#said.push(value)
    return value
  }

  #slice(encoding: 'utf8' | 'hex'): string {
    const length = this.count()
    const text = this.#bytes.toString(encoding, this.#at, this.#at + length)
    this.#at += length
    return text
  }

  #byte(): number {
    const byte = this.#bytes[this.#at++]
    if (byte === undefined) throw new RangeError('expected a value, found the end')
    return byte
  }
}

/** A sender may call a thing `__proto__`. */
function setOwn(object: { [key: string]: Plain }, key: string, value: Plain): void {
  if (key !== '__proto__') object[key] = value
  else Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true })
}

function emptied(blank: Plain): Plain {
  if (typeof blank !== 'object' || blank === null) return blank
  return Array.isArray(blank) ? [] : {}
}
