/**
 * How long something took, many times over, in little room: how many of the times fell into each of some 500 buckets,
 * every bucket 4 % wider than the one below it. So a quantile is right to 2 % of itself, whatever the times were, and
 * sketches of separate times add up to exactly the sketch of all of them (DDSketch: Masson, Rim and Lee, VLDB 2019).
 */
import { hours, type Millis } from '../../../contract/units.ts'

/** Of a quantile, relative. */
const ERROR = 0.02
const GAMMA = (1 + ERROR) / (1 - ERROR)
const LOG_GAMMA = Math.log(GAMMA)
/** Shorter times count as this long, longer ones as the other. */
const SHORTEST: Millis = 1
const LONGEST: Millis = hours(7 * 24)
const BUCKETS_MAX = bucketOf(LONGEST) + 1

/** A bucket, as far above the one before it; how many times fell into it; the next bucket … */
export type SketchJson = readonly number[]

export class TimeSketch {
  #count = 0
  /** The lowest bucket in use is `#counts[0]`. */
  #lowest = 0
  #counts = new Uint32Array(0)

  get count(): number {
    return this.#count
  }

  add(ms: Millis): void {
    this.#raise(bucketOf(ms), 1)
  }

  /** Take in what another sketch has seen. */
  merge(other: TimeSketch): void {
    for (const [at, times] of other.#counts.entries()) if (times > 0) this.#raise(other.#lowest + at, times)
  }

  /** The time that as many were at most as long as; null while there are none. */
  quantile(share: number): Millis | null {
    let above = this.#count - Math.max(1, Math.ceil(share * this.#count))
    for (let at = this.#counts.length - 1; at >= 0; at--) {
      above -= this.#counts[at] ?? 0
      if (above < 0) return timeOf(this.#lowest + at)
    }
    return null
  }

  toJSON(): SketchJson {
    const pairs: number[] = []
    let last = 0
    for (const [at, times] of this.#counts.entries()) {
      if (times === 0) continue
      pairs.push(this.#lowest + at - last, times)
      last = this.#lowest + at
    }
    return pairs
  }

  static from(pairs: SketchJson): TimeSketch {
    const sketch = new TimeSketch()
    let bucket = 0
    for (let at = 0; at + 1 < pairs.length; at += 2) {
      bucket += pairs[at] ?? 0
      sketch.#raise(bucket, pairs[at + 1] ?? 0)
    }
    return sketch
  }

  #raise(bucket: number, times: number): void {
    if (bucket < this.#lowest || bucket >= this.#lowest + this.#counts.length) this.#reach(bucket)
    this.#counts[bucket - this.#lowest] = (this.#counts[bucket - this.#lowest] ?? 0) + times
    this.#count += times
  }

  /** Widen the row of buckets, a little further than asked, since neighbours come next. */
  #reach(bucket: number): void {
    const isEmpty = this.#counts.length === 0
    const end = this.#lowest + this.#counts.length
    const lowest = Math.max(0, isEmpty ? bucket - SPARE : Math.min(this.#lowest, bucket - SPARE))
    const wider = new Uint32Array(Math.min(BUCKETS_MAX, Math.max(isEmpty ? 0 : end, bucket + 1 + SPARE)) - lowest)
    if (!isEmpty) wider.set(this.#counts, this.#lowest - lowest)
    this.#counts = wider
    this.#lowest = lowest
  }
}

const SPARE = 8

/** Bucket n holds what is longer than γ^(n−1) and at most γ^n. */
function bucketOf(ms: Millis): number {
  return Math.max(0, Math.ceil(Math.log(Math.min(Math.max(ms, SHORTEST), LONGEST)) / LOG_GAMMA))
}

/** What is wrong by the same share at both ends of the bucket. */
function timeOf(bucket: number): Millis {
  return bucket === 0 ? SHORTEST : (2 * GAMMA ** bucket) / (GAMMA + 1)
}
