/**
 * Which record knows a key: open addressing over 64-bit hashes, twelve bytes an entry.
 *
 * A key may lead to several records. A hash that meets another key's leads to a record that does not know the key
 * asked for, once in 10^13 questions: whoever asks looks into the record.
 */
export class KeyIndex {
  /** Three words an entry: the hash, and the record's number plus one; 0 is nobody's, `GONE` was somebody's. */
  #words = new Uint32Array(3 * START)
  #capacity = START
  #used = 0
  #live = 0

  add({ low, high }: KeyHash, record: number): void {
    if (2 * (this.#used + 1) > this.#capacity) this.#rebuild(4 * (this.#live + 1) > this.#capacity ? 2 : 1)
    this.#insert(low, high, record + 1)
  }

  remove(hash: KeyHash, record: number): void {
    const at = this.#seek(hash, record)
    if (at === null) return
    this.#words[at + 2] = GONE
    this.#live--
  }

  /** A record that may know the key; null when none does. */
  find(key: string): number | null {
    if (this.#live === 0) return null
    const at = this.#seek(hashOf(key), null)
    return at === null ? null : (this.#words[at + 2] ?? 0) - 1
  }

  get size(): number {
    return this.#live
  }

  /** @param record null for any */
  #seek({ low, high }: KeyHash, record: number | null): number | null {
    const words = this.#words
    for (let slot = low & (this.#capacity - 1); ; slot = (slot + 1) & (this.#capacity - 1)) {
      const at = 3 * slot
      const held = words[at + 2]
      if (held === 0) return null
      if (held === GONE || words[at] !== low || words[at + 1] !== high) continue
      if (record === null || held === record + 1) return at
    }
  }

  #insert(lowWord: number, highWord: number, held: number): void {
    const words = this.#words
    let slot = lowWord & (this.#capacity - 1)
    while (words[3 * slot + 2] !== 0) slot = (slot + 1) & (this.#capacity - 1)
    words[3 * slot] = lowWord
    words[3 * slot + 1] = highWord
    words[3 * slot + 2] = held
    this.#used++
    this.#live++
  }

  /** Larger, or as large and without those that are gone. */
  #rebuild(times: number): void {
    const before = this.#words
    this.#capacity *= times
    this.#words = new Uint32Array(3 * this.#capacity)
    this.#used = this.#live = 0
    for (let at = 0; at < before.length; at += 3) {
      const held = before[at + 2] ?? 0
      if (held !== 0 && held !== GONE) this.#insert(before[at] ?? 0, before[at + 1] ?? 0, held)
    }
  }
}

const START = 1_024
const GONE = 0xffff_ffff

/** Two words of 32 bits. */
export interface KeyHash {
  readonly low: number
  readonly high: number
}

/** Two rounds of a multiply-and-shift hash over the text's units, with the final mixing of MurmurHash3. */
export function hashOf(key: string): KeyHash {
  let a = 0x9747_b28c
  let b = key.length
  for (let index = 0; index < key.length; index++) {
    const unit = key.charCodeAt(index)
    a = Math.imul(a ^ unit, 0x85eb_ca6b)
    a = (a << 13) | (a >>> 19)
    b = Math.imul(b ^ unit ^ (a >>> 7), 0xc2b2_ae35)
    b = (b << 15) | (b >>> 17)
  }
  const low = mix(a ^ b)
  return { low, high: mix(b + low) }
}

function mix(word: number): number {
  let mixed = word ^ (word >>> 16)
  mixed = Math.imul(mixed, 0x85eb_ca6b)
  mixed ^= mixed >>> 13
  mixed = Math.imul(mixed, 0xc2b2_ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
