import type { ChecklistItem } from '../contract/runs.ts'
import { phaseTimesOf } from './phase-times.ts'
import { processView } from './process-view.ts'
import type { Progression } from './progression.ts'
import type { JudgedRun } from './judgement.ts'
import type { InstanceFacts } from './run.ts'
import type { StoredRun } from './stored-run.ts'

/**
 * A judged run as the history keeps it.
 * @param progression what judged it
 * @param instance its process as it is now; null when nothing is known of it
 */
export function storeRun(
  { facts, row, verdict }: JudgedRun,
  progression: Progression,
  checklist: readonly ChecklistItem[],
  instance: InstanceFacts | null,
): StoredRun {
  return {
    row,
    otherIds: facts.otherIds,
    spanId: facts.spanId,
    verdict,
    pastStalls: facts.pastStalls,
    outcome: facts.outcome,
    checklist,
    process: processView(instance),
    contract: { name: progression.name, hash: progression.hash },
    reached: phaseTimesOf(facts, progression),
  }
}
