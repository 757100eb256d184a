import type { FullLog, FullSpan } from '../record.ts'
import type { Signal } from '../signal.ts'

/** What a request says, and what in it could not be understood. */
export interface Reading {
  readonly signals: Signal[]
  /** Spans, or log records, refused ones included. */
  records: number
  /** Records that will never be understood: they must not be sent again. */
  refused: number
  /** Why the first of them was refused. */
  refusal: string | null
  /** Records of which only a part will be shown; the log keeps them whole. */
  cut: number
  /** What was too much of the first of them. */
  excess: string | null
}

export function newReading(): Reading {
  return { signals: [], records: 0, refused: 0, refusal: null, cut: 0, excess: null }
}

export function refuse(reading: Reading, why: string): void {
  reading.refused += 1
  reading.refusal ??= why
}

export function noteExcess(reading: Reading, excess: string | null): void {
  if (excess === null) return
  reading.cut += 1
  reading.excess ??= excess
}

/** What all records under one resource and scope share. */
export type Origin = Pick<FullSpan, 'source' | 'resource' | 'scope'>

/** A record without its origin: what it says by itself. */
export type SpanRecord = Omit<FullSpan, 'receivedAt' | keyof Origin>
export type LogRecord = Omit<FullLog, 'receivedAt' | 'signal' | keyof Origin>

/** Calls of a reader that gives every record in full, with the origin it came from. */
export interface RecordSink {
  span(record: SpanRecord, origin: Origin): void
  log(record: LogRecord, origin: Origin): void
  refuse(why: string): void
  /** The record told next is more than is read of it. */
  cut(excess: string): void
}
