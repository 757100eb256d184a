/**
 * The canary: once a minute a run of our own goes in through the OTLP door as anybody's would, stands still, and must be
 * seen to be flagged by whoever reads the API; then it ends, and must be seen as completed late. Nothing inside is asked:
 * whatever breaks between the door and the reader, the canary falls silent.
 *
 * ```
 * 0 s     POST /v1/logs     begins, a tool open
 * 2 s     its deadline      GET /api/runs/<id> until it says stalled
 *         POST /v1/traces   both spans end
 *         GET /api/runs/<id> says completed, and how late
 * ```
 */
import type { Clock, Timer } from '../../contract/clock.ts'
import type { RunDetail } from '../../contract/runs.ts'
import { fromIso, seconds, type Instant, type Millis } from '../../contract/units.ts'
import { CANARY } from '../canary-run.ts'
import { ask } from './ask.ts'
import { canaryBegins, canaryEnds } from './canary-telemetry.ts'
import {
  CANARY_AGAIN,
  CANARY_EVERY,
  CANARY_LATE_MAX,
  isFailed,
  type CanaryFacts,
  type CanaryResult,
} from './judge-canary.ts'

export interface CanarySettings {
  readonly clock: Clock
  /** `http://127.0.0.1:4318` */
  readonly otlpHttp: string
  /** `http://127.0.0.1:4319` */
  readonly dashboard: string
  /** Ids of canary runs that a process before this one began and never ended. */
  readonly leftBehind: readonly string[]
  /** Until when a gap in our own hearing moves every deadline; 0 without one. */
  readonly graceEndsAt: () => Instant
  readonly log: { warn(details: object, message: string): void }
}

export interface Canary {
  facts(): CanaryFacts
  /** Lets the one under way end. Safe to call twice. */
  stop(): Promise<void>
}

/** Out of the way of the start itself. */
const FIRST_AFTER: Millis = seconds(5)
/** A page does not show a verdict in the very moment it falls. */
const LOOK_AFTER: Millis = 50
const LOOK_EVERY: Millis = 150
/** Nobody is in time after this long. */
const LOOK_FOR: Millis = seconds(5)

export function startCanary(settings: CanarySettings): Canary {
  const { clock, log, leftBehind } = settings
  let dueAt = clock.now() + FIRST_AFTER
  let underwaySince: Instant | null = null
  let last: CanaryResult | null = null
  let flight: Promise<void> | null = null
  let isStopped = false
  let wake = (): void => {}
  const pause = (length: Millis): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve
      clock.after(length, resolve)
    })

  const fly = async (): Promise<void> => {
    const sentAt = clock.now()
    underwaySince = sentAt
    dueAt = sentAt + CANARY_EVERY
    const { outcome, lateMs } = await flyOnce(settings, sentAt, { pause, isStopped: () => isStopped })
    underwaySince = null
    // One that was cut short by the end of the process says nothing about its health.
    if (isStopped) return
    last = { outcome, sentAt, doneAt: clock.now(), lateMs }
    if (outcome !== 'in-time') dueAt = Math.max(clock.now(), sentAt + CANARY_AGAIN)
    if (isFailed(outcome)) log.warn({ outcome, lateMs }, 'the canary run was not flagged in time')
  }

  const schedule = (): Timer =>
    clock.after(dueAt - clock.now(), () => {
      flight = fly().then(() => {
        flight = null
        if (!isStopped) timer = schedule()
      })
    })

  let timer = schedule()
  void endAll(settings, leftBehind)
  return {
    facts: () => ({ dueAt, underwaySince, last }),
    async stop() {
      isStopped = true
      wake()
      timer.cancel()
      await flight
    },
  }
}

type Flight = Pick<CanaryResult, 'outcome' | 'lateMs'>

/** A flight is cut short when the process ends. */
interface Waits {
  pause(length: Millis): Promise<void>
  isStopped(): boolean
}

async function flyOnce(settings: CanarySettings, sentAt: Instant, waits: Waits): Promise<Flight> {
  const { clock, graceEndsAt } = settings
  const traceId = crypto.randomUUID().replaceAll('-', '')
  const hasBegun = await post(settings, '/v1/logs', canaryBegins(traceId, sentAt))
  if (!hasBegun) return { outcome: 'unanswered', lateMs: null }
  // Nothing is flagged before the grace after a gap has ended.
  const lateMs = graceEndsAt() > sentAt ? null : await watchFlag(settings, traceId, waits)
  const hasEnded = await post(settings, '/v1/traces', canaryEnds(traceId, sentAt, clock.now()))
  if (graceEndsAt() > sentAt) return { outcome: 'postponed', lateMs: null }
  if (lateMs === null) return { outcome: 'missed', lateMs }
  if (lateMs > CANARY_LATE_MAX) return { outcome: 'late', lateMs }
  if (!hasEnded) return { outcome: 'unanswered', lateMs }
  const run = await readRun(settings, traceId)
  const isClosed = run?.status === 'completed' && (run.verdict.lateByMs ?? 0) > 0
  return { outcome: isClosed ? 'in-time' : 'unclosed', lateMs }
}

/** @returns how long after its deadline the run was seen to stand still; null when it was not */
async function watchFlag(settings: CanarySettings, id: string, waits: Waits): Promise<Millis | null> {
  const { clock } = settings
  await waits.pause(CANARY.stalledAfterMs + LOOK_AFTER)
  const until = clock.now() + LOOK_FOR
  while (clock.now() < until && !waits.isStopped()) {
    const run = await readRun(settings, id)
    if (run?.status === 'stalled') return Math.max(0, clock.now() - fromIso(run.verdict.since))
    await waits.pause(LOOK_EVERY)
  }
  return null
}

/** What a process before this one did not live to end. It began at a moment nobody knows any more. */
async function endAll(settings: CanarySettings, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const run = await readRun(settings, id)
    if (run !== null) await post(settings, '/v1/traces', canaryEnds(id, fromIso(run.startedAt), settings.clock.now()))
  }
}

async function readRun(settings: CanarySettings, id: string): Promise<RunDetail | null> {
  const answer = await ask(settings.clock, `${settings.dashboard}/api/runs/${id}`, null)
  return answer === null ? null : (JSON.parse(answer) as RunDetail)
}

async function post({ clock, otlpHttp }: CanarySettings, path: string, body: string): Promise<boolean> {
  return (await ask(clock, `${otlpHttp}${path}`, body)) !== null
}
