/**
 * Long stretches of a run in which no step was at work and nothing was sent, for an axis that leaves most of them out. What lies
 * after the last of all is not among them: that silence may be what the run is looked at for.
 */
import type { Millis } from '../../contract/units.ts'
import type { TimeFold } from './layout.ts'
import type { Timeline } from './timeline.ts'

/** Of the whole; less is no burden. */
const SHARE_MIN = 0.1
const IDLE_MIN: Millis = 1_000
/** What is left of a stretch, as a share of all that is not idle: enough to be seen, and to hold a few words. */
const LEFT = 0.08

/**
 * A span with others below it waits for them, so those at the ends of the tree tell when something was being done.
 * @param moments of other things on the same axis, in ms from its start
 */
export function idleStretches({ rows, lastAt }: Timeline, moments: readonly Millis[]): TimeFold[] {
  const busy = rows
    .filter(({ hasChildren }) => !hasChildren)
    .map(({ start, end, halted }) => ({ from: start, to: end ?? halted ?? Infinity }))
    .concat(moments.map((at) => ({ from: at, to: at })))
    .toSorted((a, b) => a.from - b.from)
  const idle: { from: Millis; to: Millis }[] = []
  let until: Millis | null = null
  for (const { from, to } of busy) {
    if (until !== null && from - until > Math.max(IDLE_MIN, lastAt * SHARE_MIN)) idle.push({ from: until, to: from })
    until = Math.max(until ?? to, to)
  }
  const left = (lastAt - idle.reduce((sum, { from, to }) => sum + to - from, 0)) * LEFT
  return idle.map((stretch) => ({ ...stretch, cut: Math.max(0, 1 - Math.max(1, left) / (stretch.to - stretch.from)) }))
}
