import type { Clock, Timer } from '../../contract/clock.ts'
import { seconds, type Instant, type Millis } from '../../contract/units.ts'
import type { StoredRun } from '../stored-run.ts'

/** A run that goes on ten times in it is written once. */
const LATER_MS: Millis = seconds(1)
/** So that a second's worth does not go out in one piece. */
const LOOK_MS: Millis = 50

/** Runs that have only gone on: each is written once in a while, and only then made a row. */
export class LaterRuns {
  /** In the order in which they were first noted. */
  readonly #held = new Map<string, { readonly since: Instant; readonly read: () => StoredRun }>()
  readonly #clock: Clock
  readonly #write: (runs: readonly StoredRun[]) => void
  #timer: Timer | null = null

  constructor(clock: Clock, write: (runs: readonly StoredRun[]) => void) {
    this.#clock = clock
    this.#write = write
  }

  get size(): number {
    return this.#held.size
  }

  note(id: string, read: () => StoredRun): void {
    this.#held.set(id, { since: this.#held.get(id)?.since ?? this.#clock.now(), read })
    this.#timer ??= this.#clock.every(LOOK_MS, () => this.#writeUntil(this.#clock.now() - LATER_MS))
  }

  /** Something newer was written. */
  drop(id: string): void {
    this.#held.delete(id)
  }

  writeAll(): void {
    this.#writeUntil(Infinity)
  }

  #writeUntil(until: Instant): void {
    const runs: StoredRun[] = []
    for (const [id, { since, read }] of this.#held) {
      if (since > until) break
      this.#held.delete(id)
      runs.push(read())
    }
    if (runs.length > 0) this.#write(runs)
    if (this.#held.size > 0) return
    this.#timer?.cancel()
    this.#timer = null
  }
}
