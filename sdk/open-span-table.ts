/**
 * The open spans of a process in shared memory: written by the main thread as each span starts and ends, read by the
 * pulse's thread at any moment, also when the main thread never gets round to anything again.
 *
 * ```
 * header   i32 words  0 slots ever used │ 1 spans without a slot │ 2 loop delay p99, µs │ 3 records dropped
 *          i64 word   2 (byte 16) last turn of the main loop, ms since 1970
 * slot     i32 words  0 version, odd while being written │ 1 taken │ 2 seconds │ 3 nanoseconds │ 4 name length
 *          bytes      20 trace id (16) │ 36 span id (8) │ 44 parent id (8) │ 52 name, UTF-8 (76)
 * ```
 */
import type { SpanId, TraceId } from '../contract/ids.ts'
import type { SpanTime } from './readable-span.ts'

const HEADER_BYTES = 64
const SLOT_BYTES = 128
const SLOT_WORDS = SLOT_BYTES / 4
const SLOTS = 4_096

const USED = 0
const WITHOUT_SLOT = 1
const LOOP_DELAY_US = 2
const DROPPED = 3
const LAST_TURN = 2

const VERSION = 0
const TAKEN = 1
const SECONDS = 2
const NANOS = 3
const NAME_LENGTH = 4
const TRACE_ID = 20
const SPAN_ID = 36
const PARENT_ID = 44
const NAME = 52
const NAME_BYTES_MAX = SLOT_BYTES - NAME

/** A span that found no free slot. */
const NO_SLOT = -1

export type Slot = number

export interface ListedSpan {
  readonly traceId: TraceId
  readonly spanId: SpanId
  readonly parentSpanId: SpanId | null
  readonly startTime: SpanTime
  /** Cut to 76 bytes. */
  readonly name: string
}

/** What the main thread says about itself beside its spans. */
export interface LoopReport {
  /** Milliseconds since 1970, whole. */
  readonly lastTurn: number
  readonly delayP99Ms: number
  readonly dropped: number
}

export class OpenSpanTable {
  readonly memory: SharedArrayBuffer
  readonly #words: Int32Array
  readonly #longs: BigInt64Array
  readonly #bytes: Buffer
  /** Slots to hand out, lowest last, so that a small program keeps to the first few. Only the writer uses it. */
  readonly #free: Slot[] = []

  /** Without memory a new table; with the memory of another thread's table a view of it. */
  constructor(memory?: SharedArrayBuffer) {
    this.memory = memory ?? new SharedArrayBuffer(HEADER_BYTES + SLOTS * SLOT_BYTES)
    this.#words = new Int32Array(this.memory)
    this.#longs = new BigInt64Array(this.memory, 0, HEADER_BYTES / 8)
    this.#bytes = Buffer.from(this.memory)
    if (memory === undefined) for (let slot = SLOTS - 1; slot >= 0; slot--) this.#free.push(slot)
  }

  claim(traceId: TraceId, spanId: SpanId, parentSpanId: SpanId | undefined, startTime: SpanTime, name: string): Slot {
    const slot = this.#free.pop()
    if (slot === undefined) {
      Atomics.add(this.#words, WITHOUT_SLOT, 1)
      return NO_SLOT
    }
    if (slot >= Atomics.load(this.#words, USED)) Atomics.store(this.#words, USED, slot + 1)
    const word = wordOf(slot)
    const byte = word * 4
    Atomics.add(this.#words, word + VERSION, 1)
    this.#words[word + TAKEN] = 1
    this.#words[word + SECONDS] = startTime[0]
    this.#words[word + NANOS] = startTime[1]
    this.#writeHex(traceId, byte + TRACE_ID)
    this.#writeHex(spanId, byte + SPAN_ID)
    this.#writeHex(parentSpanId ?? NO_PARENT, byte + PARENT_ID)
    this.#words[word + NAME_LENGTH] = this.#writeName(name, byte + NAME)
    Atomics.add(this.#words, word + VERSION, 1)
    return slot
  }

  release(slot: Slot): void {
    if (slot === NO_SLOT) {
      Atomics.sub(this.#words, WITHOUT_SLOT, 1)
      return
    }
    Atomics.store(this.#words, wordOf(slot) + TAKEN, 0)
    this.#free.push(slot)
  }

  /** The open spans, and how many more there are. A slot that changes while it is read is left out: it just ended. */
  list(): { readonly spans: readonly ListedSpan[]; readonly notListed: number } {
    const spans: ListedSpan[] = []
    const used = Atomics.load(this.#words, USED)
    for (let slot = 0; slot < used; slot++) {
      const span = this.#read(wordOf(slot))
      if (span !== null) spans.push(span)
    }
    return { spans, notListed: Atomics.load(this.#words, WITHOUT_SLOT) }
  }

  report({ lastTurn, delayP99Ms, dropped }: LoopReport): void {
    Atomics.store(this.#longs, LAST_TURN, BigInt(Math.floor(lastTurn)))
    Atomics.store(this.#words, LOOP_DELAY_US, Math.round(delayP99Ms * 1_000))
    Atomics.store(this.#words, DROPPED, dropped)
  }

  loop(): LoopReport {
    return {
      lastTurn: Number(Atomics.load(this.#longs, LAST_TURN)),
      delayP99Ms: Atomics.load(this.#words, LOOP_DELAY_US) / 1_000,
      dropped: Atomics.load(this.#words, DROPPED),
    }
  }

  #read(word: number): ListedSpan | null {
    const byte = word * 4
    const version = Atomics.load(this.#words, word + VERSION)
    if (version % 2 === 1 || Atomics.load(this.#words, word + TAKEN) === 0) return null
    const hex = (from: number, to: number) => this.#bytes.toString('hex', byte + from, byte + to)
    const parent = hex(PARENT_ID, NAME)
    const span = {
      traceId: hex(TRACE_ID, SPAN_ID),
      spanId: hex(SPAN_ID, PARENT_ID),
      parentSpanId: parent === NO_PARENT ? null : parent,
      startTime: [this.#words[word + SECONDS] ?? 0, this.#words[word + NANOS] ?? 0],
      name: this.#bytes.toString('utf8', byte + NAME, byte + NAME + (this.#words[word + NAME_LENGTH] ?? 0)),
    } as const
    return Atomics.load(this.#words, word + VERSION) === version ? span : null
  }

  /** By hand, because a call into Node for each id costs more than the whole write. */
  #writeHex(hex: string, byte: number): void {
    for (let i = 0; i < hex.length; i += 2) {
      this.#bytes[byte + (i >> 1)] = nibble(hex.charCodeAt(i)) * 16 + nibble(hex.charCodeAt(i + 1))
    }
  }

  /** @returns the bytes written. */
  #writeName(name: string, byte: number): number {
    const length = Math.min(name.length, NAME_BYTES_MAX)
    for (let i = 0; i < length; i++) {
      const code = name.charCodeAt(i)
      // Not ASCII: leave it to Node, which never writes half a character.
      if (code > 0x7f) return this.#bytes.write(name, byte, NAME_BYTES_MAX, 'utf8')
      this.#bytes[byte + i] = code
    }
    return length
  }
}

const NO_PARENT = '0'.repeat(16)

function wordOf(slot: Slot): number {
  return HEADER_BYTES / 4 + slot * SLOT_WORDS
}

function nibble(code: number): number {
  return code <= 0x39 ? code - 0x30 : code - 0x57
}
