/**
 * Room for many short records outside the heap, where no garbage collection walks over them.
 *
 * Room is given in units of 16 bytes from pages of a megabyte. What is given back is kept for the next record of the
 * same length, so that a million records of a few hundred bytes leave few holes.
 */
export class Slab {
  readonly #pages: Buffer[] = []
  /** Units used of the last page. */
  #used = PAGE_UNITS
  /** Places given back, by their length in units. */
  readonly #free = new Map<number, number[]>()
  #inUse = 0

  /** @returns where it is now: a whole number below 2^32 for up to 64 GiB */
  put(bytes: Uint8Array): number {
    const units = unitsOf(bytes.length)
    const at = this.#free.get(units)?.pop() ?? this.#fresh(units)
    this.#inUse += units
    const [page, offset] = this.#locate(at)
    page.set(bytes, offset)
    return at
  }

  /** The record put there, as long as it was; good until the place is given back. */
  get(at: number, length: number): Buffer {
    const [page, offset] = this.#locate(at)
    return page.subarray(offset, offset + length)
  }

  giveBack(at: number, length: number): void {
    const units = unitsOf(length)
    this.#inUse -= units
    const free = this.#free.get(units)
    if (free === undefined) this.#free.set(units, [at])
    else free.push(at)
    // With nothing left there are no holes either.
    if (this.#inUse === 0) this.#clear()
  }

  /** Bytes taken from the system. */
  get bytes(): number {
    return this.#pages.reduce((sum, page) => sum + page.length, 0)
  }

  #fresh(units: number): number {
    if (units > PAGE_UNITS) return this.#pageFor(units)
    if (this.#used + units > PAGE_UNITS) {
      this.#pages.push(Buffer.allocUnsafeSlow(PAGE_UNITS * UNIT))
      this.#used = 0
    }
    const at = (this.#pages.length - 1) * PAGE_UNITS + this.#used
    this.#used += units
    return at
  }

  /** A record longer than a page has one of its own. */
  #pageFor(units: number): number {
    this.#pages.push(Buffer.allocUnsafeSlow(units * UNIT))
    this.#used = PAGE_UNITS
    return (this.#pages.length - 1) * PAGE_UNITS
  }

  #locate(at: number): [Buffer, number] {
    const page = this.#pages[Math.floor(at / PAGE_UNITS)]
    if (page === undefined) throw new RangeError(`expected a place in ${this.#pages.length} pages, not ${at}`)
    return [page, (at % PAGE_UNITS) * UNIT]
  }

  #clear(): void {
    this.#pages.length = 0
    this.#free.clear()
    this.#used = PAGE_UNITS
  }
}

const UNIT = 16
const PAGE_UNITS = 65_536

const unitsOf = (length: number): number => Math.max(1, Math.ceil(length / UNIT))
