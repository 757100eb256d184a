import type { Contracts } from '../../contracts.ts'
import { learnedRuleOf } from '../../progression.ts'
import type { BookRun, BookState } from '../book-state.ts'

/**
 * Note on open steps whose silence began anew what is known of such steps. It stays so until they go on: what others
 * teach in the meantime neither flags a step nor takes its flag away.
 * @param isOther the run has got another agent: what was noted is of the one it seemed to be
 */
export function lookUpLearned(
  state: BookState,
  { facts, homes }: BookRun,
  contracts: Contracts,
  isOther: boolean,
): void {
  for (const { members } of homes)
    for (const span of members) {
      const { phase, stepName, endedAt } = span
      if (!(span.asksLearned || isOther) || endedAt !== null || phase === null) continue
      const rule = learnedRuleOf(contracts.of(facts.contract), facts.agent)
      span.asksLearned = false
      span.learned =
        rule === 'off' ? null : state.lessons.timesOf({ agent: facts.agent, phase, name: stepName }, rule.samplesMin)
    }
}
