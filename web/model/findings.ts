/** Findings on the board: one line stands for the runs it explains. */
import type { FailingFinding, Finding } from '../../contract/findings.ts'
import type { RunRow } from '../../contract/runs.ts'
import { fromIso, minutes, type Instant } from '../../contract/units.ts'
import { count, formatCount, formatLength, formatSecond } from './format.ts'

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

/**
 * The runs a finding explains, and of connections that fail those whose users were not reached meanwhile, perhaps because
 * they could not come back. Those that began last first.
 */
export function rowsUnder(rows: Iterable<RunRow>, finding: Finding): RunRow[] {
  return [...rows]
    .filter((row) => (finding.kind === 'source-silent' ? row.explainedBy === finding.id : isCutOff(row, finding)))
    .sort((a, b) => (a.startedAt < b.startedAt ? 1 : a.startedAt > b.startedAt ? -1 : a.id < b.id ? -1 : 1))
}

function isCutOff({ status, service, environment, endedAt }: RunRow, finding: FailingFinding): boolean {
  const isOfService = service === finding.service && environment === finding.environment
  return status === 'undelivered' && isOfService && (endedAt ?? '') >= finding.since
}

/** `p-7 (service checkout) has sent nothing since 10:02:14; 500 open runs explained by it`. */
export function writeFinding(finding: Finding, now: Instant): string {
  if (finding.kind === 'connections-failing') return writeFailing(finding, now)
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

/** `connections to checkout in staging are refused with 4401: 500 since 10:02:14`. */
function writeFailing({ state, name, trouble, connections, since, endedAt }: FailingFinding, now: Instant): string {
  const until = formatSecond(fromIso(endedAt ?? since), now)
  const failed = formatCount(connections)
  if (state === 'open') return `${name} ${trouble}: ${failed} since ${until}`
  return state === 'recovered'
    ? `${name} become ready again, after ${failed} that failed`
    : `nobody tries any more: ${failed} ${name} failed until ${until}`
}
