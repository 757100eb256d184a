/** Findings on the board: one line stands for the runs it explains. */
import type { Finding, SilentFinding } from '../../contract/findings.ts'
import type { RunRow } from '../../contract/runs.ts'
import { fromIso, minutes, type Instant } from '../../contract/units.ts'
import { count, formatLength, formatSecond } from './format.ts'

/** A finding that ended keeps its line this long, so that one sees how it ended. */
const FAREWELL_MS = minutes(1)

/** The open ones, and those that ended a moment ago. */
export function shownFindings(findings: readonly Finding[], now: Instant): Finding[] {
  return findings.filter(({ endedAt }) => endedAt === null || now - fromIso(endedAt) < FAREWELL_MS)
}

/** Runs that have a line of their own: no finding that is shown explains them. */
export function unexplainedRows(rows: Iterable<RunRow>, shown: readonly Finding[]): RunRow[] {
  const ids = new Set(shown.map(({ id }) => id))
  return [...rows].filter(({ explainedBy }) => explainedBy === null || !ids.has(explainedBy))
}

/** `p-7 (service checkout) has sent nothing since 10:02:14; 500 open runs explained by it`. */
export function writeSilence(finding: SilentFinding, now: Instant): string {
  const { state, name, sourcesTotal, lastHeardAt, endedAt, openRuns } = finding
  const isOne = sourcesTotal === 1
  switch (state) {
    case 'open':
      return (
        `${name} ${isOne ? 'has' : 'have'} sent nothing since ${formatSecond(fromIso(lastHeardAt), now)}; ` +
        `${count(openRuns, 'open run')} explained by it`
      )
    case 'recovered': {
      const silence = fromIso(endedAt ?? lastHeardAt) - fromIso(lastHeardAt)
      return `${name} ${isOne ? 'speaks' : 'speak'} again, after ${formatLength(silence)} of silence`
    }
    case 'over':
      return `${name} never spoke again; none of ${isOne ? 'its' : 'their'} runs is open any more`
  }
}
