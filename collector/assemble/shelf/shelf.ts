/**
 * Records that wait outside the heap: what is on them is known without reading them, the rest is bytes.
 *
 * ```
 * put ──▶ number ──▶ columns: due when, of which process, heard when      (typed arrays, by number)
 *                └─▶ bytes:   its keys' hashes, then the body             (slab)
 * find(key) ──▶ number        next() ──▶ the record due first        ofInstance(id) ──▶ numbers
 * ```
 */
import { PHASES, type Phase } from '../../../contract/phases.ts'
import { STATUSES, type Status } from '../../../contract/statuses.ts'
import type { Instant } from '../../../contract/units.ts'
import { grown } from './grown.ts'
import { hashOf, KeyIndex, type KeyHash } from './key-index.ts'
import { MomentHeap } from './moment-heap.ts'
import { Slab } from './slab.ts'

/** What is known of a record without reading it. */
export interface Label {
  /** When to look at it again; null when only news can change it. */
  readonly lookAt: Instant | null
  /** The process it lives in. */
  readonly instance: string | null
  /** Sum of the hashes of the spans it holds open, for comparing with a pulse; 0 for one that must be read. */
  readonly openDigest: number
  /** The last pulse that listed just these; 0 for none. */
  readonly pulsedAt: Instant
  /** Runs in it. */
  readonly runs: number
  /** Of its runs, the status that demands most attention. */
  readonly status: Status
  /** Where its run is; null when it has several, or is nowhere. */
  readonly phase: Phase | null
}

export class Shelf {
  readonly #slab = new Slab()
  readonly #index = new KeyIndex()
  readonly #looks = new MomentHeap()
  readonly #instances = new Map<string, InstanceList>()
  /** Lists by their number, for the column below; 0 is nobody's. */
  readonly #lists: (InstanceList | null)[] = [null]
  readonly #freeLists: number[] = []
  /** Numbers given back. */
  readonly #free: number[] = []
  #used = 0
  #size = 0
  #runs = 0

  #place = new Uint32Array(START)
  /** Bytes; 0 for a number that is free. */
  #length = new Uint32Array(START)
  #list = new Uint32Array(START)
  #next = new Uint32Array(START)
  #previous = new Uint32Array(START)
  #openDigest = new Uint32Array(START)
  #pulsedAt = new Float64Array(START)
  #writtenIn = new Uint32Array(START)
  #runsIn = new Uint32Array(START)
  /** By their place in the lists of `contract/`; a phase is one more, 0 is none. */
  #status = new Uint8Array(START)
  #phase = new Uint8Array(START)
  /** By number: what `Label.lookAt` said, NaN for null. */
  #lookAt = new Float64Array(START)

  /** @param writtenIn the latest snapshot that needs no more of it */
  put(label: Label, keys: readonly string[], body: Uint8Array, writtenIn: number): number {
    const bytes = Buffer.allocUnsafe(1 + KEY_BYTES * keys.length + body.length)
    bytes[0] = keys.length
    for (const [index, key] of keys.entries()) {
      const { low, high } = hashOf(key)
      bytes.writeUInt32LE(low, 1 + KEY_BYTES * index)
      bytes.writeUInt32LE(high, 5 + KEY_BYTES * index)
    }
    bytes.set(body, 1 + KEY_BYTES * keys.length)
    return this.putBytes(label, bytes, writtenIn)
  }

  /** @param bytes as `bytesOf` gave them */
  putBytes(label: Label, bytes: Uint8Array, writtenIn: number): number {
    const record = this.#free.pop() ?? this.#used++
    if (record >= this.#place.length) this.#grow(record + 1)
    this.#place[record] = this.#slab.put(bytes)
    this.#length[record] = bytes.length
    this.#openDigest[record] = label.openDigest
    this.#pulsedAt[record] = label.pulsedAt
    this.#writtenIn[record] = writtenIn
    this.#runsIn[record] = label.runs
    this.#status[record] = STATUSES.indexOf(label.status)
    this.#phase[record] = label.phase === null ? 0 : PHASES.indexOf(label.phase) + 1
    this.#lookAt[record] = label.lookAt ?? Number.NaN
    this.#looks.set(record, label.lookAt)
    for (const hash of this.#hashes(record)) this.#index.add(hash, record)
    this.#enlist(record, label.instance)
    this.#size++
    this.#runs += label.runs
    return record
  }

  remove(record: number): void {
    for (const hash of this.#hashes(record)) this.#index.remove(hash, record)
    this.#delist(record)
    this.#looks.set(record, null)
    this.#slab.giveBack(this.#place[record] ?? 0, this.#length[record] ?? 0)
    this.#length[record] = 0
    this.#free.push(record)
    this.#size--
    this.#runs -= this.#runsIn[record] ?? 0
  }

  /** A record that may know the key; null when none does. */
  find(key: string): number | null {
    return this.#size === 0 ? null : this.#index.find(key)
  }

  /** The moment of the record due first, and the record. */
  next(): Instant | null {
    return this.#looks.next()
  }

  first(): number | null {
    return this.#looks.first()
  }

  /** Read it at once: the place may be given to others. */
  body(record: number): Buffer {
    const bytes = this.bytesOf(record)
    return bytes.subarray(1 + KEY_BYTES * (bytes[0] ?? 0))
  }

  bytesOf(record: number): Buffer {
    return this.#slab.get(this.#place[record] ?? 0, this.#length[record] ?? 0)
  }

  labelOf(record: number): Label {
    const lookAt = this.#lookAt[record] ?? Number.NaN
    return {
      lookAt: Number.isNaN(lookAt) ? null : lookAt,
      instance: this.#lists[this.#list[record] ?? 0]?.instance ?? null,
      openDigest: this.#openDigest[record] ?? 0,
      pulsedAt: this.#pulsedAt[record] ?? 0,
      runs: this.#runsIn[record] ?? 0,
      status: this.statusOf(record),
      phase: PHASES[(this.#phase[record] ?? 0) - 1] ?? null,
    }
  }

  statusOf(record: number): Status {
    return STATUSES[this.#status[record] ?? 0] ?? 'running'
  }

  openDigestOf(record: number): number {
    return this.#openDigest[record] ?? 0
  }

  hear(record: number, at: Instant): void {
    this.#pulsedAt[record] = at
  }

  writtenIn(record: number): number {
    return this.#writtenIn[record] ?? 0
  }

  noteWritten(record: number, snapshot: number): void {
    this.#writtenIn[record] = snapshot
  }

  /** Those of one process. Removing the one just given is allowed meanwhile. */
  *ofInstance(instance: string): Generator<number> {
    let at = this.#instances.get(instance)?.head ?? 0
    while (at > 0) {
      const next = this.#next[at - 1] ?? 0
      yield at - 1
      at = next
    }
  }

  hasInstance(instance: string): boolean {
    return this.#instances.has(instance)
  }

  /** All records by number. */
  *records(): Generator<number> {
    for (let record = 0; record < this.#used; record++) if (this.#length[record] !== 0) yield record
  }

  get size(): number {
    return this.#size
  }

  /** Runs in all records. */
  get runs(): number {
    return this.#runs
  }

  get bytes(): number {
    return this.#slab.bytes
  }

  *#hashes(record: number): Generator<KeyHash> {
    const bytes = this.bytesOf(record)
    const count = bytes[0] ?? 0
    for (let index = 0; index < count; index++) {
      const at = 1 + KEY_BYTES * index
      yield { low: bytes.readUInt32LE(at), high: bytes.readUInt32LE(at + 4) }
    }
  }

  #enlist(record: number, instance: string | null): void {
    const list = instance === null ? null : this.#listOf(instance)
    this.#list[record] = list?.number ?? 0
    this.#previous[record] = 0
    this.#next[record] = list?.head ?? 0
    if (list === null) return
    if (list.head > 0) this.#previous[list.head - 1] = record + 1
    list.head = record + 1
  }

  #delist(record: number): void {
    const list = this.#lists[this.#list[record] ?? 0]
    if (list === null || list === undefined) return
    const [previous, next] = [this.#previous[record] ?? 0, this.#next[record] ?? 0]
    if (previous > 0) this.#next[previous - 1] = next
    else list.head = next
    if (next > 0) this.#previous[next - 1] = previous
    if (list.head > 0) return
    this.#instances.delete(list.instance)
    this.#lists[list.number] = null
    this.#freeLists.push(list.number)
  }

  #listOf(instance: string): InstanceList {
    const held = this.#instances.get(instance)
    if (held !== undefined) return held
    const number = this.#freeLists.pop() ?? this.#lists.length
    const list = { instance, number, head: 0 }
    this.#lists[number] = list
    this.#instances.set(instance, list)
    return list
  }

  #grow(length: number): void {
    this.#place = grown(this.#place, length)
    this.#length = grown(this.#length, length)
    this.#list = grown(this.#list, length)
    this.#next = grown(this.#next, length)
    this.#previous = grown(this.#previous, length)
    this.#openDigest = grown(this.#openDigest, length)
    this.#pulsedAt = grown(this.#pulsedAt, length)
    this.#writtenIn = grown(this.#writtenIn, length)
    this.#runsIn = grown(this.#runsIn, length)
    this.#status = grown(this.#status, length)
    this.#phase = grown(this.#phase, length)
    this.#lookAt = grown(this.#lookAt, length)
  }
}

/** Records of one process, as a list through the columns; its head is a record's number plus one. */
interface InstanceList {
  readonly instance: string
  readonly number: number
  head: number
}

const START = 1_024
const KEY_BYTES = 8
