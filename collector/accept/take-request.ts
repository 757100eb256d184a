/** What every door does with a body once it holds it: read it, have it taken, count how it went. */
import type { Encoding } from '../entry.ts'
import type { Signal } from '../signal.ts'
import { Unavailable } from '../unavailable.ts'
import { Refusal, type RefusalReason, type Remarks, type RequestKind } from './answer.ts'
import { countDataPoints } from './count-data-points.ts'
import { MalformedBody } from './protobuf-cursor.ts'
import { readEntry } from './read-entry.ts'
import type { Reading } from './reading.ts'

export interface Accepted {
  readonly kind: 'traces' | 'logs'
  readonly encoding: Encoding
  /** As sent, decompressed. Only until `take` has resolved: then its memory holds another body. */
  readonly body: Uint8Array
  readonly signals: readonly Signal[]
}

/** Resolves once the request is durable and folded into the runs. @throws Unavailable for a passing fault. */
export type Take = (accepted: Accepted) => Promise<void>

export interface ErrorLog {
  error(details: object, message: string): void
}

/** Told of what was refused, whole requests and single records, as the sender was. */
export type NoteRefused = (reason: string, says: string) => void

/** Requests by how they ended, and single records that were refused or cut, since the start. */
export type Counts = Record<
  RefusalReason | 'accepted' | 'spans' | 'log-records' | 'records-refused' | 'records-cut',
  number
>

/** @throws Refusal, MalformedBody, Unavailable: the request was not taken, no part of it */
export async function takeRequest(
  { kind, encoding, body }: { kind: RequestKind; encoding: Encoding; body: Uint8Array },
  take: Take,
  counts: Counts,
  noteRefused: NoteRefused = () => {},
): Promise<Remarks> {
  if (kind === 'metrics') {
    return { refused: countDataPoints(encoding, body), message: 'Laststep keeps traces and logs' }
  }
  const reading = readEntry({ kind, encoding, body })
  await take({ kind, encoding, body, signals: reading.signals })
  counts.accepted += 1
  counts[kind === 'traces' ? 'spans' : 'log-records'] += reading.records - reading.refused
  counts['records-refused'] += reading.refused
  counts['records-cut'] += reading.cut
  if (reading.refused > 0) noteRefused('records', String(reading.refusal))
  return { refused: reading.refused, message: remarkOf(reading) }
}

function remarkOf({ refused, refusal, cut, excess }: Reading): string | null {
  const remarks: string[] = []
  if (refused > 0) remarks.push(`${refused} refused: ${refusal}`)
  if (cut > 0) remarks.push(`${cut} kept whole but shown in part: ${excess}`)
  return remarks.length === 0 ? null : remarks.join('; ')
}

/** Bad input, a passing fault, or a bug of ours: the last is the only one that is logged with its cause. */
export function refusalOf(error: unknown, log: ErrorLog): Refusal {
  if (error instanceof Refusal) return error
  if (error instanceof MalformedBody) return new Refusal('malformed', error.message)
  if (error instanceof Unavailable) return new Refusal('unavailable', error.message)
  log.error({ err: error }, 'a request could not be taken')
  return new Refusal('internal', 'the collector failed; its log says why')
}

export function newCounts(): Counts {
  return {
    accepted: 0,
    spans: 0,
    'log-records': 0,
    'records-refused': 0,
    'records-cut': 0,
    malformed: 0,
    'not-found': 0,
    'not-post': 0,
    'too-large': 0,
    'unknown-type': 0,
    'too-much': 0,
    internal: 0,
    unavailable: 0,
  }
}
