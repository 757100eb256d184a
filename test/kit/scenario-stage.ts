/** The stage of a scenario: sentences in, signals out. */
import type { Instant } from '../../contract/units.ts'
import type { Signal } from '../../collector/signal.ts'
import { cutAttributes } from './scenario-attributes.ts'
import { CROWD, openCast, type CrowdKind } from './scenario-cast.ts'
import { sentencesOf } from './scenario-sentences.ts'

export interface Stage {
  /** @returns false when the sentence is not known. */
  act(sentence: string, at: Instant): boolean
  /** Let what is due up to and including `until` happen: the pulses of each process, the ends of crowds. */
  runPulses(until: Instant): void
  labelOf(runId: string): string
  /** One of a crowd: what happens to it need not be foretold. */
  crowdOf(runId: string): CrowdKind | null
}

export function openStage(heard: (signals: readonly Signal[], at: Instant) => void): Stage {
  const cast = openCast(heard)
  const sentences = sentencesOf(cast)
  return {
    act(sentence, at) {
      const { said, attributes } = cutAttributes(sentence)
      cast.give(attributes)
      for (const [form, happen] of sentences) {
        const [, who, ...rest] = form.exec(said) ?? []
        if (who === undefined) continue
        happen(at, who, ...rest)
        return true
      }
      return false
    },
    runPulses: cast.goOn,
    labelOf: cast.labelOf,
    crowdOf(runId) {
      const label = cast.labelOf(runId)
      return label.startsWith(CROWD.late) ? 'late' : label.startsWith(CROWD['on time']) ? 'on time' : null
    },
  }
}
