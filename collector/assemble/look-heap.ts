/**
 * When to look at which run again: a binary heap by moment, then by id, so that a restart looks in the same order.
 *
 * A run that is set anew leaves its old entry in the heap; it is recognised as void when it surfaces. When more than
 * half of the heap is void it is built again, so it holds at most twice as many entries as there are runs.
 */
import type { Instant } from '../../contract/units.ts'

interface Look {
  readonly at: Instant
  readonly id: string
}

export class LookHeap {
  #heap: Look[] = []
  readonly #valid = new Map<string, Look>()

  /** Look at `id` at `at`; null calls it off. */
  set(id: string, at: Instant | null): void {
    if (at === null) {
      this.#valid.delete(id)
    } else if (this.#valid.get(id)?.at !== at) {
      const look = { at, id }
      this.#valid.set(id, look)
      this.#push(look)
    }
    if (this.#heap.length > 64 && this.#heap.length > 2 * this.#valid.size) this.#rebuild()
  }

  /** The next moment, or null. */
  next(): Instant | null {
    this.#dropVoid()
    return this.#heap[0]?.at ?? null
  }

  /** The next look due at or before `until`, taken out. */
  take(until: Instant): { readonly id: string; readonly at: Instant } | null {
    this.#dropVoid()
    const look = this.#heap[0]
    if (look === undefined || look.at > until) return null
    this.#pop()
    this.#valid.delete(look.id)
    return look
  }

  #dropVoid(): void {
    for (let top = this.#heap[0]; top !== undefined && this.#valid.get(top.id) !== top; top = this.#heap[0]) this.#pop()
  }

  #rebuild(): void {
    // A sorted array is a heap.
    this.#heap = [...this.#valid.values()].sort(compare)
  }

  #push(look: Look): void {
    const heap = this.#heap
    let index = heap.push(look) - 1
    while (index > 0) {
      const above = (index - 1) >> 1
      const parent = heap[above]
      if (parent === undefined || compare(parent, look) <= 0) break
      heap[index] = parent
      index = above
    }
    heap[index] = look
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    let index = 0
    for (;;) {
      const left = 2 * index + 1
      const [a, b] = [heap[left], heap[left + 1]]
      if (a === undefined) break
      const child = b !== undefined && compare(b, a) < 0 ? b : a
      if (compare(child, last) >= 0) break
      heap[index] = child
      index = child === a ? left : left + 1
    }
    heap[index] = last
  }
}

function compare(a: Look, b: Look): number {
  return a.at - b.at || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
}
