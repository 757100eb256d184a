/** The log's unit: one accepted OTLP request, exactly as its sender wrote it (after decompression). */
import type { GapReason } from '../contract/runs.ts'
import type { Instant, Millis } from '../contract/units.ts'
import type { Signal } from './signal.ts'

/** What an entry holds. `gap` is our own word: for how long we were not listening before it was written. */
export type EntryKind = 'traces' | 'logs' | 'gap'
export type Encoding = 'protobuf' | 'json'

export interface Entry {
  readonly kind: EntryKind
  readonly encoding: Encoding
  /** By the collector's clock; never decreases along the log. */
  readonly receivedAt: Instant
  readonly body: Uint8Array
}

/** Where an entry is: the segment's number, the byte where its frame begins, and the frame's length. */
export interface Place {
  readonly segment: number
  readonly offset: number
  readonly length: number
}

/** Body of a `gap` entry, JSON. */
export interface Gap {
  readonly from: Instant
  readonly lengthMs: Millis
  readonly reason: GapReason
}

/** An entry together with what it says. */
export interface ReadEntry {
  readonly entry: Entry
  readonly place: Place
  readonly signals: readonly Signal[]
}
