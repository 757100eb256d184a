/**
 * Ids of one request as hex. Siblings name the same parent, and a child the span before it: an id read lately is the
 * same string again, which costs a look at its bytes and no new text.
 */
const SLOTS = 128

/** ASCII of each byte's two hex digits. */
const HIGH = Uint8Array.from({ length: 256 }, (_, byte) => (byte >> 4).toString(16).charCodeAt(0))
const LOW = Uint8Array.from({ length: 256 }, (_, byte) => (byte & 15).toString(16).charCodeAt(0))

export class RecentIds {
  readonly #bytes: Buffer
  /** Where in the request each was read, plus one; 0 for none. */
  readonly #places = new Int32Array(SLOTS)
  readonly #texts: string[] = []
  #traceAt = -1
  #traceId = ''

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  /** The 8 bytes at `at` as 16 hex digits; empty when all are zero. */
  spanId(at: number): string {
    const bytes = this.#bytes
    const slot = ((bytes[at + 3] ?? 0) ^ (bytes[at + 7] ?? 0)) & (SLOTS - 1)
    const place = (this.#places[slot] ?? 0) - 1
    if (place >= 0 && isSame(bytes, place, at, 8)) return this.#texts[slot] ?? ''
    const text = isZero(bytes, at, 8) ? '' : hexOf(bytes, at)
    this.#places[slot] = at + 1
    this.#texts[slot] = text
    return text
  }

  /** The 16 bytes at `at` as 32 hex digits; empty when all are zero. */
  traceId(at: number): string {
    const bytes = this.#bytes
    if (this.#traceAt >= 0 && isSame(bytes, this.#traceAt, at, 16)) return this.#traceId
    this.#traceAt = at
    return (this.#traceId = isZero(bytes, at, 16) ? '' : bytes.toString('hex', at, at + 16))
  }
}

function isSame(bytes: Buffer, one: number, other: number, length: number): boolean {
  for (let index = 0; index < length; index++) if (bytes[one + index] !== bytes[other + index]) return false
  return true
}

function isZero(bytes: Buffer, at: number, length: number): boolean {
  for (let index = 0; index < length; index++) if (bytes[at + index] !== 0) return false
  return true
}

/** For so few bytes twice as fast as `toString('hex')`, which goes through native code. */
function hexOf(bytes: Buffer, at: number): string {
  const [a, b, c, d] = [bytes[at] ?? 0, bytes[at + 1] ?? 0, bytes[at + 2] ?? 0, bytes[at + 3] ?? 0]
  const [e, f, g, h] = [bytes[at + 4] ?? 0, bytes[at + 5] ?? 0, bytes[at + 6] ?? 0, bytes[at + 7] ?? 0]
  // oxfmt-ignore
  return String.fromCharCode(
    HIGH[a] ?? 0, LOW[a] ?? 0, HIGH[b] ?? 0, LOW[b] ?? 0, HIGH[c] ?? 0, LOW[c] ?? 0, HIGH[d] ?? 0, LOW[d] ?? 0,
    HIGH[e] ?? 0, LOW[e] ?? 0, HIGH[f] ?? 0, LOW[f] ?? 0, HIGH[g] ?? 0, LOW[g] ?? 0, HIGH[h] ?? 0, LOW[h] ?? 0,
  )
}
