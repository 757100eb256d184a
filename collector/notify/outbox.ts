/**
 * Messages on their way out: decided, stored, then told, and remembered as told only when the receiver has said so.
 * Whatever stops this process in between costs a second delivery with the same id at most, never a message.
 *
 * ```
 * put ─► desk ─► due? ─► tell ─┬─► told
 *                  ▲           │
 *                  └─ failed ──┴─► given up, a day after it was decided
 * ```
 */
import { sleep, type Clock, type Timer } from '../../contract/clock.ts'
import { hours, seconds, type Instant, type Millis } from '../../contract/units.ts'
import type { Message, WaitingMessage } from './message.ts'
import type { Tell, Telling } from './webhook.ts'

/** The part of the desk that keeps messages; `keep/desk.ts` fits. */
export interface OutboxDesk {
  /** Keep a message, due at once. One whose id is known, told or not, changes nothing. */
  put(message: Message): void
  /** Messages not told whose moment has come, the longest due first. */
  due(now: Instant): readonly WaitingMessage[]
  told(id: string, now: Instant): void
  /** Counts an attempt. An infinite `dueAt` keeps the message and never tries it again. */
  retry(id: string, dueAt: Instant, error: string): void
  /** When the next message is due; null when none waits. */
  nextDue(): Instant | null
}

export interface OutboxSettings {
  readonly clock: Clock
  readonly desk: OutboxDesk
  readonly tell: Tell
  /** Where operators are told; pino fits. */
  readonly log: {
    warn(facts: object, text: string): void
    error(facts: object, text: string): void
  }
  /** From 0 to below 1; spreads attempts so that many messages do not come back in one moment. */
  readonly random?: () => number
}

export interface Outbox {
  /** Never throws: a message the desk cannot take now is held and tried again. */
  put(message: Message): void
  readonly counts: Readonly<OutboxCounts>
  /** Lets the attempts under way end. Safe to call twice. */
  stop(): Promise<void>
}

interface OutboxCounts {
  told: number
  failed: number
  gaveUp: number
  /** Lost because the desk failed for too long. */
  dropped: number
}

const RETRY_MS_FIRST = seconds(5)
const RETRY_MS_MAX = hours(1)
const AGE_MS_MAX = hours(24)
/** A receiver that hangs must not hold up everything, and one that works must not be flooded. */
const AT_ONCE_MAX = 4
/** Messages held in memory while the desk refuses them. */
const HELD_MAX = 1_000
const STOP_MS_MAX = seconds(2)
/** Longer sleeps end early and look again; no timer counts further than 24 days. */
const SLEEP_MS_MAX = hours(24)
/** Kept with its error, for whoever asks what became of it, and never due again. */
const NEVER: Instant = Number.POSITIVE_INFINITY

export function startOutbox(settings: OutboxSettings): Outbox {
  const { clock, desk, tell, log, random = Math.random } = settings
  const counts: OutboxCounts = { told: 0, failed: 0, gaveUp: 0, dropped: 0 }
  const held: Message[] = []
  let timer: Timer | null = null
  let round: Promise<void> | null = null
  /** After a failure of the desk: what cannot be remembered must not be told over and over. */
  let restUntil: Instant = 0
  let isStopped = false
  let isDisabled = false

  const mayTell = (): boolean => !isStopped && !isDisabled

  const wake = (): void => {
    if (!mayTell() || round !== null) return
    if (clock.now() < restUntil) return sleepUntil(restUntil)
    round = tellDue()
      .catch(deskFailed)
      .then(() => {
        round = null
        sleepUntilDue()
      })
  }

  const sleepUntilDue = (): void => {
    try {
      const next = desk.nextDue()
      if (held.length > 0) sleepUntil(restUntil)
      else if (next !== null && next !== NEVER) sleepUntil(Math.max(next, restUntil))
    } catch (error) {
      deskFailed(error)
      sleepUntil(restUntil)
    }
  }

  const sleepUntil = (at: Instant): void => {
    timer?.cancel()
    if (mayTell()) timer = clock.after(Math.min(Math.max(0, at - clock.now()), SLEEP_MS_MAX), wake)
  }

  const deskFailed = (error: unknown): void => {
    if (isStopped) return
    log.error({ err: error }, 'the desk failed; messages wait')
    restUntil = clock.now() + RETRY_MS_FIRST
  }

  const keepHeld = (): void => {
    while (held[0] !== undefined) {
      desk.put(held[0])
      held.shift()
    }
  }

  const tellDue = async (): Promise<void> => {
    keepHeld()
    for (let due = desk.due(clock.now()); due.length > 0 && mayTell(); due = desk.due(clock.now()))
      await Promise.all(due.slice(0, AT_ONCE_MAX).map(attempt))
  }

  const attempt = async (message: WaitingMessage): Promise<void> => {
    const telling = await tell(message)
    const now = clock.now()
    switch (telling.result) {
      case 'told':
        desk.told(message.id, now)
        counts.told += 1
        return
      case 'disabled':
        isDisabled = true
        desk.retry(message.id, NEVER, telling.error)
        log.error({ error: telling.error }, 'the webhook wants no more messages; none are sent until the next start')
        return
      case 'failed':
        counts.failed += 1
        return retryOrGiveUp(message, telling, now)
    }
  }

  const retryOrGiveUp = (message: WaitingMessage, failed: Telling & { result: 'failed' }, now: Instant): void => {
    const dueAt = now + retryDelay(message.attempts, failed.retryAfterMs, random())
    if (dueAt - message.createdAt > AGE_MS_MAX) {
      counts.gaveUp += 1
      log.error({ id: message.id, error: failed.error }, 'gave up telling the webhook after a day')
      desk.retry(message.id, NEVER, `gave up: ${failed.error}`)
    } else {
      log.warn({ id: message.id, error: failed.error, attempts: message.attempts + 1 }, 'the webhook was not told')
      desk.retry(message.id, dueAt, failed.error)
    }
  }

  wake()
  return {
    put(message) {
      held.push(message)
      if (held.length > HELD_MAX) {
        held.shift()
        counts.dropped += 1
      }
      // Stored before anything else happens; the telling may take as long as it takes.
      try {
        keepHeld()
      } catch (error) {
        deskFailed(error)
      }
      wake()
    },
    counts,
    async stop() {
      isStopped = true
      timer?.cancel()
      // An attempt that hangs is left behind; its message is still in the desk.
      await Promise.race([round, sleep(clock, STOP_MS_MAX)])
    },
  }
}

/** 5 s doubling up to 1 h, spread over the upper half of that; never before the receiver's own wish. */
export function retryDelay(attempts: number, retryAfterMs: Millis | null, random: number): Millis {
  const backoff = Math.min(RETRY_MS_FIRST * 2 ** attempts, RETRY_MS_MAX)
  return Math.max(backoff * (0.5 + random / 2), retryAfterMs ?? 0)
}
