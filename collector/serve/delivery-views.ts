/** The messages of a run and the connections they went to, put together from the records of their states. */
import { CONNECTION_STATES, DELIVERY_STATES } from '../../contract/deliveries.ts'
import type { ConnectionView, DeliveryView, IsoTime } from '../../contract/runs.ts'
import { toIso, type Instant } from '../../contract/units.ts'
import type { FullLog } from '../record.ts'
import type { ConnectionSignal, DeliverySignal } from '../signal.ts'

/** Each message to each connection, by seq; every state with the first time it was told. */
export function deliveryViews(runIds: ReadonlySet<string>, logs: readonly FullLog[]): DeliveryView[] {
  const signals = logs.flatMap(({ signal }) =>
    signal?.kind === 'delivery' && runIds.has(signal.runId) ? [signal] : [],
  )
  const messages = Map.groupBy(signals, (signal) => `${signal.seq}/${signal.connectionId ?? ''}/${signal.attempt}`)
  return [...messages.values()].map(deliveryView).sort((a, b) => a.seq - b.seq || a.attempt - b.attempt)
}

/** The connections named, with all that was told about them. */
export function connectionViews(ids: ReadonlySet<string>, logs: readonly FullLog[]): ConnectionView[] {
  const signals = logs.flatMap(({ signal }) =>
    signal?.kind === 'connection' && ids.has(signal.connectionId) ? [signal] : [],
  )
  const connections = Map.groupBy(signals, (signal) => signal.connectionId)
  return [...connections.values()].map(connectionView)
}

function deliveryView(signals: readonly DeliverySignal[]): DeliveryView {
  const first = signals[0]
  if (first === undefined) throw new Error('expected a record of the delivery')
  return {
    seq: first.seq,
    event: first.event,
    connectionId: first.connectionId,
    attempt: first.attempt,
    spanId: known(signals, 'spanId'),
    bytes: known(signals, 'bytes'),
    targets: known(signals, 'targets'),
    states: inOrder(
      signals.flatMap((signal) => signal.states),
      DELIVERY_STATES,
    ),
    reason: known(signals, 'reason'),
  }
}

function connectionView(signals: readonly ConnectionSignal[]): ConnectionView {
  const first = signals[0]
  if (first === undefined) throw new Error('expected a record of the connection')
  return {
    id: first.connectionId,
    userId: known(signals, 'userId'),
    acks: known(signals, 'acks') ?? false,
    stream: known(signals, 'stream'),
    states: inOrder(signals, CONNECTION_STATES),
    closeCode: known(signals, 'closeCode'),
    clientCloseCode: known(signals, 'clientCloseCode'),
    closeReason: known(signals, 'closeReason'),
    closedBy: known(signals, 'closedBy'),
  }
}

/** What the newest record that says anything about it says. */
function known<T, K extends keyof T>(signals: readonly T[], key: K): T[K] | null {
  return signals.findLast((signal) => signal[key] !== null)?.[key] ?? null
}

/** Each state once, at its earliest time; by time, and in the order of the contract where times are equal. */
function inOrder<State extends string>(
  reached: readonly { readonly state: State; readonly at: Instant }[],
  order: readonly State[],
): { readonly state: State; readonly at: IsoTime }[] {
  const first = new Map<State, Instant>()
  for (const { state, at } of reached) first.set(state, Math.min(at, first.get(state) ?? at))
  return [...first]
    .sort(([a, atA], [b, atB]) => atA - atB || order.indexOf(a) - order.indexOf(b))
    .map(([state, at]) => ({ state, at: toIso(at) }))
}
