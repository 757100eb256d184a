import type { Millis } from '../contract/units.ts'

/** A passing fault of ours: the disk is full, a queue is full. The sender keeps its data and asks again. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable'
  readonly retryAfterMs: Millis = 1_000
}
