import { diag } from '@opentelemetry/api'
import type { Clock, Timer } from '../contract/clock.ts'
import { seconds } from '../contract/units.ts'
import type { Millis } from '../contract/units.ts'
import type { Poster, Refusal } from './post-json.ts'

export interface ExportQueueOptions {
  readonly poster: Poster
  /** Makes a request body of encoded items. */
  readonly envelope: (items: readonly string[]) => string
  readonly itemsMax: number
  readonly clock: Clock
}

export interface ExportStats {
  readonly queued: number
  readonly sent: number
  readonly dropped: number
  readonly failedRequests: number
}

const BATCH_ITEMS_MAX = 512
/** Of encoded text, before compression. */
const BATCH_CHARS_MAX = 1_000_000
const QUEUE_CHARS_MAX = 32_000_000
const BACKOFF_FIRST = 250
const BACKOFF_MAX = seconds(15)
/** With the backoff above a batch is tried for about a minute; then it makes room for newer ones. */
const ATTEMPTS_MAX = 9

/**
 * Encoded items waiting to be sent, in order, one request at a time. A receiver that is away costs memory up to the
 * bounds and then a counter; nothing here throws or waits.
 *
 * ```
 * add → waiting ──send──▶ batch ──accepted──▶ gone
 *                           │ ▲──try again, later and later
 *                           └──refused, or tried too often──▶ dropped, counted
 * ```
 */
export class ExportQueue {
  readonly #options: ExportQueueOptions
  #waiting: string[] = []
  #waitingChars = 0
  #batch: readonly string[] = []
  #attempts = 0
  #running: Promise<void> | null = null
  #pause: Timer | null = null
  #closed = false
  #warned = ''
  #sent = 0
  #dropped = 0
  #failedRequests = 0

  constructor(options: ExportQueueOptions) {
    this.#options = options
  }

  hasRoom(): boolean {
    return !this.#closed && this.#size < this.#options.itemsMax && this.#waitingChars < QUEUE_CHARS_MAX
  }

  /** In a full queue the item is dropped, and counted. */
  add(item: string): void {
    if (!this.hasRoom()) {
      this.#dropped++
      return
    }
    this.#waiting.push(item)
    this.#waitingChars += item.length
  }

  /** Send what waits, unless a pause after a failure is still running. */
  send(): void {
    if (this.#pause === null) void this.#run()
  }

  /** Send what waits now, pause or not. Resolves when the queue is empty or an attempt failed. */
  async drain(): Promise<void> {
    const release = this.#options.poster.hold()
    try {
      await this.#running
      await this.#run()
    } finally {
      release()
    }
  }

  /** Nothing more is sent; what still waits is dropped. */
  close(): void {
    this.#closed = true
    this.#pause?.cancel()
    this.#dropped += this.#size
    this.#waiting = []
    this.#batch = []
    this.#options.poster.close()
  }

  stats(): ExportStats {
    return { queued: this.#size, sent: this.#sent, dropped: this.#dropped, failedRequests: this.#failedRequests }
  }

  get #size(): number {
    return this.#waiting.length + this.#batch.length
  }

  #run(): Promise<void> {
    this.#running ??= this.#sendAll().finally(() => (this.#running = null))
    return this.#running
  }

  async #sendAll(): Promise<void> {
    while (this.#size > 0) {
      if (this.#batch.length === 0) this.#batch = this.#takeBatch()
      const posted = await this.#options.poster.post(this.#options.envelope(this.#batch))
      if (this.#closed) return
      if (posted.accepted) {
        this.#sent += this.#batch.length
        this.#nextBatch()
        continue
      }
      this.#failedRequests++
      this.#attempts++
      this.#warn(posted.reason)
      const again = posted.retry && this.#attempts < ATTEMPTS_MAX
      if (!again) {
        this.#dropped += this.#batch.length
        this.#nextBatch()
      }
      // A refused batch says nothing about the next one; a silent receiver does.
      if (posted.retry) return this.#pauseAfter(posted)
    }
  }

  #takeBatch(): string[] {
    let chars = 0
    let count = 0
    while (count < Math.min(this.#waiting.length, BATCH_ITEMS_MAX)) {
      chars += this.#waiting[count]?.length ?? 0
      if (count > 0 && chars > BATCH_CHARS_MAX) break
      count++
    }
    const batch = this.#waiting.splice(0, count)
    for (const item of batch) this.#waitingChars -= item.length
    return batch
  }

  #nextBatch(): void {
    this.#batch = []
    this.#attempts = 0
  }

  #pauseAfter(posted: Refusal): void {
    this.#pause?.cancel()
    this.#pause = this.#options.clock.after(posted.afterMs ?? backoff(this.#attempts), () => {
      this.#pause = null
      this.send()
    })
  }

  /** Once per reason: the counter tells the rest. */
  #warn(reason: string): void {
    if (reason === this.#warned) return
    this.#warned = reason
    diag.warn(`laststep: telemetry not delivered: ${reason}`)
  }
}

/** Doubling, with up to half of it at random so that many processes do not come back at the same moment. */
function backoff(attempts: number): Millis {
  const full = Math.min(BACKOFF_FIRST * 2 ** attempts, BACKOFF_MAX)
  return full * (0.5 + Math.random() / 2)
}
