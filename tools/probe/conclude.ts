import type { Progression } from '../../collector/progression.ts'
import { isKnown } from '../../collector/progression.ts'
import type { ChecklistItem, Verdict } from '../../contract/runs.ts'
import { OPEN_STATUSES, STANDING_STATUSES } from '../../contract/statuses.ts'
import { writeDuration } from '../read-duration.ts'
import { checkOrder } from './check-order.ts'
import type { SeenEvent } from './run-view.ts'

export interface Findings {
  /** Null when the run was never asked for. */
  readonly verdict: Verdict | null
  readonly checklist: readonly ChecklistItem[]
  readonly seen: readonly SeenEvent[]
  /** What ended the probe other than a verdict: no connection, a closed one, no patience left. */
  readonly trouble: string | null
  /** Events that must come beyond those the contract requires. */
  readonly expected: readonly string[]
}

/** Quoted when a run fails: a runtime often says why in a frame that its contract does not know. */
const ASIDES_MAX = 3

/** Everything that kept a run from going as its contract says, the decisive first; none: it went well. */
export function conclude(
  { verdict, checklist, seen, trouble, expected }: Findings,
  progression: Progression,
): string[] {
  const problems = [...(trouble === null ? [] : [trouble]), ...(verdict === null ? [] : saidBy(verdict, seen))]
  const missing = checklist.filter(({ event, state, count }) => {
    return state === 'skipped' || (count === 0 && expected.includes(event) && verdict?.status === 'completed')
  })
  problems.push(...missing.map(({ event }) => `${event} never came`), ...checkOrder(seen, progression))
  if (problems.length === 0) return []
  const asides = seen.filter(({ event, text }) => text !== null && !isKnown(progression, event))
  return [...problems, ...asides.slice(-ASIDES_MAX).map(({ event, text }) => `the runtime said ${event}: ${text}`)]
}

/** Whether the probe has nothing more to wait for: the run ended, missed a deadline, or waits for somebody. */
export function isDecided({ status }: Verdict): boolean {
  return !OPEN_STATUSES.has(status) || STANDING_STATUSES.has(status) || status === 'waiting'
}

function saidBy(verdict: Verdict, seen: readonly SeenEvent[]): string[] {
  const { status, cause, step, limit } = verdict
  const proof = verdict.evidence[0]?.text
  const because = proof === undefined ? '' : `: ${proof}`
  switch (status) {
    case 'stalled':
    case 'lost': {
      const where = step === null ? '' : ` in ${step.name === null ? step.phase : `${step.phase} › ${step.name}`}`
      const silence = limit === null ? '' : ` after ${writeDuration(limit.ms)} of silence (${limit.from})`
      return [`${status}${where}, ${cause ?? 'unknown'}${silence}${because}`]
    }
    case 'failed': {
      const said = seen.findLast(({ text }) => text !== null)
      return [
        `failed${cause === null ? '' : `, ${cause}`}${said === undefined ? because : `: ${said.event} says ${said.text}`}`,
      ]
    }
    case 'undelivered':
      return [`undelivered${because}`]
    case 'cancelled':
      return ['the run was cancelled']
    case 'waiting':
      return ['the run waits for somebody, and a probe answers nobody: ask for something that needs no approval']
    case 'completed':
    case 'running':
    case 'slow':
      return []
  }
}
