/** The deliveries lane: which messages were emitted, written and confirmed, on the run's own time axis. */
import type { DeliveryState } from '../../contract/deliveries.ts'
import type { DeliveryView } from '../../contract/runs.ts'
import { fromIso, type Instant, type Millis } from '../../contract/units.ts'
import { toPixels, type TimeWindow } from './layout.ts'

export interface LaneMessage {
  readonly seq: number
  readonly event: string
  readonly emittedAt: Millis
  readonly writtenAt: Millis | null
  readonly confirmedAt: Millis | null
  /** When it was dropped or failed; null while it may still arrive. */
  readonly lostAt: Millis | null
  readonly reason: string | null
}

export interface LaneSummary {
  readonly emitted: number
  readonly written: number
  readonly confirmed: number
  readonly lost: readonly LaneMessage[]
}

/** A tick of one lane row; `count` > 1 when neighbours closer than 2 px became one. */
export interface LaneTick {
  readonly x: number
  readonly count: number
  readonly kind: 'done' | 'pending' | 'lost'
}

/** States that prove the message arrived, and those that prove it will not. */
export const CONFIRMED: ReadonlySet<DeliveryState> = new Set(['transported', 'received', 'handled'])
export const LOST: ReadonlySet<DeliveryState> = new Set(['dropped', 'failed'])
const MERGE_PX = 2

/** One for each message, over whatever connections it went: it is lost where every way was a dead end. */
export function laneMessages(deliveries: readonly DeliveryView[], origin: Instant): LaneMessage[] {
  const messages: LaneMessage[] = []
  for (const [seq, sends] of Map.groupBy(deliveries, (delivery) => delivery.seq)) {
    const at = (matches: (state: DeliveryState) => boolean): Millis | null => {
      const times = sends.flatMap(({ states }) => states.find(({ state }) => matches(state))?.at ?? [])
      return times.length === 0 ? null : Math.min(...times.map(fromIso)) - origin
    }
    const emittedAt = at(() => true)
    const [first] = sends
    if (emittedAt === null || first === undefined) continue
    const confirmedAt = at((state) => CONFIRMED.has(state))
    const isLost = sends.every(({ states }) => states.some(({ state }) => LOST.has(state)))
    messages.push({
      seq,
      event: first.event,
      emittedAt,
      writtenAt: at((state) => state === 'written'),
      confirmedAt,
      lostAt: confirmedAt === null && isLost ? at((state) => LOST.has(state)) : null,
      reason: sends.find(({ reason }) => reason !== null)?.reason ?? null,
    })
  }
  return messages.sort((a, b) => a.seq - b.seq)
}

export function summariseLane(messages: readonly LaneMessage[]): LaneSummary {
  return {
    emitted: messages.length,
    written: messages.filter((message) => message.writtenAt !== null).length,
    confirmed: messages.filter((message) => message.confirmedAt !== null).length,
    lost: messages.filter((message) => message.lostAt !== null),
  }
}

/** The three tick rows. A message not confirmed stands hollow in the last row where it was last seen. */
export function laneTicks(messages: readonly LaneMessage[], window: TimeWindow, width: number): LaneTick[][] {
  const emitted = messages.map((message) => ({ at: message.emittedAt, kind: 'done' as const }))
  const written = messages.flatMap(({ writtenAt }) =>
    writtenAt === null ? [] : [{ at: writtenAt, kind: 'done' as const }],
  )
  const confirmed = messages.map((message) => {
    if (message.confirmedAt !== null) return { at: message.confirmedAt, kind: 'done' as const }
    if (message.lostAt !== null) return { at: message.lostAt, kind: 'lost' as const }
    return { at: message.writtenAt ?? message.emittedAt, kind: 'pending' as const }
  })
  return [emitted, written, confirmed].map((marks) => mergeTicks(marks, window, width))
}

/** The message whose row mark is nearest to a click, within a finger's reach; null when there is none. */
export function messageAt(
  messages: readonly LaneMessage[],
  row: number,
  x: number,
  window: TimeWindow,
  width: number,
): LaneMessage | null {
  const reachPx = 12
  let best: { message: LaneMessage; distance: number } | null = null
  for (const message of messages) {
    const at = [message.emittedAt, message.writtenAt, message.confirmedAt ?? message.lostAt ?? message.writtenAt][row]
    if (at === null || at === undefined) continue
    const distance = Math.abs(toPixels(at, window, width) - x)
    if (distance <= reachPx && (best === null || distance < best.distance)) best = { message, distance }
  }
  return best?.message ?? null
}

function mergeTicks(
  marks: readonly { readonly at: Millis; readonly kind: LaneTick['kind'] }[],
  window: TimeWindow,
  width: number,
): LaneTick[] {
  const ticks: LaneTick[] = []
  for (const { at, kind } of [...marks].sort((a, b) => a.at - b.at)) {
    const x = toPixels(at, window, width)
    const last = ticks.at(-1)
    // A lost message is never merged away.
    if (last && last.kind === kind && kind !== 'lost' && x - last.x < MERGE_PX)
      ticks[ticks.length - 1] = { ...last, count: last.count + 1 }
    else ticks.push({ x, count: 1, kind })
  }
  return ticks
}
