/**
 * The run that people send to see what a stall looks like (`observe/start-test-run.ts`). Like the canary it comes through
 * the door and is judged and stored like any other, and is in no count, message, trend or list; unlike it, the live board
 * shows it.
 */
import { TEST_RUN_SERVICE } from '../contract/setup.ts'
import type { RunRow } from '../contract/runs.ts'
import type { TraceId } from '../contract/ids.ts'
import { fromIso, minutes, seconds, type Instant } from '../contract/units.ts'
import { CANARY, isCanary } from './canary-run.ts'

export const TEST_RUN = {
  service: TEST_RUN_SERVICE,
  agent: 'test-agent',
  /** `assess/contracts/laststep.test-run.yaml`, with the one budget below. */
  contract: 'laststep.test-run',
  tool: 'search_orders',
  stalledAfterMs: seconds(5),
  /** Time to look at it from all sides. */
  endsAfterMs: minutes(5),
} as const

export function isTestRun({ service }: Pick<RunRow, 'service'>): boolean {
  return service === TEST_RUN.service
}

/** Test runs that a process before this one began and did not live to end. */
export function openTestRunsOf(runs: Iterable<{ readonly row: RunRow }>): { traceId: TraceId; startedAt: Instant }[] {
  return [...runs].flatMap(({ row: { service, traceId, startedAt, endedAt } }) =>
    isTestRun({ service }) && traceId !== null && endedAt === null ? [{ traceId, startedAt: fromIso(startedAt) }] : [],
  )
}

/** Runs of Laststep's own making: people look after theirs. */
export const OWN_RUNS = [CANARY, TEST_RUN] as const

export function isOwnRun(row: Pick<RunRow, 'service'>): boolean {
  return isCanary(row) || isTestRun(row)
}
