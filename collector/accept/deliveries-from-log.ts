/**
 * What a delivery record says: of one message by its attributes, or of several of a run over one connection by the rows
 * of its body (docs/PROTOCOL.md, 2.3).
 */
import { ATTR } from '../../contract/attributes.ts'
import { DELIVERY_STATES, type DeliveryState } from '../../contract/deliveries.ts'
import type { AttributeValue } from '../../contract/runs.ts'
import { nanosToInstant, type Instant } from '../../contract/units.ts'
import type { DeliverySignal, Source } from '../signal.ts'
import { arrayOf, numberOf, textOf, wordOf } from './plain-values.ts'
import type { LogRecord } from './reading.ts'

type Reached = DeliverySignal['states']

/** One signal a message, in the order told; null in the place of one that makes no sense. */
export function deliveriesOf(log: LogRecord, source: Source): readonly (DeliverySignal | null)[] {
  const { attributes, traceId, spanId, at, body } = log
  const runId = textOf(attributes[ATTR.runId])
  if (runId === null) return [null]
  const shared = {
    kind: 'delivery',
    source,
    runId,
    traceId,
    spanId,
    epoch: textOf(attributes[ATTR.deliveryEpoch]) ?? '',
    connectionId: textOf(attributes[ATTR.connectionId]),
  } as const
  if (typeof body !== 'string' || body === '') return [ofAttributes(shared, attributes)]
  const rows = parseRows(body)
  return rows.length === 0 ? [null] : rows.map((row) => ofRow(shared, row, at))
}

type Shared = Pick<DeliverySignal, 'kind' | 'source' | 'runId' | 'traceId' | 'spanId' | 'epoch' | 'connectionId'>

function ofAttributes(shared: Shared, attributes: LogRecord['attributes']): DeliverySignal | null {
  const seq = numberOf(attributes[ATTR.deliverySeq])
  const event = textOf(attributes[ATTR.deliveryEvent])
  const states = statesOfLists(attributes[ATTR.deliveryStates], attributes[ATTR.deliveryAt])
  if (seq === null || event === null || states === null) return null
  return {
    ...shared,
    seq,
    event,
    states,
    toolCallId: textOf(attributes[ATTR.deliveryToolCallId]),
    attempt: numberOf(attributes[ATTR.deliveryAttempt]) ?? 1,
    targets: numberOf(attributes[ATTR.deliveryTargets]),
    bytes: numberOf(attributes[ATTR.deliveryBytes]),
    reason: textOf(attributes[ATTR.deliveryReason]),
  }
}

/** A row is a `DeliveryNews`, which came from outside and may be anything. */
function ofRow(shared: Shared, row: unknown, from: Instant): DeliverySignal | null {
  const [seq, event, reached, more = {}] = Array.isArray(row) ? (row as AttributeValue[]) : []
  const states = isObject(reached) ? statesOfObject(reached, from) : null
  const name = textOf(event)
  if (typeof seq !== 'number' || name === null || states === null || !isObject(more)) return null
  return {
    ...shared,
    seq,
    event: name,
    states,
    toolCallId: textOf(more['tool_call_id']),
    attempt: numberOf(more['attempt']) ?? 1,
    targets: numberOf(more['targets']),
    bytes: numberOf(more['bytes']),
    reason: textOf(more['reason']),
  }
}

function parseRows(body: string): readonly unknown[] {
  try {
    const rows: unknown = JSON.parse(body)
    return Array.isArray(rows) ? rows : []
  } catch {
    return []
  }
}

function isObject(value: unknown): value is { readonly [key: string]: AttributeValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Each state with the microseconds since the record's time. */
function statesOfObject(reached: { readonly [key: string]: AttributeValue }, from: Instant): Reached | null {
  const states: { state: DeliveryState; at: Instant }[] = []
  for (const [word, micros] of Object.entries(reached)) {
    const state = wordOf(word, DELIVERY_STATES)
    if (state === null || typeof micros !== 'number') return null
    states.push({ state, at: from + micros / 1_000 })
  }
  return states.length === 0 ? null : states
}

/** Two lists of one length: the states, and when each was reached, in unix nanoseconds. */
function statesOfLists(states: AttributeValue | undefined, at: AttributeValue | undefined): Reached | null {
  const words = arrayOf(states)
  const times = arrayOf(at)
  if (words.length === 0 || words.length !== times.length) return null
  const reached: { state: DeliveryState; at: Instant }[] = []
  for (const [index, word] of words.entries()) {
    const state = wordOf(word, DELIVERY_STATES)
    const at = nanosOf(times[index])
    if (state === null || at === null) return null
    reached.push({ state, at })
  }
  return reached
}

/** Nanoseconds are beyond 2^53, so the readers hand them over as text. */
function nanosOf(value: AttributeValue | undefined): Instant | null {
  if (typeof value === 'string' && /^\d{1,20}$/.test(value)) return nanosToInstant(BigInt(value))
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? nanosToInstant(BigInt(value)) : null
}
