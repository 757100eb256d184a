/**
 * Which record is due first: a heap of four children a node over numbered records, in typed arrays, so that a moment
 * can be moved or called off where it stands. Twelve bytes a record, whether it waits or not.
 *
 * Moments are exact: a timing wheel would be a third faster to set and would round them to its tick.
 */
import type { Instant } from '../../../contract/units.ts'
import { grown } from './grown.ts'

export class MomentHeap {
  /** By record: its moment, and where it stands in the heap; 0 for those that do not wait. */
  #moments = new Float64Array(START)
  #places = new Uint32Array(START)
  /** From 1 on. */
  #heap = new Uint32Array(START + 1)
  #size = 0

  /** @param at null calls it off */
  set(record: number, at: Instant | null): void {
    if (record >= this.#moments.length) this.#grow(record)
    const place = this.#places[record] ?? 0
    if (at === null) {
      if (place > 0) this.#remove(place)
      return
    }
    this.#moments[record] = at
    if (place > 0) this.#settle(record, place)
    else this.#settle(record, ++this.#size)
  }

  /** The moment of the record due first; null when none waits. */
  next(): Instant | null {
    return this.#size === 0 ? null : this.#momentAt(1)
  }

  /** The record due first; null when none waits. */
  first(): number | null {
    return this.#size === 0 ? null : (this.#heap[1] ?? null)
  }

  #remove(place: number): void {
    const heap = this.#heap
    this.#places[heap[place] ?? 0] = 0
    const last = heap[this.#size--] ?? 0
    if (place <= this.#size) this.#settle(last, place)
  }

  /** Let a record find its place, from one that is free. */
  #settle(record: number, from: number): void {
    const [heap, places, moments] = [this.#heap, this.#places, this.#moments]
    const at = moments[record] ?? 0
    let place = from
    while (place > 1) {
      const above = (place + 2) >> 2
      if (this.#momentAt(above) <= at) break
      this.#move(above, place)
      place = above
    }
    for (;;) {
      const first = 4 * place - 2
      let least = 0
      let leastAt = at
      for (let child = first; child < first + 4 && child <= this.#size; child++) {
        const moment = this.#momentAt(child)
        if (moment >= leastAt) continue
        least = child
        leastAt = moment
      }
      if (least === 0) break
      this.#move(least, place)
      place = least
    }
    heap[place] = record
    places[record] = place
  }

  #move(from: number, to: number): void {
    const record = this.#heap[from] ?? 0
    this.#heap[to] = record
    this.#places[record] = to
  }

  #momentAt(place: number): Instant {
    return this.#moments[this.#heap[place] ?? 0] ?? 0
  }

  #grow(record: number): void {
    this.#moments = grown(this.#moments, record + 1)
    this.#places = grown(this.#places, record + 1)
    this.#heap = grown(this.#heap, this.#moments.length + 1)
  }
}

const START = 1_024
