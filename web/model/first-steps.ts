/** How far somebody is who connects their first agent, from what the collector has heard; nothing is guessed here. */
import type { RunRow } from '../../contract/runs.ts'
import type { Hearing, Setup } from '../../contract/setup.ts'
import { fromIso, minutes, seconds, type Instant, type Millis } from '../../contract/units.ts'
import { isTestRun } from './attention.ts'
import { count, describeClock, formatAge, formatTime } from './format.ts'

/**
 * - `waiting` for less than a minute
 * - `checking` for longer: what may be wrong is said
 * - `quiet` for ten minutes: the page no longer says that it waits
 * - `heard` an event came, and no run was made of it
 * - `connected`
 */
export type Progress = 'waiting' | 'checking' | 'quiet' | 'heard' | 'connected'

const CHECK_AFTER: Millis = minutes(1)
const QUIET_AFTER: Millis = minutes(10)
/** What telemetry takes to come is no fault of a clock. */
const CLOCK_OFF_MIN: Millis = minutes(1)

export function judgeProgress({ firstEventAt }: Hearing, run: RunRow | null, waitedMs: Millis): Progress {
  if (run !== null) return 'connected'
  if (firstEventAt !== null) return 'heard'
  return waitedMs < CHECK_AFTER ? 'waiting' : waitedMs < QUIET_AFTER ? 'checking' : 'quiet'
}

/** The newest run of anybody; those that are sent to see what a stall looks like are nobody's. */
export function firstRun(rows: Iterable<RunRow>): RunRow | null {
  let newest: RunRow | null = null
  for (const row of rows) if (!isTestRun(row) && (newest === null || newest.startedAt < row.startedAt)) newest = row
  return newest
}

/** `00:41`. */
export function formatWait(waitedMs: Millis): string {
  const whole = Math.floor(Math.max(0, waitedMs) / seconds(1))
  return `${String(Math.floor(whole / 60)).padStart(2, '0')}:${String(whole % 60).padStart(2, '0')}`
}

export interface FirstCheck {
  /** Null for what cannot be known yet. */
  readonly ok: boolean | null
  readonly says: string
  /** What to do. */
  readonly hint: string | null
}

/** In the order in which a first event can get lost. */
export function checkFirstSteps(setup: Setup, now: Instant): FirstCheck[] {
  return [
    checkReach(setup),
    checkRefusals(setup.hearing, now),
    checkClock(setup.hearing),
    checkRuns(setup.hearing, now),
  ]
}

function checkReach({ hearing, ports, host, isReachable }: Setup): FirstCheck {
  const { requests, refusals } = hearing
  const tried = requests + refusals.reduce((sum, each) => sum + each.count, 0)
  if (tried > 0) return { ok: true, says: `${count(tried, 'request')} came since this collector started.`, hint: null }
  return {
    ok: false,
    says: `Nothing has come to port ${ports.otlpHttp} (HTTP) or ${ports.otlpGrpc} (gRPC) since this collector started.`,
    hint: isReachable
      ? `It listens on ${host}. Is the port open between the agent and this machine?`
      : `It listens on ${host}: only programs on its own machine reach it. From a container or another machine, start it ` +
        'with --host 0.0.0.0 --insecure, on a network you trust.',
  }
}

function checkRefusals({ refusals }: Hearing, now: Instant): FirstCheck {
  const [latest] = refusals
  if (latest === undefined) return { ok: true, says: 'Nothing was refused.', hint: null }
  const others = refusals.length === 1 ? '' : `, and ${count(refusals.length - 1, 'other reason')}`
  const ago = formatAge(now - fromIso(latest.lastAt))
  return { ok: false, says: `${latest.count} refused, the last ${ago} ago${others}.`, hint: `“${latest.says}”` }
}

function checkClock({ clockBehindMs }: Hearing): FirstCheck {
  if (clockBehindMs === null)
    return { ok: null, says: 'The sender’s clock is not known before its first event.', hint: null }
  if (Math.abs(clockBehindMs) < CLOCK_OFF_MIN)
    return { ok: true, says: 'The sender’s clock agrees with ours.', hint: null }
  return {
    ok: false,
    says: `The sender’s newest event is ${describeClock(clockBehindMs)}.`,
    hint: 'Its runs may begin elsewhere in time than you look. Set its clock (NTP), or send what is new.',
  }
}

function checkRuns({ firstEventAt, lastEventAt, lastService }: Hearing, now: Instant): FirstCheck {
  if (firstEventAt === null)
    return { ok: null, says: 'Whether runs are recognised shows with the first event.', hint: null }
  const last =
    lastEventAt === null
      ? `the first came ${formatTime(fromIso(firstEventAt), now)}`
      : `the last ${formatAge(now - fromIso(lastEventAt))} ago`
  return {
    ok: false,
    says: `Events come (${last}${lastService === null ? '' : `, from ${lastService}`}), and none is of a run that is live.`,
    hint: 'A run begins with a span of an agent: gen_ai.operation.name = invoke_agent, or recordRun of the SDK.',
  }
}
