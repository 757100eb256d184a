import { BOARD_WINDOW_MS } from '../contract/live.ts'
import type { RunRow } from '../contract/runs.ts'
import { OPEN_STATUSES } from '../contract/statuses.ts'
import { fromIso, type Instant } from '../contract/units.ts'
import { isCanary } from './canary-run.ts'
import type { JudgedRun } from './judgement.ts'
import type { FindingFacts } from './finding.ts'

/** What the live board begins with: open runs, and those that ended within its window. */
export function* liveRows(runs: Iterable<JudgedRun>, now: Instant): Generator<RunRow> {
  for (const { row } of runs) {
    if (isCanary(row)) continue
    const isRecent = row.endedAt === null || fromIso(row.endedAt) > now - BOARD_WINDOW_MS
    if (OPEN_STATUSES.has(row.status) || isRecent) yield row
  }
}

/** The open ones first, then those that ended, the latest first. */
export function newestFindings(findings: Iterable<FindingFacts>): FindingFacts[] {
  return [...findings].sort((a, b) => (b.endedAt ?? Infinity) - (a.endedAt ?? Infinity) || b.since - a.since)
}

/** What the live board shows: open findings, and those that ended within its window. */
export function liveFindings(findings: Iterable<FindingFacts>, now: Instant): FindingFacts[] {
  const isLive = ({ endedAt }: FindingFacts): boolean => endedAt === null || endedAt > now - BOARD_WINDOW_MS
  return newestFindings(findings).filter(isLive).slice(0, LIVE_FINDINGS_MAX)
}

/** Each frame of the live feed has them; one stands for any number of sources. */
const LIVE_FINDINGS_MAX = 20
