/**
 * Laststep watching itself: what was measured, in one place, for `/readyz`, the page and `/metrics`. Everything is read
 * when somebody asks; between questions one timer a second tells how late timers fire, and one how full the disk is.
 */
import type { Clock } from '../../contract/clock.ts'
import type { Health, Readiness } from '../../contract/health.ts'
import { hours, seconds, toIso, type Instant, type Millis } from '../../contract/units.ts'
import { graceEndOf } from '../grace.ts'
import type { Gap } from '../entry.ts'
import type { InstanceFacts } from '../run.ts'
import { compareClocks } from './compare-clocks.ts'
import { checkHealth, type HealthFacts } from './check-health.ts'
import { startDeadMan, type DeadMan } from './dead-man.ts'
import type { CanaryFacts } from './judge-canary.ts'
import { openLatency, type Latency } from './latency.ts'
import { startCanary, type Canary, type CanarySettings } from './start-canary.ts'
import type { VerdictWatch } from './watch-verdicts.ts'

export interface SelfWatchSettings {
  readonly clock: Clock
  readonly verdicts: VerdictWatch
  readonly log: {
    readonly failing: { readonly since: Instant; readonly says: string } | null
    readonly waitsSince: Instant | null
    /** @throws an Error that says what room is missing */
    checkRoom(): Promise<void>
  }
  readonly history: { readonly endedAt: Instant | null; readonly waitsSince: Instant | null }
  readonly watermark: () => Instant
  readonly book: { nextLookAt(): Instant | null; gaps(): readonly Gap[]; instances(): Iterable<InstanceFacts> }
  /** Where operators are told; pino fits. */
  readonly operators: { warn(details: object, message: string): void }
}

export interface SelfWatch {
  readiness(): Readiness
  health(): Health
  readonly loopDelay: Latency
  /** Let the canary fly: from here on its fate counts. */
  fly(ends: Pick<CanarySettings, 'otlpHttp' | 'dashboard' | 'leftBehind'>): void
  /** Wind up the dead man's switch at this address. */
  wind(deadManUrl: string): void
  readonly canary: CanaryFacts | null
  readonly deadMan: DeadMan | null
  stop(): Promise<void>
}

const DAY: Millis = hours(24)
const BEAT: Millis = seconds(1)
const ROOM_EVERY: Millis = seconds(5)

export function startSelfWatch(settings: SelfWatchSettings): SelfWatch {
  const { clock, verdicts, log, history, watermark, book, operators } = settings
  const startedAt = clock.now()
  const loopDelay = openLatency()
  let canary: Canary | null = null
  let deadMan: DeadMan | null = null
  let beatAt = startedAt
  /** What the disk lacked when it was last asked, and since when; or since when it has room. */
  let room: { readonly since: Instant; readonly lacks: string | null } = { since: startedAt, lacks: null }

  const beat = (): void => {
    const now = clock.now()
    loopDelay.note(Math.max(0, now - beatAt - BEAT), now)
    beatAt = now
  }

  const noteRoom = (lacks: string | null): void => {
    if (lacks === null && room.lacks === null) return
    room = { since: lacks !== null && room.lacks !== null ? room.since : clock.now(), lacks }
  }

  const askRoom = (): void =>
    void log.checkRoom().then(
      () => noteRoom(null),
      (error: unknown) => noteRoom(error instanceof Error ? error.message : String(error)),
    )

  const logRefuses = (): HealthFacts['logRefuses'] => {
    if (room.lacks !== null) return { since: room.since, says: room.lacks }
    const { failing } = log
    // A commit that failed for want of room says nothing once there is room again, though none has followed it.
    return failing !== null && failing.since >= room.since ? failing : null
  }

  const readiness = (now: Instant): Readiness => {
    const checks = checkHealth(
      {
        logRefuses: logRefuses(),
        logWaitsSince: log.waitsSince,
        historyEndedAt: history.endedAt,
        historyWaitsSince: history.waitsSince,
        watermark: watermark(),
        nextLookAt: book.nextLookAt(),
        canary: canary?.facts() ?? null,
      },
      now,
    )
    return { ready: checks.every(({ ok }) => ok), checks }
  }

  const timers = [clock.every(BEAT, beat), clock.every(ROOM_EVERY, askRoom)]
  return {
    readiness: () => readiness(clock.now()),
    health() {
      const now = clock.now()
      const flown = canary?.facts().last ?? null
      return {
        ...readiness(now),
        evaluator: {
          deadlines: verdicts.made.recent(now),
          madeP99Ms: verdicts.made.p99(now),
          storedP99Ms: verdicts.stored.p99(now),
        },
        watermarkLagMs: Math.max(0, now - watermark()),
        loopDelayP99Ms: loopDelay.p99(now),
        blind: blindWithin(book.gaps(), now - DAY, now),
        retractions: { count: verdicts.retractedLately(now), since: toIso(Math.max(startedAt, now - DAY)) },
        clocks: compareClocks(book.instances(), now),
        canary: flown && { outcome: flown.outcome, sentAt: toIso(flown.sentAt), lateMs: flown.lateMs },
        deadMan: deadMan && {
          pingedAt: deadMan.pingedAt === null ? null : toIso(deadMan.pingedAt),
          error: deadMan.error,
        },
      }
    },
    loopDelay,
    fly(ends) {
      const graceEndsAt = () => Math.max(0, ...book.gaps().map(graceEndOf))
      canary = startCanary({ ...ends, clock, graceEndsAt, log: operators })
    },
    wind(url) {
      deadMan = startDeadMan({ url, clock, isReady: () => readiness(clock.now()).ready, log: operators })
    },
    get canary() {
      return canary?.facts() ?? null
    },
    get deadMan() {
      return deadMan
    },
    async stop() {
      for (const timer of timers) timer.cancel()
      deadMan?.stop()
      await canary?.stop()
    },
  }
}

/** The part of the gaps that lies between two moments. */
export function blindWithin(
  gaps: readonly Pick<Gap, 'from' | 'lengthMs'>[],
  from: Instant,
  to: Instant,
): Health['blind'] {
  const parts = gaps.map((gap) => Math.min(gap.from + gap.lengthMs, to) - Math.max(gap.from, from))
  const inside = parts.filter((ms) => ms > 0)
  return { gaps: inside.length, ms: Math.round(inside.reduce((sum, ms) => sum + ms, 0)) }
}
