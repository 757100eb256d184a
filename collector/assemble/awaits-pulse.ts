import { fromIso } from '../../contract/units.ts'
import { hasMissedPulse, type InstanceFacts } from '../run.ts'
import type { BookRun } from './book-state.ts'

/**
 * Whether the next pulse decides between the two explanations of a verdict: one was missing when its deadline passed.
 * Such runs are few, stay in memory until then, and are judged again by any pulse.
 */
export function awaitsPulse(run: BookRun | undefined, instance: InstanceFacts | null): boolean {
  const verdict = run?.judged?.verdict
  if (verdict === undefined || verdict.otherwise === null || instance === null) return false
  // Of a process that counts as gone any pulse brings back all runs.
  if (verdict.status === 'lost') return false
  return hasMissedPulse(instance, fromIso(verdict.since))
}
