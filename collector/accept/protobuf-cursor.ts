import { nanoWordsToInstant, type Instant } from '../../contract/units.ts'
import { CommonTexts } from './common-texts.ts'
import { RecentIds } from './recent-ids.ts'

/** The body is not what its content type says. The sender must not send it again. */
export class MalformedBody extends Error {
  override readonly name = 'MalformedBody'
}

const WIRE = { varint: 0, fixed64: 1, bytes: 2, groupStart: 3, groupEnd: 4, fixed32: 5 } as const

/** Groups are long gone from OTLP; a body that nests them deeper than this was made to hurt. */
const GROUP_DEPTH_MAX = 32

const COMMON = new CommonTexts()

/** One for all: a new one for each attribute would be most of what reading leaves behind. */
const NONE: readonly never[] = []

/**
 * Walks over protobuf bytes without making an object of them. A message inside a message is entered and left:
 *
 * ```ts
 * const outer = cursor.enter()
 * while (cursor.hasMore()) switch (cursor.tag()) { …; default: cursor.skip() }
 * cursor.leave(outer)
 * ```
 *
 * Every method throws `MalformedBody` rather than read past the end of the message it is in.
 */
export class ProtobufCursor {
  readonly #bytes: Buffer
  readonly #ids: RecentIds
  #at = 0
  #end: number
  #tag = 0

  constructor(body: Uint8Array) {
    this.#bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
    this.#ids = new RecentIds(this.#bytes)
    this.#end = body.byteLength
  }

  /** The offset of the next byte. */
  get at(): number {
    return this.#at
  }

  hasMore(): boolean {
    return this.#at < this.#end
  }

  /** Field number and wire type, as one number: `field << 3 | wire`. */
  tag(): number {
    // Fields 1 to 15 take one byte, which is nearly all of OTLP.
    const first = this.#at < this.#end ? (this.#bytes[this.#at] ?? 0) : 0x80
    if (first < 0x80) {
      this.#at += 1
      this.#tag = first
    } else {
      this.#tag = this.varint()
    }
    if (this.#tag < 8) throw new MalformedBody(`field number 0 at byte ${this.#at}`)
    return this.#tag
  }

  /** A varint as a number: exact below 2^53, and rounded above, where only `int64` is asked for exactness. */
  varint(): number {
    const first = this.#byte()
    if (first < 0x80) return first
    let value = first & 0x7f
    let scale = 128
    for (let count = 1; count < 10; count++) {
      const byte = this.#byte()
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
      scale *= 128
    }
    throw new MalformedBody(`number longer than 10 bytes at byte ${this.#at}`)
  }

  /** A signed 64-bit integer, exact: a number where a number can hold it, else its text. */
  int64(): number | string {
    const start = this.#at
    const value = this.varint()
    if (Number.isSafeInteger(value)) return value
    let exact = 0n
    for (let at = start, shift = 0n; at < this.#at; at++, shift += 7n) {
      exact |= BigInt((this.#bytes[at] ?? 0) & 0x7f) << shift
    }
    const signed = BigInt.asIntN(64, exact)
    const number = Number(signed)
    return Number.isSafeInteger(number) ? number : signed.toString()
  }

  double(): number {
    this.#need(8)
    const value = this.#bytes.readDoubleLE(this.#at)
    this.#at += 8
    return value
  }

  /** A `fixed64` of nanoseconds since 1970; 0 when it is not set. */
  instant(): Instant {
    this.#need(8)
    const low = this.#bytes.readUInt32LE(this.#at)
    const high = this.#bytes.readUInt32LE(this.#at + 4)
    this.#at += 8
    return nanoWordsToInstant(low, high)
  }

  /** UTF-8 text of at most `lengthMax` UTF-16 units; the rest is passed over. */
  text(lengthMax: number): string {
    const length = this.#length()
    const start = this.#at
    this.#at += length
    if (length <= lengthMax) return COMMON.textAt(this.#bytes, start, length)
    // One UTF-16 unit takes at most three bytes, so these hold all the units that may stay.
    const text = this.#bytes.toString('utf8', start, start + Math.min(length, lengthMax * 3))
    return text.length <= lengthMax ? text : text.slice(0, lengthMax)
  }

  /** At most `lengthMax` characters of base64; the rest is passed over. */
  base64(lengthMax: number): string {
    const length = this.#length()
    const start = this.#at
    this.#at += length
    return this.#bytes.toString('base64', start, start + Math.min(length, (lengthMax >> 2) * 3))
  }

  /** True when the next field is shorter than 128 bytes. It stays the next field. */
  isShort(): boolean {
    return this.#at < this.#end && (this.#bytes[this.#at] ?? 0) < 0x80
  }

  /** True when the text of the next field has more than `lengthMax` UTF-16 units; it is passed over either way. */
  isLongerThan(lengthMax: number): boolean {
    const length = this.#length()
    const start = this.#at
    this.#at += length
    // A unit takes one byte at least and three at most; only between the two does anything have to be decoded.
    if (length <= lengthMax || length > lengthMax * 3) return length > lengthMax
    return this.#bytes.toString('utf8', start, this.#at).length > lengthMax
  }

  /** An id of `size` bytes in hex. Empty when it has another length or is all zeros: no id. */
  id(size: 8 | 16): string {
    const length = this.#length()
    const start = this.#at
    this.#at += length
    if (length !== size) return ''
    return size === 8 ? this.#ids.spanId(start) : this.#ids.traceId(start)
  }

  /** True when the next field holds exactly these bytes; they are passed over either way. */
  bytesAre(expected: Uint8Array): boolean {
    const length = this.#length()
    const start = this.#at
    this.#at += length
    return length === expected.length && this.#equals(start, expected)
  }

  /**
   * Whether the next field is a message that begins with a text other than all of `choices`; then it is passed over.
   * What this looks at in two bytes would take `enter`, `tag`, `choose` and `leave`, for every attribute nobody reads.
   */
  isOther(tag: number, choices: readonly (readonly { readonly bytes: Uint8Array }[])[]): boolean {
    const bytes = this.#bytes
    const length = bytes[this.#at] ?? 0x80
    const next = this.#at + 1 + length
    // Everything longer, and everything that does not fit, takes the long way, which finds out why.
    if (length >= 0x80 || length < 2 || next > this.#end || bytes[this.#at + 1] !== tag) return false
    const textLength = bytes[this.#at + 2] ?? 0x80
    if (textLength + 2 > length) return false
    const last = bytes[this.#at + 2 + textLength]
    for (const choice of choices[textLength] ?? NONE) if (choice.bytes[textLength - 1] === last) return false
    this.#at = next
    return true
  }

  /** The one of `choices` whose bytes the next field holds, without making a string; null for any other. */
  choose<Choice extends { readonly bytes: Uint8Array }>(choices: readonly (readonly Choice[])[]): Choice | null {
    const length = this.#length()
    const start = this.#at
    this.#at += length
    for (const choice of choices[length] ?? NONE) if (this.#equals(start, choice.bytes)) return choice
    return null
  }

  /** Go into the message of the next field. Returns what `leave` needs. */
  enter(): number {
    const length = this.#length()
    const outer = this.#end
    this.#end = this.#at + length
    return outer
  }

  /** Go past the rest of the entered message. */
  leave(outer: number): void {
    this.#at = this.#end
    this.#end = outer
  }

  /** Back to an offset read before, within the same message. */
  backTo(at: number): void {
    this.#at = at
  }

  /** Pass over the value of the field whose tag was read last. */
  skip(depth = 0): void {
    const tag = this.#tag
    switch (tag & 7) {
      case WIRE.varint:
        this.varint()
        return
      case WIRE.fixed64:
        this.#need(8)
        this.#at += 8
        return
      case WIRE.bytes: {
        const length = this.#length()
        this.#at += length
        return
      }
      case WIRE.groupStart:
        this.#skipGroup(tag, depth)
        return
      case WIRE.fixed32:
        this.#need(4)
        this.#at += 4
        return
      default:
        throw new MalformedBody(`wire type ${tag & 7} at byte ${this.#at}`)
    }
  }

  #skipGroup(start: number, depth: number): void {
    if (depth >= GROUP_DEPTH_MAX) throw new MalformedBody(`groups nested deeper than ${GROUP_DEPTH_MAX}`)
    const close = start + (WIRE.groupEnd - WIRE.groupStart)
    while (this.tag() !== close) this.skip(depth + 1)
  }

  #length(): number {
    const length = this.varint()
    this.#need(length)
    return length
  }

  #byte(): number {
    if (this.#at >= this.#end) throw new MalformedBody(`ends in the middle of a field at byte ${this.#at}`)
    return this.#bytes[this.#at++] ?? 0
  }

  #need(length: number): void {
    if (this.#at + length > this.#end) throw new MalformedBody(`ends in the middle of a field at byte ${this.#at}`)
  }

  #equals(start: number, expected: Uint8Array): boolean {
    for (let index = 0; index < expected.length; index++) {
      if (this.#bytes[start + index] !== expected[index]) return false
    }
    return true
  }
}
