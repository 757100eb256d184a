/**
 * A map that gives up its oldest entries at once. A plain `Map` would do, were it not that looking for the first entry
 * walks past all that were deleted before it.
 */
export class OldestFirst<Value> {
  readonly #held = new Map<string, Entry<Value>>()
  readonly #weigh: (value: Value) => number
  #weight = 0
  /** Entries in order of coming; those before `#head`, and those no longer held, are void. */
  #order: Entry<Value>[] = []
  #head = 0

  /** @param weigh what an entry counts for in `weight` */
  constructor(weigh: (value: Value) => number = () => 1) {
    this.#weigh = weigh
  }

  /** Of all entries together. */
  get weight(): number {
    return this.#weight
  }

  get size(): number {
    return this.#held.size
  }

  has(key: string): boolean {
    return this.#held.has(key)
  }

  get(key: string): Value | undefined {
    return this.#held.get(key)?.value
  }

  /** A key that is held keeps its place and its value. */
  add(key: string, value: Value): void {
    if (this.#held.has(key)) return
    const entry = { key, value }
    this.#held.set(key, entry)
    this.#order.push(entry)
    this.#weight += this.#weigh(value)
  }

  delete(key: string): boolean {
    const entry = this.#held.get(key)
    if (entry === undefined) return false
    this.#held.delete(key)
    this.#weight -= this.#weigh(entry.value)
    if (this.#order.length > 64 && this.#order.length > 2 * this.#held.size) this.#tidy()
    return true
  }

  oldest(): Entry<Value> | null {
    for (; this.#head < this.#order.length; this.#head++) {
      const entry = this.#order[this.#head]
      if (entry !== undefined && this.#held.get(entry.key) === entry) return entry
    }
    return null
  }

  keys(): string[] {
    return [...this.#held.keys()]
  }

  /** Oldest first. */
  toJSON(): [string, Value][] {
    return [...this.#held.values()].map(({ key, value }) => [key, value])
  }

  #tidy(): void {
    this.#order = [...this.#held.values()]
    this.#head = 0
  }
}

interface Entry<Value> {
  readonly key: string
  readonly value: Value
}
