import { ATTR, RECORD } from '../contract/attributes.ts'
import type { Instant, Millis } from '../contract/units.ts'
import type { LogRecord } from './otlp-json.ts'
import type { ListedSpan, OpenSpanTable } from './open-span-table.ts'
import { encodeTime } from './otlp-json.ts'

/** The main loop reports every 100 ms; it is late when it missed several turns, not one. */
const LATE_AFTER: Millis = 500
/** From here on a late loop is worth a beat of its own. */
const BLOCKED_AFTER: Millis = 1_000

/** What the pulse remembers between two looks. */
export interface PulseState {
  readonly seq: number
  readonly beatAt: Instant | null
  readonly lookedAt: Instant
  readonly blocked: boolean
}

export const NO_BEAT_YET: PulseState = { seq: 0, beatAt: null, lookedAt: 0, blocked: false }

/**
 * Decide whether it is time to beat: at the interval, and at once when the main loop stops turning or turns again.
 * A look that itself comes late (machine asleep, no processor to be had) says nothing about the main loop.
 */
export function nextBeat(
  state: PulseState,
  lastTurn: Instant,
  intervalMs: Millis,
  now: Instant,
): { readonly state: PulseState; readonly beat: boolean; readonly blockedMs: Millis } {
  const lateMs = now - lastTurn
  const ownDelay = state.beatAt !== null && now - state.lookedAt > LATE_AFTER
  const blockedMs = lateMs < LATE_AFTER || ownDelay ? 0 : Math.round(lateMs)
  const blocked = ownDelay ? state.blocked : state.blocked ? blockedMs > 0 : blockedMs > BLOCKED_AFTER
  const beat = state.beatAt === null || now - state.beatAt >= intervalMs || blocked !== state.blocked
  return {
    state: { seq: beat ? state.seq + 1 : state.seq, beatAt: beat ? now : state.beatAt, lookedAt: now, blocked },
    beat,
    blockedMs,
  }
}

/** The record of one beat. */
export function pulseRecord(
  table: OpenSpanTable,
  { seq }: PulseState,
  blockedMs: Millis,
  { intervalMs, last, now }: { readonly intervalMs: Millis; readonly last: boolean; readonly now: Instant },
): LogRecord {
  const { spans, notListed } = table.list()
  const loop = table.loop()
  return {
    event: RECORD.pulse,
    at: now,
    attributes: {
      [ATTR.pulseSeq]: seq,
      [ATTR.pulseIntervalMs]: intervalMs,
      [ATTR.pulseOpen]: spans.map(encodeListed),
      [ATTR.pulseOpenNotListed]: notListed,
      [ATTR.pulseLoopDelayMs]: loop.delayP99Ms,
      [ATTR.pulseLoopBlockedMs]: blockedMs,
      [ATTR.pulseDropped]: loop.dropped,
      ...(last ? { [ATTR.pulseLast]: true } : {}),
    },
  }
}

/**
 * One open span in a pulse: `<traceId>:<spanId>:<parentSpanId or nothing>:<start, ns since 1970>:<name>`. The name
 * comes last because it may hold colons.
 */
export function encodeListed({ traceId, spanId, parentSpanId, startTime, name }: ListedSpan): string {
  return `${traceId}:${spanId}:${parentSpanId ?? ''}:${encodeTime(startTime)}:${name}`
}
