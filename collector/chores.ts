/** What is done again and again while the collector runs: none of it is needed to answer anybody. */
import type { Clock } from '../contract/clock.ts'
import { minutes, seconds, type Millis } from '../contract/units.ts'

export interface ChoresSettings {
  readonly clock: Clock
  readonly log: { error(details: object, message: string): void }
  /** Write down what is known, so that a restart reads less of the log. */
  readonly saveCheckpoint: () => Promise<void>
  /** Note that we are listening, so that a restart knows for how long nobody did. */
  readonly saveAlive: () => Promise<void>
  /** Drop what is too old or too much. */
  readonly retain: () => Promise<void>
}

const CHECKPOINT_EVERY = seconds(15)
/** Writing down a large book takes seconds of work, however thinly spread: it may go on for a tenth of the time. */
const CHECKPOINT_SHARE = 10
const ALIVE_EVERY = seconds(1)
const RETAIN_EVERY = minutes(5)

export function startChores(settings: ChoresSettings): { stop(): void } {
  const { clock, log, saveCheckpoint, saveAlive, retain } = settings
  let isStopped = false

  const attempt = (chore: () => Promise<void>, failure: string): Promise<void> =>
    chore().catch((err: unknown) => log.error({ err }, failure))

  const checkpointAfter = (delay: Millis): void => {
    clock.after(delay, async () => {
      if (isStopped) return
      const began = clock.now()
      await attempt(saveCheckpoint, 'no checkpoint was written; a restart will read more of the log')
      if (!isStopped) checkpointAfter(Math.max(CHECKPOINT_EVERY, CHECKPOINT_SHARE * (clock.now() - began)))
    })
  }

  checkpointAfter(CHECKPOINT_EVERY)
  const timers = [
    clock.every(ALIVE_EVERY, () => void attempt(saveAlive, 'the history does not know that we listen')),
    clock.every(RETAIN_EVERY, () => void attempt(retain, 'what is too old could not be dropped')),
  ]
  return {
    stop() {
      isStopped = true
      for (const timer of timers) timer.cancel()
    },
  }
}
