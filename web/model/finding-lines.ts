/** What stands in the line of a finding, and under it. */
import type { FailingFinding, Finding } from '../../contract/findings.ts'
import type { RunRow } from '../../contract/runs.ts'
import { fromIso, type Instant } from '../../contract/units.ts'
import { writeSilence } from './findings.ts'
import { count, formatCount, formatSecond } from './format.ts'

export function writeLine(finding: Finding, now: Instant): string {
  return finding.kind === 'source-silent' ? writeSilence(finding, now) : writeFailing(finding, now)
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

/** `The server says: “the token has expired”. At checkout-1. 12 others were open.` */
export function writeCircumstances({ closeReason, instances, openConnections }: FailingFinding): string {
  const said = closeReason ? `The server says: “${closeReason}”. ` : ''
  const where = instances.length === 0 ? '' : `At ${instances.join(', ')}. `
  return `${said}${where}${count(openConnections, 'connection')} of the service stood open when it began.`
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
