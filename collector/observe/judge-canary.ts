import type { CanaryOutcome } from '../../contract/health.ts'
import { seconds, type Instant, type Millis } from '../../contract/units.ts'

/** A canary run that came to its end. */
export interface CanaryResult {
  readonly outcome: CanaryOutcome
  readonly sentAt: Instant
  /** When its end was known. */
  readonly doneAt: Instant
  /** From its deadline until a reader of the API saw the verdict; null when nobody did. */
  readonly lateMs: Millis | null
}

export interface CanaryFacts {
  /** When the next is to be sent. The first is due a while after the start: nothing is expected before. */
  readonly dueAt: Instant
  /** Since when the one under way is; null when none is. */
  readonly underwaySince: Instant | null
  readonly last: CanaryResult | null
}

export type CanaryHealth =
  | { readonly ok: true; readonly says: string }
  | { readonly ok: false; readonly says: string; readonly since: Instant }

export const CANARY_EVERY: Millis = seconds(60)
/** After one that proved nothing the next must show what holds now. */
export const CANARY_AGAIN: Millis = seconds(15)
/** A reader must see the verdict this soon after the deadline. */
export const CANARY_LATE_MAX: Millis = seconds(1)
/** From its first request to its last: two seconds of standing still, one to be seen, and slow answers. */
export const CANARY_TAKES_MAX: Millis = seconds(15)

/** Whether the last canary, and the one that should be flying, say that verdicts come in time. */
export function judgeCanary({ dueAt, underwaySince, last }: CanaryFacts, now: Instant): CanaryHealth {
  if (underwaySince !== null && now > underwaySince + CANARY_TAKES_MAX)
    return { ok: false, says: 'a canary run was sent and its end is not known', since: underwaySince }
  if (underwaySince === null && now > dueAt + CANARY_TAKES_MAX)
    return { ok: false, says: 'no canary run was sent when it was due', since: dueAt }
  if (last === null) return { ok: true, says: 'the first canary run is still to come' }
  const { outcome, doneAt, lateMs } = last
  const seen = lateMs === null ? '' : `, seen ${Math.round(lateMs)} ms after its deadline`
  if (!isFailed(outcome)) return { ok: true, says: `${SAYS[outcome]}${seen}` }
  return { ok: false, says: `${SAYS[outcome]}${seen}`, since: doneAt }
}

export function isFailed(outcome: CanaryOutcome): boolean {
  return outcome !== 'in-time' && outcome !== 'postponed'
}

const SAYS: Readonly<Record<CanaryOutcome, string>> = {
  'in-time': 'the last canary run was flagged in time',
  postponed: 'a gap in our own hearing moved the deadline of the last canary run',
  late: 'the last canary run was flagged too late',
  missed: 'the last canary run was never flagged',
  unanswered: 'the OTLP door did not take the last canary run',
  unclosed: 'the last canary run ended and does not show as completed late',
}
