/**
 * Whether a connection failed before it was ready, and how; whether that is more than one client's trouble; and how a
 * trouble ends. Pure.
 *
 * ```
 *  opened ──▶ authenticated ──▶ ready                          it went well, whatever comes later, unless its client
 *     │             │                                          said something before that never arrived: frames-lost; or
 *     │             │                                          breaks off without a subprotocol: subprotocol-mismatch
 *     │             └────────── not within the time ─▶ never-ready
 *     ├──────────────────────── not within the time ─▶ auth-hung
 *     └─ closed: by whom, with which code ──────────▶ one of the others, or the client changed its mind
 * ```
 */
import type { ConnectionFailure } from '../../contract/findings.ts'
import { minutes, seconds, type Instant, type Millis } from '../../contract/units.ts'
import type { Gap } from '../entry.ts'
import type {
  ConnectionCircumstances,
  ConnectionJudge,
  ConnectionJudgement,
  FailingFindingFacts,
  Tries,
} from '../connection.ts'
import type { Progression } from '../progression.ts'
import { hasMissedPulse, type ConnectionFacts } from '../run.ts'
import { findDeadline } from './find-deadline.ts'

/** Records of one connection that come out of order come within a flush or two of its process. */
const ORDER_MS: Millis = seconds(1)
/** A client breaks off at once; on a slow network that takes its time. */
const AT_ONCE_MS: Millis = seconds(10)
/** A client that waited for this share of the time allowed and left did not leave by chance. */
const GAVE_UP = 0.5

/** RFC 6455 §7.4.1 and IANA's WebSocket Close Code Number Registry; 44xx is what applications make of HTTP's 4xx. */
const REFUSED: ReadonlySet<number> = new Set([1008, 3000, 3003, 4401, 4403])
const TOO_MANY: ReadonlySet<number> = new Set([1013, 4429])
/** The server goes, or restarts: whoever comes back is welcome. */
const GOES_AWAY: ReadonlySet<number> = new Set([1001, 1012])
/** Normal, and without any code. */
const AS_IF_WELL: ReadonlySet<number> = new Set([1000, 1005])
const SERVER_ERROR = 1011
const BROKEN = 1006

const NOTHING: ConnectionJudgement = { failure: null, limit: null, lookAgainAt: null }

export function judgeConnection(
  { connection, instance, gaps }: ConnectionCircumstances,
  { budgets: { ready } }: Pick<Progression, 'budgets'>,
  now: Instant,
): ConnectionJudgement {
  const { readyAt, openedAt, closedAt, authenticatedAt, stream, isOpeningTold, framesLost } = connection
  if (framesLost > 0) return { ...NOTHING, failure: 'frames-lost' }
  if (brokeOff(connection) && closedAt !== null) {
    const knownAt = findDeadline(closedAt, ORDER_MS, gaps)
    return now < knownAt ? { ...NOTHING, lookAgainAt: knownAt } : { ...NOTHING, failure: 'subprotocol-mismatch' }
  }
  // A response is ready with its first word, which its agent may think about for as long as it likes.
  if (readyAt !== null || stream !== null || !isOpeningTold) return NOTHING
  const limit = ready.stalledMs === null ? null : { ms: ready.stalledMs, from: 'contract › ready', learned: null }
  if (closedAt !== null) {
    const knownAt = findDeadline(closedAt, ORDER_MS, gaps)
    if (now < knownAt) return { ...NOTHING, lookAgainAt: knownAt }
    if (failsByClosing(connection)) return { ...NOTHING, failure: failureOfClose(connection) }
    const isFedUp = limit !== null && closedAt - openedAt >= limit.ms * GAVE_UP
    return isFedUp ? { failure: hangs(authenticatedAt), limit, lookAgainAt: null } : NOTHING
  }
  if (limit === null) return NOTHING
  const dueAt = findDeadline(openedAt, limit.ms, gaps)
  if (now < dueAt) return { ...NOTHING, lookAgainAt: dueAt }
  // A process that is gone took its connections along and cannot say so: its silence is told of by itself.
  if (instance !== null && (instance.stopped || hasMissedPulse(instance, now))) return NOTHING
  return { failure: hangs(authenticatedAt), limit, lookAgainAt: null }
}

const hangs = (authenticatedAt: Instant | null): ConnectionFailure =>
  authenticatedAt === null ? 'auth-hung' : 'never-ready'

/**
 * Its client found that none of its subprotocols was taken. By the time the server hears of that, it may have been ready;
 * a client that does not mind goes on, and may lose its network like any other.
 */
function brokeOff({ isSubprotocolRefused, closeCode, openedAt, closedAt }: ConnectionFacts): boolean {
  return isSubprotocolRefused && closeCode === BROKEN && closedAt !== null && closedAt - openedAt < AT_ONCE_MS
}

/** A client may leave whenever it likes; a code that says that all is well proves nothing where nobody said who sent it. */
function failsByClosing({ closedBy, closeCode }: ConnectionFacts): boolean {
  if (closedBy === 'client' || (closeCode !== null && GOES_AWAY.has(closeCode))) return false
  return closedBy !== null || (closeCode !== null && !AS_IF_WELL.has(closeCode))
}

function failureOfClose({ closeCode, authenticatedAt }: ConnectionFacts): ConnectionFailure {
  if (closeCode === null) return 'closed-early'
  if (closeCode === SERVER_ERROR) return 'handshake-failed'
  if (AS_IF_WELL.has(closeCode)) return 'closed-as-well'
  if (TOO_MANY.has(closeCode)) return 'limit-reached'
  return REFUSED.has(closeCode) && authenticatedAt === null ? 'auth-refused' : 'closed-early'
}

/** A client with a bad token, or two of them that try again and again beside many that come in, are no trouble of a service. */
const FAILED_MIN = 3
const FAILED_SHARE_MIN = 0.2

export function isTrouble({ failed, all }: Tries): boolean {
  return failed >= FAILED_MIN && failed >= all * FAILED_SHARE_MIN
}

/** Nobody has failed for so long, and somebody came in: it is over. */
const QUIET_MS: Millis = minutes(1)
/** Nobody has failed for so long, and nobody came in either: nobody tries any more. */
const GIVEN_UP_MS: Millis = minutes(10)

export function judgeFailing(
  { lastFailedAt, readyAt }: Pick<FailingFindingFacts, 'lastFailedAt' | 'readyAt'>,
  gaps: readonly Gap[],
  now: Instant,
): ReturnType<ConnectionJudge['finding']> {
  const quietAt = findDeadline(lastFailedAt, QUIET_MS, gaps)
  const givenUpAt = findDeadline(lastFailedAt, GIVEN_UP_MS, gaps)
  if (readyAt !== null)
    return now < quietAt ? { state: 'open', lookAgainAt: quietAt } : { state: 'recovered', lookAgainAt: null }
  return now < givenUpAt ? { state: 'open', lookAgainAt: givenUpAt } : { state: 'over', lookAgainAt: null }
}

/** @param progressionOf the contract that a service's connections keep to */
export function connectionJudge(progressionOf: (contract: string | null) => Progression): ConnectionJudge {
  return {
    connection: (circumstances, now) =>
      judgeConnection(circumstances, progressionOf(circumstances.connection.contract), now),
    isTrouble,
    finding: judgeFailing,
  }
}
