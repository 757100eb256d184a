import { wordsIn } from '../../collector/frame-form.ts'
import type { Progression } from '../../collector/progression.ts'
import type { Instant, Millis } from '../../contract/units.ts'
import type { Frame } from './read-frame.ts'
import type { SeenEvent } from './run-view.ts'

/** The run that was asked for on one connection, and which of its frames are that run's. */
export interface FollowedRun {
  /** Null until the runtime has said it; made up for a runtime whose runs have none. */
  readonly runId: string | null
  readonly threadId: string
  readonly seen: readonly SeenEvent[]
  /** Ids of other runs whose frames came here. */
  readonly strangers: ReadonlySet<string>
  asked(at: Instant): void
  /**
   * @param limitMs how long the silence before it could have been
   * @returns null for a frame of another run, without a name, or from before the request
   */
  take(frame: Frame, at: Instant, limitMs: Millis | null, isAfterEnd: boolean): SeenEvent | null
}

/**
 * A run is told by its id where the client gives it, else by its conversation, which the client made up; else the first
 * run that shows itself after the request is the one that was asked for. A frame that names neither belongs to it.
 *
 * @param key makes the ids of this run unlike those of any other
 */
export function followRun({ frames: form }: Progression, key: string): FollowedRun {
  const words = wordsIn(form.ask)
  const threadId = `thread_${key}`
  const knowsThread = form.thread !== undefined && words.includes('thread')
  let runId = words.includes('run') ? `run_${key}` : form.run === undefined ? `probe_${key}` : null
  let askedAt: Instant | null = null
  let lastAt: Instant = 0
  const seen: SeenEvent[] = []
  const strangers = new Set<string>()

  const isOurs = (frame: Frame): boolean => {
    if (runId !== null && frame.runId !== null) return frame.runId === runId
    if (knowsThread && frame.threadId !== null) return frame.threadId === threadId
    return frame.runId === null || !knowsThread
  }

  return {
    get runId() {
      return runId
    },
    threadId,
    seen,
    strangers,
    asked(at) {
      askedAt = lastAt = at
    },
    take(frame, at, limitMs, isAfterEnd) {
      if (!isOurs(frame)) {
        if (frame.runId !== null) strangers.add(frame.runId)
        return null
      }
      if (askedAt === null || frame.event === null) return null
      runId ??= frame.runId
      const { event, seq, callId, text } = frame
      const times = { at, afterMs: at - askedAt, waitedMs: at - lastAt, limitMs }
      const taken: SeenEvent = { event, seq, callId, text, ...times, isAfterEnd }
      lastAt = at
      seen.push(taken)
      return taken
    },
  }
}
