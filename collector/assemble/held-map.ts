/** What the book holds in memory by id. Asked for one it does not hold, it has those on the shelf brought back first. */
export class HeldMap<Value> {
  readonly #held = new Map<string, Value>()
  readonly #recall: (key: string) => boolean

  /** @param recall brings back what knows the key. @returns false when nothing does */
  constructor(recall: (key: string) => boolean) {
    this.#recall = recall
  }

  get(key: string): Value | undefined {
    const held = this.#held.get(key)
    return held !== undefined || !this.#recall(key) ? held : this.#held.get(key)
  }

  /** In memory, that is. */
  has(key: string): boolean {
    return this.#held.has(key)
  }

  set(key: string, value: Value): void {
    this.#held.set(key, value)
  }

  delete(key: string): boolean {
    return this.#held.delete(key)
  }

  keys(): MapIterator<string> {
    return this.#held.keys()
  }

  values(): MapIterator<Value> {
    return this.#held.values()
  }

  [Symbol.iterator](): MapIterator<[string, Value]> {
    return this.#held[Symbol.iterator]()
  }

  /** Those in memory. */
  get size(): number {
    return this.#held.size
  }
}
