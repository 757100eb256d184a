/** Batches as OTLP requests. Reading costs most of a seed's time, so most seeds hand the signals over as they are. */
import { readEntry } from '../../collector/accept/read-entry.ts'
import type { Entry } from '../../collector/entry.ts'
import type { Signal } from '../../collector/signal.ts'
import { encode } from '../collector/accept/oracle.ts'
import type { Batch } from './network.ts'
import { logsOf, tracesOf } from './write-otlp.ts'

export const FORMS = ['as signals', 'json', 'protobuf'] as const
export type Form = (typeof FORMS)[number]

/** A request as it lies in the log. */
export type Letter = Pick<Entry, 'kind' | 'encoding' | 'body'>

export interface Mail {
  write(batch: Batch): Letter
  read(letter: Letter): { readonly signals: readonly Signal[] }
  /** Null for entries that nobody sent: gaps. */
  batchOf(letter: Letter): Batch | null
}

export function openMail(form: Form): Mail {
  const batches = new WeakMap<Uint8Array, Batch>()
  const bodyOf = ({ kind, signals }: Batch): Uint8Array => {
    if (form === 'as signals') return new Uint8Array(1)
    const message = kind === 'traces' ? tracesOf(signals) : logsOf(signals)
    if (form === 'json') return Buffer.from(JSON.stringify(message, hexBytes))
    return encode(kind === 'traces' ? 'TracesRequest' : 'LogsRequest', message)
  }
  return {
    write(batch) {
      const body = bodyOf(batch)
      batches.set(body, batch)
      return { kind: batch.kind, encoding: form === 'protobuf' ? 'protobuf' : 'json', body }
    },
    read(letter) {
      const batch = batches.get(letter.body)
      return form === 'as signals' && batch !== undefined ? { signals: batch.signals } : readEntry(letter)
    },
    batchOf: ({ body }) => batches.get(body) ?? null,
  }
}

/** Ids are bytes in protobuf and hex in JSON. */
function hexBytes(_key: string, value: unknown): unknown {
  const isBytes = typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer'
  return isBytes && 'data' in value ? Buffer.from(value.data as number[]).toString('hex') : value
}
