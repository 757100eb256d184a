/**
 * Short texts that come again and again: names of spans, models, tools. Each is made into a string once; after that its
 * bytes are compared, which is cheaper than native decoding, and a book of a million spans holds each name once.
 */
const SLOTS = 1_024
const BYTES_MAX = 48

export class CommonTexts {
  /** A slot's text, as bytes. */
  readonly #bytes = new Uint8Array(SLOTS * BYTES_MAX)
  readonly #lengths = new Uint8Array(SLOTS)
  readonly #texts: string[] = Array.from({ length: SLOTS }, () => '')

  /** The UTF-8 of `bytes` from `at` on as text. */
  textAt(bytes: Buffer, at: number, length: number): string {
    if (length === 0 || length > BYTES_MAX) return bytes.toString('utf8', at, at + length)
    const slot = slotOf(bytes, at, length)
    const start = slot * BYTES_MAX
    if (this.#lengths[slot] === length && this.#isHeld(bytes, at, length, start)) return this.#texts[slot] ?? ''
    const text = bytes.toString('utf8', at, at + length)
    for (let index = 0; index < length; index++) this.#bytes[start + index] = bytes[at + index] ?? 0
    this.#lengths[slot] = length
    return (this.#texts[slot] = text)
  }

  #isHeld(bytes: Buffer, at: number, length: number, start: number): boolean {
    for (let index = 0; index < length; index++) if (this.#bytes[start + index] !== bytes[at + index]) return false
    return true
  }
}

/** Names differ at their ends more than at their beginnings. */
function slotOf(bytes: Buffer, at: number, length: number): number {
  const last = bytes[at + length - 1] ?? 0
  const beforeLast = bytes[at + length - 2] ?? 0
  const middle = bytes[at + (length >> 1)] ?? 0
  return (length * 131 + last * 31 + beforeLast * 7 + middle) & (SLOTS - 1)
}
