/** Why the verdict says what it says: each line quotes a record, and opens it. */
import type { RunDetail } from '../../contract/runs.ts'
import { localiseTimes } from '../model/format.ts'
import { writeOtherwise } from '../model/sentence.ts'
import { CONFIDENCE_WORDS } from '../model/words.ts'
import type { RunSelection } from '../paths.ts'
import { selectionOf } from '../read-address.ts'
import { AdviceOn } from './advice.tsx'
import { useScreen } from './screen.ts'

interface EvidenceProps {
  readonly run: RunDetail
  readonly selection: RunSelection
  readonly select: (selection: Partial<RunSelection>) => void
}

export function EvidenceList({ run, selection, select }: EvidenceProps) {
  const { live } = useScreen()
  const { evidence, confidence, cause, otherwise } = run.verdict
  const lines = [...evidence, ...run.patterns]
  return (
    <section class="card">
      <header>
        <h2>Evidence</h2>
        <span class="hint">
          {confidence}: {CONFIDENCE_WORDS[confidence]}
        </span>
      </header>
      {lines.length === 0 ? (
        <p class="empty">{cause === null ? 'Nothing speaks against this run.' : 'No record to quote.'}</p>
      ) : (
        <ol class="evidence">
          {lines.map(({ text, ref }, index) => {
            const target = ref === null ? null : selectionOf(ref, run.logs)
            const words = localiseTimes(text, live.now())
            return (
              <li key={index} title={text}>
                {target === null ? (
                  words
                ) : (
                  <button
                    type="button"
                    class="link"
                    aria-pressed={isSelected(target, selection)}
                    onClick={() => select(target)}
                  >
                    {words}
                  </button>
                )}
              </li>
            )
          })}
        </ol>
      )}
      {otherwise !== null && (
        <dl class="otherwise">
          <dt>Or else</dt>
          <dd>{localiseTimes(writeOtherwise(otherwise), live.now())}</dd>
          <dt>What decides</dt>
          <dd>{localiseTimes(otherwise.decidedBy, live.now())}</dd>
        </dl>
      )}
      <AdviceOn run={run} />
      <p class="foot hint">
        Judged by contract {run.contract.name} <span class="mono">{run.contract.hash.slice(0, 12)}</span>
      </p>
    </section>
  )
}

function isSelected(target: Partial<RunSelection>, selection: RunSelection): boolean {
  return Object.entries(target).every(([kind, value]) => selection[kind as keyof RunSelection] === value)
}
