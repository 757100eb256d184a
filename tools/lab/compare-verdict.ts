/** Whether a run has come to a verdict, and whether it is the expected one. Pure. */
import type { RunRow, Verdict } from '../../contract/runs.ts'
import { seconds, type Instant, type Millis } from '../../contract/units.ts'
import type { Expected } from './mode.ts'
import { PAGE_CHECKS, type Page } from './page-checks.ts'

type Progress = Pick<RunRow, 'status' | 'endedAt'> & { readonly delivery: Pick<RunRow['delivery'], 'outcome'> }

/** The parts of a run that are compared. */
export interface Judged extends Page, Pick<RunRow, 'status' | 'cause' | 'confidence' | 'step'> {
  readonly verdict: Pick<Verdict, 'evidence' | 'lateByMs'>
}

/** Longer than the lab's contract gives the end of a run to be confirmed. */
const CONFIRMED_AFTER_MS: Millis = seconds(8)

/** The run ended, or was flagged; an end counts when it is known whether it arrived. */
export function isDecided({ status, delivery, endedAt }: Progress, expected: Expected, now: Instant): boolean {
  switch (status) {
    case 'running':
    case 'slow':
    case 'waiting':
      return false
    case 'completed':
      return delivery.outcome === 'delivered' || now - Date.parse(endedAt ?? '') > CONFIRMED_AFTER_MS
    case 'stalled':
    case 'lost':
    case 'undelivered':
      return expected.isLate !== true
    case 'failed':
    case 'cancelled':
      return true
  }
}

/** @returns what differs from the expected verdict, one phrase each */
export function compareVerdict(run: Judged, expected: Expected): string[] {
  const { verdict, step } = run
  const problems: string[] = []
  const check = (what: string, found: string | null, wanted: string | null) => {
    if (found !== wanted) problems.push(`${what} ${found ?? 'none'}, not ${wanted ?? 'none'}`)
  }
  check('status', run.status, expected.status)
  check('phase', step?.phase ?? null, expected.phase)
  check('cause', run.cause, expected.cause)
  check('confidence', run.confidence, expected.confidence)
  const said = verdict.evidence.map(({ text }) => text).join('\n')
  const { file, says } = expected
  if (file !== undefined && step?.code?.file !== file && !said.includes(`${file}:`))
    problems.push(`${file} is not named`)
  if (says !== undefined && !says.test(said)) problems.push(`the evidence does not say ${says.source}`)
  const { page } = expected
  if (page !== undefined && !PAGE_CHECKS[page](run)) problems.push(`the page does not show ${page}`)
  if (expected.isLate && verdict.lateByMs === null) problems.push('it is not told that it was late')
  return problems
}
