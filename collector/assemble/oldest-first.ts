/**
 * A map that gives up its oldest entries at once. A plain `Map` would do, were it not that looking for the first entry
 * walks past all that were deleted before it.
 */
export class OldestFirst<Value> {
  readonly #held = new Map<string, Entry<Value>>()
  /** Entries in order of coming; those before `#head`, and those no longer held, are void. */
  #order: Entry<Value>[] = []
  #head = 0

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
  }

  delete(key: string): boolean {
    const isHeld = this.#held.delete(key)
    if (this.#order.length > 64 && this.#order.length > 2 * this.#held.size) this.#tidy()
    return isHeld
  }

  oldest(): Entry<Value> | null {
    for (; this.#head < this.#order.length; this.#head++) {
      const entry = this.#order[this.#head]
      if (entry !== undefined && this.#held.get(entry.key) === entry) return entry
    }
    return null
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
