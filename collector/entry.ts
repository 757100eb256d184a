/** The log's unit: one accepted OTLP request, exactly as its sender wrote it (after decompression). */
import type { GapReason, GapView } from '../contract/runs.ts'
import { toIso, type Instant, type Millis } from '../contract/units.ts'
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

/** A stretch in which we were not listening. The body of a `gap` entry, as JSON. */
export interface Gap {
  readonly from: Instant
  readonly lengthMs: Millis
  readonly reason: GapReason
}

/** @param receivedAt when it is known, which is after it has ended */
export function writeGap(gap: Gap, receivedAt: Instant): Entry {
  return { kind: 'gap', encoding: 'json', receivedAt, body: Buffer.from(JSON.stringify(gap)) }
}

/** Our own words: they have this shape. */
export function readGap({ body }: Entry): Gap {
  return JSON.parse(Buffer.from(body).toString()) as Gap
}

/** As people are told of it. */
export function viewOfGap({ from, lengthMs, reason }: Gap): GapView {
  return { from: toIso(from), to: toIso(from + lengthMs), reason }
}

/** An entry together with what it says. */
export interface ReadEntry {
  readonly entry: Entry
  readonly place: Place
  readonly signals: readonly Signal[]
}
