/** What a run got over, in words. */
import type { IsoTime, PastStall } from '../../contract/runs.ts'
import { fromIso } from '../../contract/units.ts'
import { capitalise, formatDuration, formatStep } from './format.ts'

/**
 * `Stalled for 4 m 12 s in tool › search, until 14:03:22`. Counted as the headline counted while it went on: from the last
 * progress.
 * @param writeTime how a moment is written: for people here, or for anyone
 */
export function writePastStall(stall: PastStall, writeTime: (at: IsoTime) => string): string {
  const { status, step, since, endedAt, ending } = stall
  const word = capitalise(status)
  const where = step === null || step.phase === 'terminal' ? '' : ` in ${formatStep(step)}`
  if (ending === 'withdrawn')
    return `${word}${where} from ${writeTime(since)}, withdrawn ${writeTime(endedAt)}: its deadline had moved, nothing was heard of it`
  const length = formatDuration(fromIso(endedAt) - fromIso(step?.since ?? since))
  return `${word} for ${length}${where}, until ${writeTime(endedAt)}${writeEnding(stall)}`
}

function writeEnding({ status, ending, lateByMs }: PastStall): string {
  if (ending === 'recovered') return ''
  const word = status === 'undelivered' && ending === 'completed' ? 'delivered' : ending
  return `, then ${word}${lateByMs === null ? '' : ` ${formatDuration(lateByMs)} late`}`
}
