/** Whether a process still speaks, and from when on its silence counts. Pure. */
import type { Limit } from '../../contract/runs.ts'
import { minutes, seconds, type Instant, type Millis } from '../../contract/units.ts'
import type { Progression } from '../progression.ts'
import type { SourceCircumstances, SourceJudgement } from '../source.ts'
import { findDeadline } from './find-deadline.ts'

/** What a source owes: to be heard again within `limit` of `since`. */
interface Rhythm {
  readonly since: Instant
  readonly beatMs: Millis
  readonly limit: Limit
}

/** A beat that is a little late is none that was missed. */
const LATE_BEATS = 1.2
/**
 * A process that sends its open spans again and has not done so for two rounds. One round less than each of its runs is
 * allowed, so that the silence of all is found before that of the first.
 */
const REPEATS_MISSED_BY_ALL = 2
/** A source without beats of its own: silent once it pauses four times longer than it ever did in the last ten minutes. */
const PAUSES = 4
const PAUSE_MIN: Millis = minutes(1)
/** Whoever pauses so long that this would pass is not regular enough to be missed. */
const PAUSE_MAX: Millis = minutes(10)

export function judgeSource(
  circumstances: SourceCircumstances,
  progression: Progression,
  now: Instant,
): SourceJudgement {
  const { source, gaps } = circumstances
  const rhythm = rhythmOf(circumstances, progression)
  if (rhythm === null)
    return { state: 'speaking', dueAt: null, limit: { ms: 0, from: 'nothing', learned: null }, beatMs: 0 }
  const { since, beatMs, limit } = rhythm
  // Pulses that stop while other records come are no silence: both must have stopped.
  const lateAt = findDeadline(source.heardAt, beatMs * LATE_BEATS, gaps)
  const dueAt = Math.max(findDeadline(since, limit.ms, gaps), lateAt)
  return { state: dueAt <= now ? 'silent' : lateAt <= now ? 'late' : 'speaking', dueAt, limit, beatMs }
}

function rhythmOf({ source, instance }: SourceCircumstances, progression: Progression): Rhythm | null {
  if (instance !== null) {
    if (instance.stopped) return null
    const { pulseAt: since, intervalMs: beatMs } = instance
    const ms = beatMs * progression.budgets.pulseIntervalsMissed
    return { since, beatMs, limit: { ms, from: 'contract › pulse.missed', learned: null } }
  }
  const { heardAt: since, repeatsEvery: every, longestPause, longestPauseBefore } = source
  if (every !== null) {
    const limit = {
      ms: every * REPEATS_MISSED_BY_ALL,
      from: `partial.frequency × ${REPEATS_MISSED_BY_ALL}`,
      learned: null,
    }
    return { since, beatMs: every, limit }
  }
  // Known for less than ten minutes: nobody can say yet how it speaks.
  if (longestPauseBefore === null) return null
  const longest = Math.max(longestPause, longestPauseBefore, seconds(1))
  const ms = Math.max(PAUSE_MIN, PAUSES * longest)
  if (ms > PAUSE_MAX) return null
  return {
    since,
    beatMs: longest,
    limit: { ms, from: `learned: its longest pause in ten minutes × ${PAUSES}`, learned: null },
  }
}
