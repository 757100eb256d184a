import type { TraceId } from '../../contract/ids.ts'
import type { Instant } from '../../contract/units.ts'
import type { PulseSignal } from '../signal.ts'
import { KEY, type BookState } from './book-state.ts'
import { addToDigest } from './pulse-digest.ts'
import { recall } from './shelve.ts'

/**
 * Bring back what a pulse has news for. The rest has been heard of.
 * @param isProof what it does not list is not open
 * @returns the traces it need not be folded into
 */
export function hearShelved(
  state: BookState,
  { open }: PulseSignal,
  instance: string,
  isProof: boolean,
  now: Instant,
): ReadonlySet<TraceId> {
  const quiet = new Set<TraceId>()
  if (state.shelf.size === 0) return quiet
  const listed = new Map<number, { digest: number; traces: Set<TraceId> }>()
  for (const { traceId, spanId } of open) {
    const record = state.shelf.find(KEY.trace + traceId)
    if (record === null) continue
    const held = listed.get(record) ?? { digest: 0, traces: new Set() }
    listed.set(record, held)
    held.digest = addToDigest(held.digest, traceId, spanId)
    held.traces.add(traceId)
  }
  const silent = isProof ? [...state.shelf.ofInstance(instance)].filter((record) => !listed.has(record)) : []
  for (const [record, { digest, traces }] of listed) {
    const isSame = digest !== 0 && state.shelf.openDigestOf(record) === digest
    if (!isSame) {
      recall(state, record)
      continue
    }
    state.shelf.hear(record, now)
    for (const traceId of traces) quiet.add(traceId)
  }
  for (const record of silent) recall(state, record)
  return quiet
}
