import type { Clock, Timer } from '../../contract/clock.ts'
import type { Instant } from '../../contract/units.ts'

export interface WatchSettings {
  readonly clock: Clock
  readonly nextLookAt: () => Instant | null
  /** Judge what is due by then, or a part of it. @returns false when more is due: call again */
  readonly advance: (to: Instant) => boolean
  /** Everything received up to this moment has been folded. No verdict is dated later. */
  readonly watermark: () => Instant
}

export interface Watch {
  /** The next look may have moved: call after every fold. */
  woke(): void
  stop(): void
}

/** Runs judged before others have their turn: some five milliseconds. */
export const LOOKS_AT_ONCE = 16
/** While records wait to be folded, a deadline is tried again this soon. */
const RETRY_MS = 20

/**
 * Keep one timer, set to the next moment at which a verdict can change by time alone. A verdict is never made from
 * less than everything received before its deadline: the fold advances up to the watermark only.
 */
export function watchRuns({ clock, nextLookAt, advance, watermark }: WatchSettings): Watch {
  let timer: Timer | null = null
  let setFor: Instant | null = null
  let isStopped = false

  function look(): void {
    timer = null
    setFor = null
    if (isStopped) return
    const now = clock.now()
    const isDone = advance(Math.min(now, watermark()))
    // Others have their turn in between: ten thousand deadlines may have passed at once.
    set(isDone ? now + RETRY_MS : now)
  }

  /** @param earliest when what is already due may be tried again. */
  function set(earliest: Instant): void {
    const due = nextLookAt()
    if (isStopped || due === null) return
    const at = Math.max(due, earliest)
    if (setFor !== null && setFor <= at) return
    timer?.cancel()
    setFor = at
    timer = clock.after(at - clock.now(), look)
  }

  const watch: Watch = {
    woke: () => set(-Infinity),
    stop() {
      isStopped = true
      timer?.cancel()
    },
  }
  watch.woke()
  return watch
}
