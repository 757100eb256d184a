/** What must hold for verdicts to be right and in time. Pure: what was measured, and a moment, in; each check out. */
import { CHECKS, type Check, type CheckName } from '../../contract/health.ts'
import { seconds, toIso, type Instant, type Millis } from '../../contract/units.ts'
import { judgeCanary, type CanaryFacts } from './judge-canary.ts'

export interface HealthFacts {
  /** Set when the disk has no room for the log, or refused its last commit; the sentence says which. */
  readonly logRefuses: { readonly since: Instant; readonly says: string } | null
  /** Since when the oldest entry waits for its commit; null when none waits. */
  readonly logWaitsSince: Instant | null
  /** Since when the history's thread is gone; null while it lives. */
  readonly historyEndedAt: Instant | null
  /** Since when the history owes its oldest answer; null when it owes none. */
  readonly historyWaitsSince: Instant | null
  /** Everything received before this has been read. */
  readonly watermark: Instant
  /** The deadline that is judged next; null when nothing is awaited. */
  readonly nextLookAt: Instant | null
  /** Null when no canary flies. */
  readonly canary: CanaryFacts | null
}

/** A commit takes milliseconds, and after two seconds senders are asked to wait: this long is a disk that stands. */
const LOG_WAITS_MAX: Millis = seconds(10)
/** Dropping the oldest of a full history is one answer that takes seconds. */
const HISTORY_WAITS_MAX: Millis = seconds(20)
const LAG_MAX: Millis = seconds(10)
/** A hundred times the goal from a deadline to its verdict. */
const EVALUATOR_LATE_MAX: Millis = seconds(10)

type Failing = { readonly since: Instant; readonly says: string }

/** Every one of them would be noticed within 20 s of its cause: `/readyz` must say so within 30. */
export function checkHealth(facts: HealthFacts, now: Instant): Check[] {
  return CHECKS.filter((name) => name !== 'canary' || facts.canary !== null).map((name) => {
    const found = RULES[name](facts, now)
    return typeof found === 'string'
      ? { name, ok: true, since: null, says: found }
      : { name, ok: false, since: toIso(found.since), says: found.says }
  })
}

/** A sentence when it holds; since when, and why, when it does not. */
const RULES: Readonly<Record<CheckName, (facts: HealthFacts, now: Instant) => string | Failing>> = {
  log({ logRefuses, logWaitsSince }, now) {
    if (logRefuses !== null) return logRefuses
    return isPast(logWaitsSince, LOG_WAITS_MAX, now)
      ? { since: logWaitsSince, says: 'a commit to the log does not end: the disk stands still' }
      : 'what arrives is written to the log'
  },
  history({ historyEndedAt, historyWaitsSince }, now) {
    if (historyEndedAt !== null)
      return { since: historyEndedAt, says: 'the history ended: verdicts are not stored, lists stand still' }
    return isPast(historyWaitsSince, HISTORY_WAITS_MAX, now)
      ? { since: historyWaitsSince, says: 'the history does not answer: the disk or the database stands still' }
      : 'the history answers'
  },
  watermark({ watermark }, now) {
    return isPast(watermark, LAG_MAX, now)
      ? { since: watermark, says: `nothing received in the last ${inSeconds(now - watermark)} has been judged` }
      : 'everything received has been read'
  },
  evaluator({ nextLookAt, watermark }, now) {
    // What the watermark holds back is the watermark's fault.
    return isPast(nextLookAt, EVALUATOR_LATE_MAX, Math.min(now, watermark))
      ? { since: nextLookAt, says: 'a deadline passed and was not judged' }
      : 'every deadline that passed has been judged'
  },
  canary({ canary }, now) {
    if (canary === null) return 'no canary flies'
    const health = judgeCanary(canary, now)
    return health.ok ? health.says : health
  },
}

function isPast(since: Instant | null, allowed: Millis, now: Instant): since is Instant {
  return since !== null && now - since > allowed
}

function inSeconds(ms: Millis): string {
  return `${Math.round(ms / 1_000)} s`
}
